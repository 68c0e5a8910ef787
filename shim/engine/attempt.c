#include "engine/attempt.h"

#include <stdlib.h>
#include <string.h>

void attempt_begin(struct call *call) {
  struct attempt *now = call->now;
  unsigned number = now->number + 1;

  if (now->number)
    attempt_clear(now);
  now->number = number;
  hop_begin(&now->hop, library_has_prerequest(call->handle->library),
            call->scheme == URL_FTP);
  if (call->resume.is_resuming)
    now->response.state = RESPONSE_RESUMING;
  call->verdict = (struct verdict){.reason = VERDICT_SUCCESS};
  call->sink.refusal = (struct refusal){.code = CURLE_OK};
  call->request.is_paused = false;
  attempt_active(call);
}

/* A transfer that the program paused is not stalled: it waits for the
 * program. */
bool attempt_is_stalled(struct call *call, bool has_moved, int64_t now) {
  if (call->policy->stall_timeout_ms == POLICY_UNLIMITED)
    return false;
  if (has_moved || call->request.is_paused || call->sink.is_paused)
    call->now->activity_at = now;
  return now - call->now->activity_at >= call->policy->stall_timeout_ms;
}

/* After a resume the program sees one download. */
static void note_resumed(struct call *call, curl_off_t received) {
  const struct resume *resume = &call->resume;

  if (resume->is_resuming)
    return; /* what comes now may be an error page */
  if (resume->mode == RESUME_RANGE)
    received += resume->base;
  if (resume->length > 0)
    call->progress[0] = resume->length;
  if (received > call->progress[1])
    call->progress[1] = received;
}

void attempt_note_progress(struct call *call, const curl_off_t values[4]) {
  memcpy(call->now->moved, values, sizeof(call->now->moved));
  if (call->resume.is_resuming || call->resume.was_resumed)
    note_resumed(call, values[1]);
  else
    memcpy(call->progress, values, sizeof(call->progress));
}

int attempt_tell_progress(struct call *call) {
  int answer = callback_progress(&call->handle->shadow, call->progress);

  if (answer && answer != CURL_PROGRESSFUNC_CONTINUE)
    attempt_refuse(call, CURLE_ABORTED_BY_CALLBACK);
  return answer;
}

bool attempt_capture(const struct call *call, struct info **where) {
  if (!*where)
    *where = calloc(1, sizeof(**where));
  if (*where)
    info_capture(*where, call->handle->library, call->handle->curl,
                 call->handle->shadow.error_buffer);
  return *where != NULL;
}
