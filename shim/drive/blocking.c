/* poll() is used to sleep: libcurl itself makes that system call, so a
 * seccomp filter made for the program lets it pass (checklist 43). Signals
 * neither end nor lengthen a wait: the engine is asked again. */
#include "drive/blocking.h"

#include "drive/multi.h"
#include "drive/unwind.h"
#include "engine/engine.h"
#include "host/clock.h"
#include "host/config.h"

#include <errno.h>
#include <poll.h>

#define SLEEP_MAX_MS 60000

/* Meanwhile nothing of the program's runs on this stack but what unwinds it, a
 * cancelled thread's handlers: so no use of the handle is a nested one. */
static void sleep_until(struct mark *mark, int64_t at) {
  int64_t left = at - clock_now_ms();
  const void *frame = mark->frame;

  if (left <= 0)
    return;
  mark->frame = NULL;
  (void)poll(NULL, 0, left > SLEEP_MAX_MS ? SLEEP_MAX_MS : (int)left);
  mark->frame = frame;
}

bool blocking_is_nested(const struct handle *handle, const void *frame) {
  const struct mark *mark =
      handle->member ? &handle->member->multi->mark : &handle->mark;

  return call_of(handle) && mark_is_above(mark, frame);
}

bool blocking_release(struct handle *handle, const void *frame) {
  struct call *call = call_of(handle);

  if (call && blocking_is_nested(handle, frame))
    return false;
  if (call)
    engine_abandon(call);
  return true;
}

/* A perform on the handle of a call, out of its own callback: libcurl refuses
 * it, so while it is not running we do. */
static CURLcode refuse(const struct handle *handle) {
  if (handle->call->phase == PHASE_TRANSFER)
    return handle->library->easy_perform(handle->curl);
  return handle->library->version >= LIBRARY_GUARDED ? CURLE_RECURSIVE_API_CALL
                                                     : CURLE_FAILED_INIT;
}

static CURLcode drive(void *data) {
  struct call *call = data;
  struct handle *handle = call->handle;
  int saved = errno;
  struct next next;
  CURLcode code;

  do {
    errno = saved;
    code = handle->library->easy_perform(handle->curl);
    saved = errno;
    engine_performed(call, code);
    next = engine_next(call, clock_now_ms());
    while (next.step == NEXT_WAIT) {
      sleep_until(&handle->mark, next.at);
      next = engine_next(call, clock_now_ms());
    }
  } while (next.step == NEXT_PERFORM);
  code = engine_end(call);
  errno = saved;
  return code;
}

CURLcode blocking_perform(struct handle *handle, const void *frame) {
  const struct policy *policy = config_policy();
  struct call *call;

  if (policy && !blocking_release(handle, frame))
    return refuse(handle);
  answers_forget(&handle->answers);
  call = engine_begin(handle, policy, NULL);
  if (!call)
    return handle->library->easy_perform(handle->curl);
  handle->mark = mark_here(frame);
  return unwind_watch(drive, call, &handle->mark);
}
