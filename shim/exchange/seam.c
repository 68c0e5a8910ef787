/* Rules: design.md, "Resume". The proof itself is in resume.c. */
#include "exchange/seam.h"

#include "engine/attempt.h"
#include "exchange/deliver.h"
#include "exchange/drain.h"

size_t seam_refuse(size_t length) { return length ? 0 : 1; }

/* The body goes on where the program's ends. */
static void go_on(struct call *call) {
  call->response.state = RESPONSE_COMMITTED;
  call->resume.is_resuming = false;
  call->resume.was_resumed = true;
  attempt_committed(call);
}

CURLcode seam_answer(struct call *call) {
  struct verdict verdict;

  if (call->hop.status >= 400 && call_judge(call, CURLE_OK, &verdict)) {
    drain_begin(call);
    return CURLE_OK;
  }
  if (!resume_accepts(call)) {
    call->stop = STOP_MISMATCH;
    return CURLE_WRITE_ERROR;
  }
  if (call->resume.mode == RESUME_RANGE || !call->resume.base)
    go_on(call);
  return CURLE_OK;
}

size_t seam_pass(struct call *call, char *bytes, size_t length) {
  size_t seam = call->resume.seam;
  bool is_paused = false;
  size_t taken;

  if (response_flush(call, &is_paused))
    return seam_refuse(length);
  if (is_paused)
    return CURL_WRITEFUNC_PAUSE;
  if (length > seam && resume_is_long(call, length - seam)) {
    call->resume.mismatch = "the continued body is longer";
    call->stop = STOP_MISMATCH;
    return seam_refuse(length);
  }
  if (!seam)
    return deliver_body(call, bytes, length);
  if (length > seam) {
    taken = deliver_body(call, bytes + seam, length - seam);
    if (taken != length - seam)
      return taken == CURL_WRITEFUNC_PAUSE ? taken : seam_refuse(length);
  }
  call->resume.seam = seam > length ? seam - length : 0;
  return length;
}

size_t seam_skip(struct call *call, char *bytes, size_t length) {
  bool is_done;
  size_t skip;

  if (!resume_skip(call, bytes, length, &skip, &is_done)) {
    call->stop = STOP_MISMATCH;
    return seam_refuse(length);
  }
  if (!is_done)
    return length;
  go_on(call);
  call->resume.seam = skip;
  return seam_pass(call, bytes, length);
}
