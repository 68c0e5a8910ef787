/* The attempt engine. Steps: begin, attempt-done, prepare-retry, end; the
 * blocking loop in call_perform() is their driver. It owns no lock and no
 * thread-local state, so a host may leave it by longjmp or fork in it. */
#define _GNU_SOURCE
#include "engine/call.h"

#include "engine/attempt.h"
#include "engine/coverage.h"
#include "engine/ending.h"
#include "engine/outcome.h"
#include "engine/report.h"
#include "engine/wait.h"
#include "host/runtime.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum step { STEP_END, STEP_RETRY };

void call_free(struct call *call) {
  if (!call)
    return;
  response_free(&call->response);
  response_free(&call->kept);
  request_free(&call->request);
  resume_free(&call->resume);
  info_free(call->past);
  info_free(call->first);
  free(call);
}

static struct call *call_of(struct handle *handle) {
  struct call *call = handle->call;

  if (call)
    return call;
  call = calloc(1, sizeof(*call));
  if (!call)
    return NULL;
  call->handle = handle;
  call->library = handle->library;
  call->curl = handle->curl;
  response_init(&call->response, runtime_folder());
  response_init(&call->kept, runtime_folder());
  request_init(&call->request, runtime_folder());
  handle->call = call;
  return call;
}

bool call_answers(const struct handle *handle, CURLINFO id, void *answer) {
  const struct call *call = handle->call;

  if (handle->is_in_call && call->view &&
      info_view_answer(call->view, id, answer))
    return true;
  if ((handle->is_in_call ? call->resume.was_resumed
                          : handle->has_resumed_info) &&
      info_first_answer(call->first, id, call->resume.delivered, answer))
    return true;
  return handle->has_past_info && info_answer(call->past, id, answer);
}

struct headers *call_headers(const struct handle *handle) {
  const struct call *call = handle->call;
  struct info *info = NULL;

  if (handle->is_in_call ? call->resume.was_resumed : handle->has_resumed_info)
    info = call->first;
  else if (handle->has_past_info)
    info = call->past;
  return info && info->headers.copies ? &info->headers : NULL;
}

bool call_is_nested(const struct handle *handle, const void *frame) {
  const struct call *call = handle->call;

  return handle->is_in_call && call && call->thread == pthread_self() &&
         (uintptr_t)frame < (uintptr_t)call->frame;
}

CURLcode call_pause(struct call *call, int action) {
  CURLcode code;

  atomic_store(&call->is_receive_paused, (action & CURLPAUSE_RECV) != 0);
  /* libcurl has no connection then: nothing it could pause */
  if (call->phase == PHASE_HAND_OVER || call->phase == PHASE_WAIT)
    return CURLE_OK;
  call->request.is_paused = (action & CURLPAUSE_SEND) != 0;
  code = call->library->easy_pause(call->curl, action);
  /* what our journal still has goes first; libcurl may have nothing to
     deliver that would bring us there */
  if (!code && !call->is_receive_paused && call->phase == PHASE_TRANSFER &&
      call->response.state == RESPONSE_COMMITTED &&
      !call->response.is_delivering)
    code = response_flush(call, NULL);
  return code;
}

/* Step 1: take the call over. NULL: pass it through. */
static struct call *call_begin(struct handle *handle,
                               const struct policy *policy,
                               const void *frame) {
  enum url_scheme scheme = coverage_scheme(handle, policy);
  struct call *call = scheme != URL_OTHER ? call_of(handle) : NULL;

  if (!call)
    return NULL;
  call->policy = policy;
  call->scheme = scheme;
  call->frame = frame;
  call->thread = pthread_self();
  call->phase = PHASE_TRANSFER;
  call->began_at = runtime_now_ms();
  call->delivered_at = 0;
  call->attempt = 0;
  call->retries = 0;
  call->spent = 0;
  call->origin = 0;
  call->has_given_up = false;
  call->is_abandoned = false;
  atomic_store(&call->is_receive_paused, false);
  call->has_overrides = false;
  call->is_bounded = false;
  call->method[0] = 0;
  memset(call->progress, 0, sizeof(call->progress));
  call->has_kept = false;
  call->attempt_header.data = NULL;
  resume_begin(&call->resume);
  handle->is_in_call = true;
  attempt_install(call);
  return call;
}

bool call_judge(struct call *call, CURLcode code, struct verdict *verdict) {
  struct outcome outcome;

  outcome_collect(call, code, &outcome);
  *verdict = policy_judge(call->policy, &outcome);
  if (call->is_abandoned && verdict->reason == VERDICT_RETRY)
    verdict->reason = VERDICT_REFUSED;
  return verdict->reason == VERDICT_RETRY;
}

/* Whether a retry failed on a connection that was dead already: it says
 * nothing about the server and is repeated at once, uncounted. */
static bool was_dead_connection(struct call *call,
                                const struct verdict *verdict) {
  long connects = 1;

  if (call->attempt < 2 || verdict->status || call->hop.has_header ||
      verdict->class != CLASS_RESET)
    return false;
  if (verdict->reason != VERDICT_RETRY &&
      verdict->reason != VERDICT_EXHAUSTED &&
      verdict->reason != VERDICT_BUDGET)
    return false;
  (void)call->library->easy_getinfo(call->curl, CURLINFO_NUM_CONNECTS,
                                    &connects);
  return connects == 0;
}

/* Step 2: an attempt ended. STEP_RETRY with the verdict, or STEP_END with
 * the program's code in call->code and everything delivered. */
static enum step attempt_done(struct call *call, CURLcode code,
                              struct verdict *verdict) {
  bool is_resuming = call->resume.is_resuming;
  bool is_committed = call->response.state == RESPONSE_COMMITTED;

  ending_settle(call, code);
  if (call->has_kept && call->code == CURLE_SEND_FAIL_REWIND &&
      call->refusal == CURLE_OK) {
    ending_deliver_kept(call);
    return STEP_END;
  }
  if (is_committed && !ending_deliver_rest(call))
    return STEP_END;
  if (is_committed && call->resume.was_resumed && call->refusal == CURLE_OK &&
      (call->stop == STOP_MISMATCH ||
       (call->code == CURLE_OK && resume_is_short(call)))) {
    if (!call->resume.mismatch)
      call->resume.mismatch = "the continued body is shorter";
    report_mismatch(call);
    ending_fail_resume(call);
    return STEP_END;
  }
  if (is_committed && call->code == CURLE_OK)
    return STEP_END;
  if (is_resuming && call->response.state == RESPONSE_RESUMING &&
      (call->code == CURLE_OK || call->stop == STOP_MISMATCH)) {
    report_mismatch(call);
    ending_fail_resume(call);
    return STEP_END;
  }
  if (call_judge(call, call->code, verdict)) {
    if (!is_committed || resume_is_possible(call))
      return STEP_RETRY;
    verdict->reason = VERDICT_COMMITTED;
  }
  if (!is_committed && was_dead_connection(call, verdict)) {
    verdict->reason = VERDICT_RETRY;
    return STEP_RETRY;
  }
  report_giving_up(call, verdict);
  ending_deliver(call);
  return STEP_END;
}

/* The budget pays, or the outcome goes to the program. */
static bool pay(struct call *call, struct verdict *verdict) {
  if (!call->policy->budget)
    return true;
  if (!budget_take(runtime_budgets(), outcome_origin(call), verdict->cost,
                   call->policy->budget)) {
    verdict->reason = VERDICT_BUDGET;
    return false;
  }
  call->spent += verdict->cost;
  return true;
}

/* Whether the retry still makes sense now that its wait is over. */
static bool still_fits(struct call *call, struct verdict *verdict) {
  struct verdict again;
  struct outcome outcome;

  outcome_collect(call, call->code, &outcome);
  outcome.retry_after_ms = 0;
  outcome.tokens = verdict->cost; /* paid already */
  outcome.random = 0;
  again = policy_judge(call->policy, &outcome);
  if (again.reason == VERDICT_RETRY)
    return true;
  /* the next delay is not waited now: only what has passed counts */
  if (again.reason == VERDICT_MAX_TIME &&
      outcome.idle_ms < call->policy->max_time_ms)
    return true;
  if (again.reason == VERDICT_DEADLINE && outcome.time_left_ms > 0)
    return true;
  *verdict = again;
  return false;
}

static bool wants_fresh(const struct call *call,
                        const struct verdict *verdict) {
  if (call->policy->fresh_connect == FRESH_ALWAYS)
    return true;
  return !verdict->status || call->retries > 1;
}

/* Wait for a retry that costs: budget, log line, delay. False, with the
 * reason in `verdict` or the code of the program's refusal in call->code. */
static bool wait_for_retry(struct call *call, struct verdict *verdict) {
  CURLcode waited;

  if (!pay(call, verdict))
    return false;
  report_retry(call, verdict);
  call->phase = PHASE_WAIT;
  waited = wait_delay(call, verdict->delay_ms);
  call->phase = PHASE_TRANSFER;
  if (waited) {
    call->code = waited;
    ending_set_error(call, "Callback aborted");
    verdict->reason = VERDICT_REFUSED;
    return false;
  }
  if (!still_fits(call, verdict))
    return false;
  call->retries++;
  return true;
}

/* Before anything is paid, said or waited for. */
static bool rewind_first(struct call *call, struct verdict *verdict) {
  if (request_rewind(call))
    return true;
  verdict->reason = VERDICT_NO_REWIND;
  return false;
}

/* Step 3: wait and make the next attempt possible. False: the program gets
 * the outcome at hand; its code is in call->code. */
static bool prepare_retry(struct call *call, struct verdict *verdict) {
  bool is_committed = call->response.state == RESPONSE_COMMITTED;
  bool is_free = !is_committed && was_dead_connection(call, verdict);
  bool is_resume = is_committed || call->resume.is_resuming;
  bool is_ready = false;

  if (call->policy->dry_run)
    report_retry(call, verdict);
  else
    is_ready = rewind_first(call, verdict) &&
               (is_free || wait_for_retry(call, verdict));
  if (!is_ready || !ending_keep(call)) {
    report_giving_up(call, verdict);
    if (!is_committed)
      ending_deliver(call);
    return false;
  }
  attempt_override(call, is_free || wants_fresh(call, verdict));
  if (is_resume)
    resume_prepare(call);
  return true;
}

/* Step 4: everything as the program left it. */
static CURLcode call_end(struct call *call) {
  struct budget_table *budgets = runtime_budgets();
  bool is_success = call->code == CURLE_OK && !call->has_given_up;

  attempt_restore(call);
  if (is_success && call->policy->budget &&
      atomic_load_explicit(&budgets->used, memory_order_relaxed))
    budget_give(budgets, outcome_origin(call), call->spent ? call->spent : 1);
  if (call->retries && is_success)
    report_success(call);
  response_clear(&call->response);
  response_clear(&call->kept);
  request_end(&call->request);
  call->phase = PHASE_NONE;
  call->handle->has_resumed_info = call->resume.was_resumed;
  call->handle->is_in_call = false;
  return call->code;
}

/* A call that was left by longjmp: the program's options are still ours. */
static void discard_stale(struct handle *handle) {
  struct call *call = handle->call;

  handle->is_in_call = false;
  if (!call)
    return;
  call->view = NULL;
  attempt_restore(call);
  response_clear(&call->response);
  response_clear(&call->kept);
  request_end(&call->request);
}

void call_release(struct handle *handle, const void *frame) {
  if (handle->is_in_call && !call_is_nested(handle, frame))
    discard_stale(handle);
}

/* A perform on the handle of a call, out of its own callback: libcurl refuses
 * it, so while it is not running we do. */
static CURLcode refuse_nested(const struct handle *handle) {
  if (handle->call->phase == PHASE_TRANSFER)
    return handle->library->easy_perform(handle->curl);
  return handle->library->version >= LIBRARY_GUARDED ? CURLE_RECURSIVE_API_CALL
                                                     : CURLE_FAILED_INIT;
}

/* The blocking driver. */
static CURLcode drive(struct call *call) {
  struct verdict verdict;
  int saved = errno;
  CURLcode code;

  do {
    attempt_begin(call);
    errno = saved;
    code = call->library->easy_perform(call->curl);
    saved = errno;
  } while (attempt_done(call, code, &verdict) == STEP_RETRY &&
           prepare_retry(call, &verdict));
  code = call_end(call);
  errno = saved;
  return code;
}

CURLcode call_perform(struct handle *handle, const void *frame) {
  const struct policy *policy = runtime_policy();
  struct call *call;

  if (policy && handle->is_in_call) {
    if (call_is_nested(handle, frame))
      return refuse_nested(handle);
    discard_stale(handle);
  }
  handle->has_past_info = false;
  handle->has_resumed_info = false;
  call = policy ? call_begin(handle, policy, frame) : NULL;
  return call ? drive(call) : handle->library->easy_perform(handle->curl);
}
