/* alarm.h - a descriptor that becomes readable at a time, for programs that
 * sleep in select() or poll() on what they are given.
 *
 * A timerfd. As every descriptor of ours it may have been closed by the
 * program and its number be another's by now (descriptor.h); all timers have
 * one inode, so it is known by an interval that nobody else has.
 */
#ifndef CURLRETRY_ALARM_H
#define CURLRETRY_ALARM_H

#include <stdint.h>
#include <sys/types.h>

struct alarm {
  int number;  /* -1: none */
  pid_t owner; /* a timer is shared with a forked child: it makes its own */
  long mark;   /* ns of its interval */
};

static inline struct alarm alarm_none(void) {
  return (struct alarm){.number = -1};
}

/* Readable from `due` (monotonic ms) on, and not before. Returns the
 * descriptor, 3 or higher, with FD_CLOEXEC; -1: there is none to be had. */
int alarm_set(struct alarm *alarm, int64_t due);

/* Forget it; it is closed if it is still ours. */
void alarm_close(struct alarm *alarm);

#endif
