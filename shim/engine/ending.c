/* Rules: design.md, "Response": the attempt whose outcome the program gets is
 * delivered whole. */
#include "engine/ending.h"

#include "exchange/deliver.h"

#include <stdlib.h>
#include <string.h>

void ending_set_error(const struct call *call, const char *text) {
  char *buffer = call->handle->shadow.error_buffer;
  size_t length = strlen(text);

  if (!buffer)
    return;
  if (length > CURL_ERROR_SIZE - 1)
    length = CURL_ERROR_SIZE - 1;
  memcpy(buffer, text, length);
  buffer[length] = 0;
}

void ending_settle(struct call *call, CURLcode code) {
  const struct response *response = &call->response;

  call->code = code;
  /* of callbacks that aren't ours: a form's, the socket's */
  if (call->stop == STOP_NONE && call->refusal == CURLE_OK &&
      (code == CURLE_ABORTED_BY_CALLBACK || code == CURLE_READ_ERROR))
    call->refusal = code;
  if (call->refusal != CURLE_OK)
    call->code = call->refusal; /* also when a progress callback ended it */
  else if (call->stop == STOP_DRAIN)
    call->code = response->is_cut ? CURLE_PARTIAL_FILE : CURLE_OK;
  else if (call->stop == STOP_STALL)
    call->code = CURLE_OPERATION_TIMEDOUT;
  else if (call->stop == STOP_MISMATCH)
    call->code = CURLE_SEND_FAIL_REWIND;
  if (call->code == CURLE_WRITE_ERROR && call->refusal_text[0])
    ending_set_error(call, call->refusal_text);
  else if (call->stop == STOP_DRAIN && call->code != CURLE_OK)
    ending_set_error(call, "response cut at CURLRETRY_DRAIN_BYTES");
  else if (call->code != code && call->stop == STOP_STALL)
    ending_set_error(call,
                     "No byte sent or received for CURLRETRY_STALL_TIMEOUT");
}

/* Deliver what is held of `response`; `code` is the outcome's. */
static CURLcode hand_over(struct call *call, struct response *response,
                          CURLcode code) {
  CURLcode delivered;

  if (call->refusal == CURLE_WRITE_ERROR)
    return CURLE_WRITE_ERROR;
  delivered = deliver_after(call, response);
  if (delivered == CURLE_WRITE_ERROR)
    ending_set_error(call, call->refusal_text);
  else if (delivered == CURLE_ABORTED_BY_CALLBACK)
    ending_set_error(call, "Callback aborted");
  else if (delivered == CURLE_OPERATION_TIMEDOUT)
    ending_set_error(call, "Operation timed out while paused");
  return delivered ? delivered : code;
}

void ending_deliver_kept(struct call *call) {
  call->handle->has_past_info = true;
  ending_set_error(call, call->past->error);
  call->code = hand_over(call, &call->kept, call->kept_code);
  call->has_kept = false;
}

void ending_fail_resume(struct call *call) {
  if (call->refusal != CURLE_OK)
    return;
  call->handle->has_past_info = true;
  ending_set_error(call, call->past->error);
  call->code = call->broken_code;
}

void ending_deliver(struct call *call) {
  if (call->resume.is_resuming)
    ending_fail_resume(call);
  else
    call->code = hand_over(call, &call->response, call->code);
}

bool ending_deliver_rest(struct call *call) {
  bool is_paused = atomic_load(&call->is_receive_paused);
  struct verdict verdict;
  CURLcode code;

  /* a failure ends a paused transfer at once, as without us, unless it is
     one to go on after */
  if (call->code != CURLE_OK && is_paused &&
      (call->refusal != CURLE_OK || !call_judge(call, call->code, &verdict)))
    return false;
  code = hand_over(call, &call->response, CURLE_OK);
  if (code != CURLE_OK &&
      (code != CURLE_OPERATION_TIMEDOUT || call->code == CURLE_OK))
    call->code = code;
  return !code;
}

/* Make room for a captured getinfo, once a handle. */
static struct info *capture(struct call *call, struct info **where) {
  if (!*where)
    *where = calloc(1, sizeof(**where));
  if (*where)
    info_capture(*where, call->library, call->curl,
                 call->handle->shadow.error_buffer);
  return *where;
}

/* The failed attempt's response becomes the kept one. */
static bool keep_outcome(struct call *call) {
  struct response old = call->kept;

  if (!capture(call, &call->past))
    return false;
  call->kept = call->response;
  call->response = old;
  call->kept_code = call->code;
  call->has_kept = true;
  return true;
}

/* The committed body broke: remember the failure, and of the first time what
 * the program was told of its response. */
static bool keep_broken(struct call *call) {
  if (call->resume.is_resuming)
    return true;
  if (!call->resume.was_resumed && !capture(call, &call->first))
    return false;
  if (!capture(call, &call->past))
    return false;
  call->broken_code = call->code;
  return true;
}

bool ending_keep(struct call *call) {
  bool is_committed = call->response.state == RESPONSE_COMMITTED;

  if (!is_committed && !call->resume.is_resuming)
    return keep_outcome(call);
  return keep_broken(call);
}
