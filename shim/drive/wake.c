/* Found by running loops of all kinds (2026): forwarding alone made hundreds
 * of thousands of rounds while retries waited, since without sockets libcurl
 * has nothing to wait for; and a time that was told earlier is no longer
 * libcurl's: it is asked anew each time. */
#define _GNU_SOURCE
#include "drive/wake.h"

#include "host/clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/select.h>

/* When one of our clocks is over; monotonic ms. INT64_MAX: none runs. */
static int64_t due_at(const struct multi *multi) {
  const struct clock *first = clocks_first(&multi->clocks);

  if (multi->siblings.watched || multi->is_behind)
    return 0;
  return first ? first->due : INT64_MAX;
}

/* Until then; -1: never. */
static long until(int64_t due) {
  int64_t left;

  if (due == INT64_MAX)
    return -1;
  left = due - clock_now_ms();
  if (left < 0)
    return 0;
  return left > INT_MAX ? INT_MAX : (long)left;
}

/* The shorter of two timeouts, -1 being none. */
static long shorter(long a, long b) {
  if (a < 0 || b < 0)
    return a < 0 ? b : a;
  return a < b ? a : b;
}

CURLMcode wake_timeout(struct multi *multi, long *timeout) {
  CURLMcode code = multi->library->multi_timeout(multi->real, timeout);

  if (!code)
    *timeout = shorter(*timeout, until(due_at(multi)));
  return code;
}

/* Not longer than until our first clock; what libcurl refuses stays refused.
 */
static int bounded(const struct multi *multi, int timeout) {
  return timeout < 0 ? timeout : (int)shorter(timeout, until(due_at(multi)));
}

CURLMcode wake_poll(struct multi *multi, struct curl_waitfd *extra,
                    unsigned count, int timeout, int *ready) {
  return multi->library->multi_poll(multi->real, extra, count,
                                    bounded(multi, timeout), ready);
}

static bool has_sockets(const struct multi *multi) {
  fd_set reading, writing, exceptional;
  int highest = -1;

  FD_ZERO(&reading);
  FD_ZERO(&writing);
  FD_ZERO(&exceptional);
  return multi->library->multi_fdset(multi->real, &reading, &writing,
                                     &exceptional, &highest) ||
         highest >= 0;
}

/* Where libcurl has no poll (before 7.66.0): without anything to wait on, the
 * rest of the time is slept away. */
static CURLMcode wait_and_sleep(struct multi *multi, struct curl_waitfd *extra,
                                unsigned count, int timeout, int *ready) {
  const struct library *library = multi->library;
  int64_t due = clock_now_ms() + timeout;
  int came = 0;
  CURLMcode code =
      library->multi_wait(multi->real, extra, count, timeout, &came);
  int saved = errno;
  long theirs = -1;
  long left;

  if (ready && !code)
    *ready = came;
  if (!code && !came && !count && !has_sockets(multi) &&
      !library->multi_timeout(multi->real, &theirs)) {
    left = shorter(until(due), theirs);
    if (left > 0)
      (void)poll(NULL, 0, (int)left);
  }
  errno = saved;
  return code;
}

/* libcurl's returns at once without sockets. While some transfers wait there
 * may be none: then as the poll that does not. */
CURLMcode wake_wait(struct multi *multi, struct curl_waitfd *extra,
                    unsigned count, int timeout, int *ready) {
  const struct library *library = multi->library;
  int bound = bounded(multi, timeout);

  if (!multi_list(multi, MEMBER_WAITING)->count)
    return library->multi_wait(multi->real, extra, count, bound, ready);
  if (library->multi_poll)
    return library->multi_poll(multi->real, extra, count, bound, ready);
  return wait_and_sleep(multi, extra, count, bound, ready);
}

/* A descriptor for those who wait on descriptors alone, while transfers wait
 * or have just begun anew, and there may be no other; `for_any`: for any clock
 * of ours. -1: none is needed, or none is to be had: then they come back by
 * themselves. A strict sandbox knows no timers (design.md: Sandboxes). */
static int alarm_number(struct multi *multi, bool for_any) {
  const struct policy *policy = multi->policy;
  int64_t due = multi->late > 0 ? 0 : due_at(multi);
  bool has_others = multi->late <= 0 && !for_any &&
                    !multi_list(multi, MEMBER_WAITING)->count;
  int saved = errno;
  int number;

  if (due == INT64_MAX || has_others ||
      (policy->log_target == LOG_TO_NOWHERE && !policy->snapshot_disk))
    return -1;
  number = alarm_set(&multi->alarm, due);
  errno = saved;
  return number;
}

CURLMcode wake_fdset(struct multi *multi, fd_set *reading, fd_set *writing,
                     fd_set *exceptional, int *highest) {
  CURLMcode code = multi->library->multi_fdset(multi->real, reading, writing,
                                               exceptional, highest);
  int number = code ? -1 : alarm_number(multi, true); /* many who select() ask
                                                         for no timeout */

  if (number < 0 || number >= FD_SETSIZE || !reading)
    return code;
  FD_SET(number, reading);
  if (number > *highest)
    *highest = number;
  return code;
}

CURLMcode wake_waitfds(struct multi *multi, struct curl_waitfd *fds,
                       unsigned size, unsigned *count) {
  unsigned used = 0;
  CURLMcode code = multi->library->multi_waitfds(multi->real, fds, size,
                                                 fds || count ? &used : NULL);
  int number;

  if (code && code != CURLM_OUT_OF_MEMORY)
    return code;
  number = alarm_number(multi, false);
  if (number >= 0) {
    if (fds && used < size)
      fds[used] = (struct curl_waitfd){number, CURL_WAIT_POLLIN, 0};
    else if (fds)
      code = CURLM_OUT_OF_MEMORY;
    used++;
  }
  if (count)
    *count = used;
  return code;
}

/* --- CURLMOPT_TIMERFUNCTION ------------------------------------------------
 */

static int tell(struct multi *multi, int64_t due, long timeout) {
  multi->timer.told = due;
  return multi->timer.callback(multi->real, timeout, multi->timer.data);
}

/* libcurl's own: from its functions, maybe in the middle of them. */
static int on_timer(CURLM *real, long timeout, void *data) {
  struct multi *multi = data;
  int64_t theirs = timeout < 0 ? INT64_MAX : clock_now_ms() + timeout;
  int64_t ours = due_at(multi);

  (void)real;
  multi->timer.is_ours = ours < theirs;
  if (multi->timer.is_ours)
    return tell(multi, ours, until(ours));
  return tell(multi, theirs, timeout);
}

CURLMcode wake_set_timer(struct multi *multi,
                         curl_multi_timer_callback callback) {
  CURLMcode code = multi->library->multi_setopt(
      multi->real, CURLMOPT_TIMERFUNCTION, callback ? on_timer : NULL);

  if (code)
    return code;
  multi->timer.callback = callback;
  return multi->library->multi_setopt(multi->real, CURLMOPT_TIMERDATA, multi);
}

/* When both ours and libcurl's are asked: the earlier one. */
static int64_t next_at(struct multi *multi, int64_t now) {
  int64_t due = due_at(multi);
  long theirs = -1;

  (void)multi->library->multi_timeout(multi->real, &theirs);
  multi->timer.is_ours = theirs < 0 ? due != INT64_MAX : due < now + theirs;
  return multi->timer.is_ours || theirs < 0 ? due : now + theirs;
}

void wake_fired(struct multi *multi) { multi->timer.told = 0; }

/* As long as nothing of ours is due, libcurl's own calls are all. A timer that
 * was told and is over has fired; another one that is early enough stays. */
CURLMcode wake_tell_timer(struct multi *multi) {
  struct timer *timer = &multi->timer;
  const enum guard guard = multi->guard;
  bool was_ours = timer->is_ours;
  int64_t now, next;
  int answer;

  if (!was_ours && due_at(multi) == INT64_MAX)
    return CURLM_OK;
  now = clock_now_ms();
  next = next_at(multi, now);
  if (next == INT64_MAX ? timer->told == INT64_MAX
                        : timer->told > now && timer->told <= next + 1)
    return CURLM_OK;
  multi->guard = GUARD_EVENT;
  answer = tell(multi, next, until(next));
  multi->guard = guard;
  return answer == -1 ? CURLM_ABORTED_BY_CALLBACK : CURLM_OK;
}
