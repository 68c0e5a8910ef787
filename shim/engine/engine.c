/* The steps of a call: a machine of phases, none of which waits. It owns no
 * lock and no thread-local state, so a host may leave it by longjmp or fork in
 * it.
 *
 *   TRANSFER -> ENDED -> HAND_OVER -> OVER
 *                     -> WAIT -> READY -> TRANSFER
 */
#include "engine/engine.h"

#include "engine/account.h"
#include "engine/attempt.h"
#include "engine/callbacks.h"
#include "engine/connection.h"
#include "engine/cost.h"
#include "engine/coverage.h"
#include "engine/ending.h"
#include "engine/facts.h"
#include "engine/fault.h"
#include "engine/gate.h"
#include "engine/method.h"
#include "engine/options.h"
#include "engine/outlet.h"
#include "engine/report.h"
#include "engine/siblings.h"
#include "engine/waiting.h"
#include "host/trace.h"

#define SLICE_MS 100  /* between two calls of the progress callback */
#define PAUSE_MS 1000 /* between two looks at a paused hand-over */

struct call *engine_begin(struct handle *handle, const struct policy *policy,
                          struct siblings *siblings) {
  enum url_scheme scheme =
      policy ? coverage_scheme(handle, policy) : URL_OTHER;
  struct call *call =
      scheme != URL_OTHER ? call_renew(handle, policy, callbacks_ours) : NULL;

  if (!call)
    return NULL;
  siblings_join(siblings, call);
  call->scheme = scheme;
  call->phase = PHASE_TRANSFER;
  call->began_at = clock_now_ms();
  options_install(call, request_begin(&call->request, &handle->shadow,
                                      handle->curl, policy));
  if (!library_has_prerequest(handle->library))
    method_guess(call);
  attempt_begin(call);
  options_bound_connect(call);
  report_begin(call);
  if (policy->faults.count)
    fault_first(call);
  return call;
}

/* --- the program gets an outcome -------------------------------------------
 */

/* The call is over with this code. */
static void finish(struct call *call, CURLcode code, const char *text) {
  call->now->code = code;
  if (text && text[0])
    call_set_error(call, text);
  call->phase = PHASE_OVER;
}

static void hand_over(struct call *call, enum phase after) {
  call->phase = PHASE_HAND_OVER;
  call->phase_after = after;
}

/* What was kept is what the program gets. */
static void deliver_kept(struct call *call) {
  ending_restore(call);
  hand_over(call, PHASE_OVER);
}

/* The program gets the attempt at hand, or what that doesn't replace. */
static void deliver(struct call *call) {
  if (call->now->cause != BY_PROGRAM && ending_leaves_kept(call))
    deliver_kept(call);
  else if (call->resume.is_resuming ||
           call->now->response.state == RESPONSE_COMMITTED)
    call->phase = PHASE_OVER;
  else
    hand_over(call, PHASE_OVER);
}

static void give_up(struct call *call, enum verdict_reason reason) {
  call->verdict.reason = reason;
  report_verdict(call);
  deliver(call);
}

/* A program that paused a broken body may never come back for the rest. */
static bool is_pause_over(const struct call *call, int64_t now) {
  return call_is_out_of_time(call, now) ||
         (call->now->code != CURLE_OK &&
          call->policy->max_time_ms != POLICY_UNLIMITED &&
          call_idle_ms(call, now) >= call->policy->max_time_ms);
}

/* True: the program still pauses; come back later. */
static bool is_paused(struct call *call, int64_t now) {
  CURLcode code = call->now->code;

  if (call->sink.refusal.code != CURLE_OK) {
    finish(call, call->sink.refusal.code, NULL);
  } else if (!waiting_tell_progress(call)) {
    finish(call, CURLE_ABORTED_BY_CALLBACK, "Callback aborted");
  } else if (!atomic_load(&call->sink.is_paused)) {
    return false;
  } else if (is_pause_over(call, now)) {
    /* what broke a committed body stays its failure */
    if (code == CURLE_OK || call->phase_after == PHASE_OVER)
      code = CURLE_OPERATION_TIMEDOUT;
    finish(call, code, "Operation timed out while paused");
  } else {
    return true;
  }
  return false;
}

/* PHASE_HAND_OVER. True: the program paused; come back later. */
static bool next_hand_over(struct call *call, int64_t now) {
  const struct refusal *refusal = &call->sink.refusal;

  if (refusal->code == CURLE_WRITE_ERROR) {
    finish(call, CURLE_WRITE_ERROR, NULL);
    return false;
  }
  switch (outlet_hand_over(call)) {
  case DELIVERED:
    call->phase = call->phase_after;
    return false;
  case DELIVERY_REFUSED:
    finish(call, refusal->code, refusal->text);
    return false;
  default:
    return is_paused(call, now);
  }
}

/* --- an attempt ended ------------------------------------------------------
 */

/* Ask the policy. */
static void judge(struct call *call) {
  cost_begin_anew(call);
  call->verdict = facts_judge(call, call->now->code);
  if (call->verdict.reason == VERDICT_RETRY &&
      call->now->response.state == RESPONSE_COMMITTED &&
      !resume_is_possible(&call->resume))
    call->verdict.reason = VERDICT_COMMITTED;
}

/* What was judged is to be retried. */
static void retry(struct call *call, int64_t now) {
  int64_t delay = call->verdict.delay_ms;

  connection_failed(call);
  call->answered |= call->now->hop.answered;
  if (!request_rewind(&call->request)) {
    give_up(call, VERDICT_NO_REWIND);
  } else if (call->verdict.is_at_once) {
    call->was_repeated = true;
    call->phase = PHASE_READY;
  } else if (!cost_pay(call)) {
    give_up(call, VERDICT_BUDGET);
  } else {
    report_verdict(call);
    call->due_at = delay > INT64_MAX - now ? INT64_MAX : now + delay;
    call->phase = PHASE_WAIT;
  }
}

/* Whether what a pause left of a committed response is to be handed over
 * before anything else. Not for a paused program whose transfer failed: that
 * ends it at once, as without us, unless it is a failure to go on after. */
static bool has_rest(struct call *call) {
  const struct attempt *now = call->now;

  return now->response.state == RESPONSE_COMMITTED &&
         !call_holds_nothing(call) && now->cause != BY_PROGRAM &&
         (now->code == CURLE_OK || !atomic_load(&call->sink.is_paused) ||
          facts_judge(call, now->code).reason == VERDICT_RETRY);
}

/* The attempt's answer isn't the rest of the body: the next one may meet the
 * first version again. */
static void next_mismatch(struct call *call, int64_t now, const char *why) {
  bool has_chance;

  cost_begin_anew(call);
  has_chance = resume_rejects(&call->resume, why);
  if (has_chance)
    judge(call);
  if (has_chance && call->verdict.reason == VERDICT_RETRY) {
    retry(call, now);
    return;
  }
  if (has_chance && call->verdict.reason != VERDICT_FINAL)
    report_verdict(call);
  else
    report_mismatch(call);
  deliver_kept(call);
}

static void settle(struct call *call, int64_t now) {
  bool was_judged = call->verdict.reason != VERDICT_SUCCESS;
  bool lacks_socket = call->now->lacks_socket;
  enum ending ending;

  ending = ending_now(call);
  if (ending == ENDING_JUDGE) {
    judge(call);
    ending =
        call->verdict.reason == VERDICT_RETRY ? ENDING_RETRY : ENDING_DELIVER;
    if (call->resume.is_resuming && call->verdict.reason == VERDICT_FINAL &&
        ending_is_other_answer(call->now->code)) {
      next_mismatch(call, now, "the rest is refused");
      return;
    }
  }
  switch (ending) {
  case ENDING_KEPT:
    deliver_kept(call);
    call->verdict = facts_judge(call, call->now->code);
    call->verdict.reason = lacks_socket ? VERDICT_SOCKET : VERDICT_NO_REWIND;
    report_verdict(call);
    break;
  case ENDING_MISMATCH:
    next_mismatch(call, now, "the repeated response is shorter");
    break;
  case ENDING_RETRY:
    if (!call->policy->dry_run) {
      retry(call, now);
      break;
    }
    /* fall through */
  default:
    if (!was_judged)
      report_verdict(call);
    deliver(call);
    break;
  }
}

/* The same, with what the trace tells of the attempt: the handle says it until
 * the next one. */
__attribute__((noinline)) static void settle_traced(struct call *call,
                                                    int64_t now) {
  struct attempt_event event;

  account_take(call, &event);
  settle(call, now);
  report_attempt(call, &event);
}

/* PHASE_ENDED */
static void next_ended(struct call *call, int64_t now) {
  if (has_rest(call))
    hand_over(call, PHASE_ENDED);
  else if (trace_is_on(call->policy))
    settle_traced(call, now);
  else
    settle(call, now);
}

/* The retry that was paid for isn't made. */
static void stop_waiting(struct call *call, int64_t now,
                         enum verdict_reason reason) {
  waiting_note(call, now);
  cost_refund(call);
  give_up(call, reason);
}

/* PHASE_WAIT. True: come back later. */
static bool next_wait(struct call *call, int64_t now) {
  enum verdict_reason reason = waiting_sit(call, now);

  if (reason == VERDICT_SUCCESS)
    return true;
  if (reason == VERDICT_RETRY && !call->is_delayed) {
    reason = waiting_judge_again(call);
    if (reason == VERDICT_RETRY) {
      waiting_note(call, now);
      call->retries++;
      call->was_repeated = false;
    }
  }
  if (reason != VERDICT_RETRY)
    stop_waiting(call, now, reason);
  else
    call->phase = PHASE_READY;
  return false;
}

/* PHASE_READY */
static void next_ready(struct call *call, int64_t now) {
  bool is_fresh = call->verdict.is_fresh && connection_may_be_left(call);
  bool is_resume = call->now->response.state == RESPONSE_COMMITTED ||
                   call->resume.is_resuming;

  if (fault_is_possible(call) && fault_holds(call, now))
    return;
  if (!ending_keep(call)) {
    if (!call->verdict.is_at_once)
      cost_refund(call);
    give_up(call, VERDICT_NO_MEMORY);
    return;
  }
  if (is_resume)
    resume_prepare(&call->resume);
  options_override(call, is_fresh, now);
  attempt_begin(call);
  options_bound_connect(call);
  call->phase = PHASE_TRANSFER;
  if (fault_is_possible(call))
    fault_begin(call);
}

/* When to come back from a wait: the progress callback is called at least
 * every SLICE_MS where there is one. */
static int64_t tick_at(const struct call *call, int64_t now) {
  int64_t slice = now + SLICE_MS;

  bool has_progress = callback_wants_progress(&call->handle->shadow);

  if (call->phase == PHASE_HAND_OVER) /* siblings' driver sees it end */
    return call->siblings && !has_progress ? now + PAUSE_MS : slice;
  return has_progress && slice < call->due_at ? slice : call->due_at;
}

struct next engine_next(struct call *call, int64_t now) {
  bool waits = false;

  while (!waits) {
    switch (call->phase) {
    case PHASE_TRANSFER:
      return (struct next){NEXT_PERFORM, now};
    case PHASE_ENDED:
      next_ended(call, now);
      break;
    case PHASE_HAND_OVER:
      waits = next_hand_over(call, now);
      break;
    case PHASE_WAIT:
      waits = next_wait(call, now);
      break;
    case PHASE_READY:
      next_ready(call, now);
      break;
    default:
      return (struct next){NEXT_END, now};
    }
  }
  return (struct next){NEXT_WAIT, tick_at(call, now)};
}

void engine_performed(struct call *call, CURLcode code) {
  if (fault_is_possible(call) && fault_performed(call))
    return;
  if (!call->is_alive && call->now->number == 1)
    attempt_revive(call); /* it failed before any other sign */
  ending_set_code(call, code);
  call->phase = PHASE_ENDED;
}

/* --- the end ---------------------------------------------------------------
 */

CURLcode engine_end(struct call *call) {
  CURLcode code = call->now->code;

  call->handle->answers.is_rescued =
      code == CURLE_OK && call->attempts_made > 1;
  options_restore(call);
  if (cost_is_owed(call) && facts_has_succeeded(call))
    cost_give_back(call);
  report_end(call);
  siblings_leave(call);
  call_clear(call);
  return code;
}

void engine_abandon(struct call *call) {
  call->handle->answers.view = NULL;
  if (fault_is_possible(call))
    fault_end(call);
  options_restore(call);
  if (call->phase == PHASE_WAIT)
    waiting_note(call, clock_now_ms());
  report_abandon(call);
  siblings_leave(call);
  call_clear(call);
}
