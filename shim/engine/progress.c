/* CURLOPT_XFERINFOFUNCTION(3): called often while data moves, about once a
 * second when idle. That is when HOLD_TIME, the drain's bound and
 * STALL_TIMEOUT are looked at. */
#include "engine/progress.h"

#include "host/runtime.h"

#include <string.h>

bool progress_is_wanted(const struct call *call) {
  const struct held_options *held = &call->handle->shadow.held;

  return !held->no_progress && (held->xferinfo || held->progress);
}

/* libcurl prefers XFERINFOFUNCTION where both are set. */
static int call_program(struct call *call) {
  const struct held_options *held = &call->handle->shadow.held;
  const curl_off_t *at = call->progress;
  int answer;

  if (!progress_is_wanted(call))
    return 0;
  if (held->xferinfo)
    answer = held->xferinfo(held->progress_data, at[0], at[1], at[2], at[3]);
  else
    answer = held->progress(held->progress_data, (double)at[0], (double)at[1],
                            (double)at[2], (double)at[3]);
  if (answer && answer != CURL_PROGRESSFUNC_CONTINUE)
    call->refusal = CURLE_ABORTED_BY_CALLBACK;
  return answer;
}

bool progress_repeat(struct call *call) {
  int answer = call_program(call);

  return !answer || answer == CURL_PROGRESSFUNC_CONTINUE;
}

/* Whether the attempt stalled. A transfer that the program paused is not
 * stalled: it waits for the program. */
static bool is_stalled(struct call *call, bool has_moved, int64_t now) {
  if (call->policy->stall_timeout_ms == POLICY_UNLIMITED)
    return false;
  if (has_moved || call->request.is_paused || call->is_receive_paused)
    call->activity_at = now;
  return now - call->activity_at >= call->policy->stall_timeout_ms;
}

/* Whether any clock runs: else no time is asked for. */
static bool is_clock_needed(const struct call *call) {
  const struct response *response = &call->response;

  if (call->policy->stall_timeout_ms != POLICY_UNLIMITED)
    return true;
  return response->state == RESPONSE_COMMITTED
             ? response_has_pending(response) && !call->is_receive_paused
             : response->is_final;
}

/* After a resume the program sees one download: nothing goes back. */
static void tell_resumed(struct call *call) {
  const struct resume *resume = &call->resume;
  curl_off_t now = call->moved[1];

  if (resume->is_resuming)
    return; /* what comes now may be an error page */
  if (resume->mode == RESUME_RANGE)
    now += resume->base;
  if (resume->length > 0)
    call->progress[0] = resume->length;
  if (now > call->progress[1])
    call->progress[1] = now;
}

int progress_on_info(void *data, curl_off_t download_total,
                     curl_off_t download_now, curl_off_t upload_total,
                     curl_off_t upload_now) {
  struct call *call = data;
  const curl_off_t values[4] = {download_total, download_now, upload_total,
                                upload_now};
  bool has_moved;
  int answer;

  if (call->handle->shadow.held.no_progress && !is_clock_needed(call))
    return 0; /* nobody asks */
  has_moved = memcmp(values, call->moved, sizeof(values)) != 0;
  memcpy(call->moved, values, sizeof(values));
  if (call->resume.is_resuming || call->resume.was_resumed)
    tell_resumed(call);
  else
    memcpy(call->progress, values, sizeof(values));
  answer = call_program(call);
  if (call->is_metered)
    answer = CURL_PROGRESSFUNC_CONTINUE;
  if (call->refusal)
    return 1;
  if (!is_clock_needed(call))
    return answer;
  if (response_tick(call, runtime_now_ms()))
    return 1;
  if (call->stop == STOP_NONE && is_stalled(call, has_moved, runtime_now_ms()))
    call->stop = STOP_STALL;
  return call->stop == STOP_NONE ? answer : 1;
}
