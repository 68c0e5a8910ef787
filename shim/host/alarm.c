#define _GNU_SOURCE
#include "host/alarm.h"

#include "host/descriptor.h"
#include "host/random.h"

#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define INTERVAL_S 1000000000 /* never comes round */

/* The kernel's own functions, as the clock is: libfaketime takes our time for
 * its own. */
static int read_timer(int number, struct itimerspec *now) {
  return (int)syscall(SYS_timerfd_gettime, number, now);
}

static int set_timer(int number, const struct itimerspec *when) {
  return (int)syscall(SYS_timerfd_settime, number, TFD_TIMER_ABSTIME, when,
                      NULL);
}

static bool is_ours(const struct alarm *alarm) {
  struct itimerspec now;

  return alarm->number >= 0 && !read_timer(alarm->number, &now) &&
         now.it_interval.tv_sec == INTERVAL_S &&
         now.it_interval.tv_nsec == alarm->mark;
}

static void make(struct alarm *alarm) {
  alarm->number = descriptor_raise(
      timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  alarm->owner = getpid();
  alarm->mark = 1 + (long)(random_number() % 999999999u);
}

int alarm_set(struct alarm *alarm, int64_t due) {
  struct itimerspec when = {.it_interval.tv_sec = INTERVAL_S};
  bool is_new;

  if (alarm->owner != getpid())
    alarm_close(alarm);
  is_new = !is_ours(alarm);
  if (is_new)
    make(alarm);
  if (due < 1)
    due = 1; /* 0 would stop it */
  when.it_interval.tv_nsec = alarm->mark;
  when.it_value.tv_sec = (time_t)(due / 1000);
  when.it_value.tv_nsec = (long)(due % 1000 * 1000000);
  /* one that can't be known again would be left behind at each call */
  if (alarm->number >= 0 &&
      (set_timer(alarm->number, &when) || (is_new && !is_ours(alarm)))) {
    (void)close(alarm->number);
    *alarm = alarm_none();
  }
  return alarm->number;
}

void alarm_close(struct alarm *alarm) {
  if (is_ours(alarm))
    (void)close(alarm->number);
  *alarm = alarm_none();
}
