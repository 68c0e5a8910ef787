/* poll() is used to sleep: libcurl itself makes that system call, so a
 * seccomp filter made for the program lets it pass (checklist 43). */
#include "engine/wait.h"

#include "engine/attempt.h"
#include "engine/progress.h"
#include "host/runtime.h"

#include <poll.h>

#define SLICE_MS 100 /* between two calls of the progress callback */

static void sleep_ms(int64_t delay) {
  (void)poll(NULL, 0, delay > 60000 ? 60000 : (int)delay);
}

CURLcode wait_delay(struct call *call, int64_t delay_ms) {
  int64_t now = runtime_now_ms();
  int64_t end = delay_ms > INT64_MAX - now ? INT64_MAX : now + delay_ms;

  while (now < end) {
    int64_t left = end - now;
    if (progress_is_wanted(call)) {
      if (!progress_repeat(call))
        return CURLE_ABORTED_BY_CALLBACK;
      if (left > SLICE_MS)
        left = SLICE_MS;
    }
    sleep_ms(left);
    now = runtime_now_ms();
  }
  return CURLE_OK;
}

/* A program that paused a broken body may never come back for the rest. */
static bool is_given_up(const struct call *call, int64_t now) {
  return call->code != CURLE_OK &&
         call->policy->max_time_ms != POLICY_UNLIMITED &&
         attempt_idle(call, now) >= call->policy->max_time_ms;
}

CURLcode wait_for_unpause(struct call *call) {
  for (;;) {
    if (!atomic_load(&call->is_receive_paused))
      return CURLE_OK;
    if (!progress_repeat(call))
      return CURLE_ABORTED_BY_CALLBACK;
    if (!atomic_load(&call->is_receive_paused))
      return CURLE_OK;
    if (attempt_time_left(call, runtime_now_ms()) <= 0 ||
        is_given_up(call, runtime_now_ms()))
      return CURLE_OPERATION_TIMEDOUT;
    sleep_ms(SLICE_MS);
  }
}
