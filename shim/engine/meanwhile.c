#include "engine/meanwhile.h"

#include "engine/attempt.h"
#include "engine/gate.h"
#include "engine/siblings.h"

#include <errno.h>
#include <string.h>

CURLcode meanwhile_pause_transfer(struct call *call, int action) {
  bool is_receiving = !(action & CURLPAUSE_RECV);
  bool was_paused = atomic_load(&call->sink.is_paused);
  bool was_sending_paused = call->request.is_paused;
  CURLcode code;

  if (call_is_paused(call))
    attempt_waited(call);
  siblings_watch(call);
  atomic_store(&call->sink.is_paused, !is_receiving);
  if (call->phase != PHASE_TRANSFER)
    return CURLE_OK; /* libcurl has no connection that it could pause */
  call->request.is_paused = (action & CURLPAUSE_SEND) != 0;
  code = call->handle->library->easy_pause(call->handle->curl, action);
  if (code && action != CURLPAUSE_CONT) { /* not connected yet */
    atomic_store(&call->sink.is_paused, was_paused);
    call->request.is_paused = was_sending_paused;
  }
  return code;
}

CURLcode meanwhile_show_held(struct call *call) {
  return call->phase == PHASE_TRANSFER &&
                 !gate_pause(call, atomic_load(&call->sink.is_paused))
             ? call->sink.refusal.code
             : CURLE_OK;
}

CURLcode meanwhile_pause(struct call *call, int action) {
  CURLcode code = meanwhile_pause_transfer(call, action);

  return code ? code : meanwhile_show_held(call);
}

void meanwhile_reset(struct call *call) {
  call->is_abandoned = true;
  if (call->phase != PHASE_TRANSFER)
    call_drop_held(call);
  siblings_watch(call);
}

/* Of what a progress callback sets: what has no part in a request. */
static bool is_harmless(CURLoption option) {
  switch ((int)option) {
  case CURLOPT_VERBOSE:
  case CURLOPT_DEBUGFUNCTION:
  case CURLOPT_DEBUGDATA:
  case CURLOPT_STDERR:
  case CURLOPT_PRIVATE:
  case CURLOPT_MAX_SEND_SPEED_LARGE:
  case CURLOPT_MAX_RECV_SPEED_LARGE:
    return true;
  default:
    return shadow_group(option) == HELD_PROGRESS;
  }
}

/* In a callback of the transfer's many options change that transfer; what
 * names another request is for the next one. In a wait there is none. */
void meanwhile_set(struct call *call, CURLoption option) {
  const char *url = call->handle->shadow.url;
  int saved = errno;

  if (call->is_changed ||
      (call->phase == PHASE_WAIT ? is_harmless(option)
                                 : !shadow_names_request(option)))
    return;
  call->is_changed = true;
  siblings_watch(call);
  if (!call->former_url && url && !call->handle->shadow.url_handle)
    call->former_url = strdup(url); /* for the log */
  errno = saved;
}
