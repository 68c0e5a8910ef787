#include "engine/attempt.h"

#include <stdlib.h>
#include <string.h>

static bool has_stall_timeout(const struct call *call) {
  return call->policy->stall_timeout_ms != POLICY_UNLIMITED;
}

void attempt_begin(struct call *call) {
  struct attempt *now = call->now;
  unsigned number = now->number + 1;

  if (now->number)
    attempt_clear(now);
  now->number = call->attempts_made = number;
  journal_limit(&now->response.journal, call->policy->snapshot_disk > 0);
  hop_begin(&now->hop, library_has_prerequest(call->handle->library),
            call->scheme == URL_FTP);
  if (call->resume.is_resuming)
    now->response.state = RESPONSE_RESUMING;
  call->verdict = (struct verdict){.reason = VERDICT_SUCCESS};
  call->sink.refusal.code = CURLE_OK;
  call->sink.refusal.text[0] = 0;
  call->request.is_paused = false;
  call->request.replayed = 0;
  answers_forget_session(&call->handle->answers);
  call->attempt_at = call->began_at;
  if (number > 1) {
    call->attempt_at = clock_now_ms();
    memcpy(call->reached, call->progress, sizeof(call->reached));
  }
  call->is_alive = !call->siblings;
  call->notes_activity = call->siblings || has_stall_timeout(call);
  if (has_stall_timeout(call))
    call->now->activity_at = clock_now_ms();
}

void attempt_revive(struct call *call) {
  call->is_alive = true;
  if (has_stall_timeout(call) || call_is_bounded(call))
    siblings_watch(call); /* its clocks begin */
  call->moved_at = call_moved_at(call) + clock_now_ms() - call->attempt_at;
}

void attempt_note_active(struct call *call) {
  if (!call->is_alive)
    attempt_revive(call);
  call->notes_activity = has_stall_timeout(call);
  if (call->notes_activity)
    call->now->activity_at = clock_now_ms();
}

/* Whether MAX_TIME ends an attempt that libcurl's timeout no longer bounds: a
 * body that was handed over may be silent for as long as it likes (a stream
 * of events), unless the rest of it is owed. */
static bool may_idle(const struct call *call) {
  const struct response *response = &call->now->response;
  bool is_owed = response->announced >= 0 && !call->now->hop.is_stream;

  return !call_is_bounded(call) || call->overrides.is_bounded ||
         !call->is_alive ||
         (response->state == RESPONSE_COMMITTED && !is_owed);
}

static bool is_idle(const struct call *call, int64_t now) {
  return !may_idle(call) &&
         call_idle_ms(call, now) >= call->policy->max_time_ms;
}

/* A transfer that the program paused is not stalled: it waits for the
 * program. */
bool attempt_is_stalled(struct call *call, bool has_moved, int64_t now) {
  if (has_moved)
    call->now->activity_at = now;
  if (call_is_paused(call))
    attempt_waited(call);
  return is_idle(call, now) ||
         (call->is_alive && has_stall_timeout(call) &&
          now - call->now->activity_at >= call->policy->stall_timeout_ms);
}

int64_t attempt_due(const struct call *call) {
  int64_t stall = call->policy->stall_timeout_ms;
  int64_t due = INT64_MAX;
  int64_t idle;

  if (call_is_paused(call) || !call->is_alive)
    return due;
  if (stall != POLICY_UNLIMITED && call->now->activity_at < due - stall)
    due = call->now->activity_at + stall;
  if (may_idle(call))
    return due;
  idle = call_moved_at(call) + call->policy->max_time_ms;
  return idle < due ? idle : due;
}

/* After a resume the program sees one download. */
static void note_resumed(struct call *call, curl_off_t received) {
  const struct resume *resume = &call->resume;

  if (resume->is_resuming)
    return; /* what comes now may be an error page */
  if (resume->mode == RESUME_RANGE)
    received += resume->base;
  if (resume->length > call->progress[0])
    call->progress[0] = resume->length;
  if (received > call->progress[1])
    call->progress[1] = received;
}

/* Within an attempt as libcurl tells it, over the next request's beginning,
 * too; not back beyond what an attempt before it had reached. */
static void note_transfer(struct call *call, const curl_off_t values[4]) {
  for (int i = 0; i < 4; i++)
    call->progress[i] =
        values[i] > call->reached[i] ? values[i] : call->reached[i];
}

void attempt_note_progress(struct call *call, const curl_off_t values[4]) {
  memcpy(call->now->moved, values, sizeof(call->now->moved));
  if (call->resume.is_resuming || call->resume.was_resumed)
    note_resumed(call, values[1]);
  else
    note_transfer(call, values);
}

int attempt_tell_progress(struct call *call) {
  int answer = callback_progress(&call->handle->shadow, call->progress);

  if (answer && answer != CURL_PROGRESSFUNC_CONTINUE)
    attempt_refuse(call, CURLE_ABORTED_BY_CALLBACK);
  return answer;
}

/* NULL: out of memory. */
static struct info *need(struct info **where) {
  struct info *info = *where;

  if (!info)
    info = *where = calloc(1, sizeof(*info));
  return info;
}

static void correct(const struct call *call, struct info *info) {
  if (call->handle->answers.is_disguised)
    info_correct_all(info, call->handle->answers.true_url);
}

void attempt_capture_way(struct call *call) {
  struct attempt *now = call->now;
  struct info *info = need(&now->info);

  now->response.has_way_info = info != NULL;
  if (!info)
    return;
  now->response.requests = info_capture_way(
      info, call->handle->library, call->handle->curl, now->response.requests);
  correct(call, info);
}

bool attempt_capture(const struct call *call, struct info **where) {
  struct info *info = need(where);
  bool is_whole;

  if (!info)
    return false;
  is_whole = info_capture(info, call->handle->library, call->handle->curl,
                          call->handle->shadow.error_buffer);
  correct(call, info);
  return is_whole;
}
