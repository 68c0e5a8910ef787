/* test_alarm.c - the descriptor that wakes: readable in time, 3 or higher, and
 * never another's that got its number. */
#define _GNU_SOURCE
#include "unit_test.h"

#include "host/alarm.h"
#include "host/clock.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_readable(int number, int ms) {
  struct pollfd polled = {.fd = number, .events = POLLIN};

  return poll(&polled, 1, ms) == 1;
}

static void it_is_readable_in_time(void **unused) {
  struct alarm alarm = alarm_none();
  int number = alarm_set(&alarm, clock_now_ms() + 600000);
  int64_t due;

  (void)unused;
  assert_true(number >= 3);
  assert_int_equal(fcntl(number, F_GETFD), FD_CLOEXEC);
  assert_false(is_readable(number, 0));
  due = clock_now_ms() + 60;
  assert_int_equal(alarm_set(&alarm, due), number);
  assert_true(is_readable(number, 10000));
  assert_true(clock_now_ms() >= due);
  alarm_close(&alarm);
}

static void it_is_set_anew(void **unused) {
  struct alarm alarm = alarm_none();
  int number = alarm_set(&alarm, 0); /* long past */

  (void)unused;
  assert_true(is_readable(number, 10000));
  assert_int_equal(alarm_set(&alarm, clock_now_ms() + 600000), number);
  assert_false(is_readable(number, 0));
  alarm_close(&alarm);
  assert_int_equal(fcntl(number, F_GETFD), -1);
}

static void it_is_3_or_higher(void **unused) {
  struct alarm alarm = alarm_none();
  int kept = dup(0);
  int number;

  (void)unused;
  (void)close(0);
  number = alarm_set(&alarm, clock_now_ms());
  assert_true(number >= 3);
  assert_int_equal(fcntl(0, F_GETFD), -1);
  alarm_close(&alarm);
  assert_int_equal(dup2(kept, 0), 0);
  (void)close(kept);
}

/* The program closed it, and has a timer of its own there. */
static void anothers_timer_is_left_alone(void **unused) {
  const struct itimerspec own = {.it_value = {1000, 0}};
  struct alarm alarm = alarm_none();
  struct itimerspec now;
  int number = alarm_set(&alarm, clock_now_ms() + 600000);
  int other = timerfd_create(CLOCK_MONOTONIC, 0);

  (void)unused;
  assert_int_equal(timerfd_settime(other, 0, &own, NULL), 0);
  assert_int_equal(dup2(other, number), number);
  assert_int_not_equal(alarm_set(&alarm, 0), number);
  assert_int_equal(timerfd_gettime(number, &now), 0);
  assert_true(now.it_value.tv_sec > 900);
  assert_int_equal(dup2(other, alarm.number), alarm.number);
  number = alarm.number;
  alarm_close(&alarm);
  assert_int_not_equal(fcntl(number, F_GETFD), -1);
  (void)close(number);
  (void)close(other);
}

static void a_child_has_its_own(void **unused) {
  struct alarm alarm = alarm_none();
  int number = alarm_set(&alarm, clock_now_ms() + 600000);
  int status = -1;
  pid_t child = fork();

  (void)unused;
  if (!child) {
    (void)alarm_set(&alarm, 0);
    _exit(is_readable(alarm.number, 10000) ? 0 : 1);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  assert_false(is_readable(number, 0));
  alarm_close(&alarm);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_is_readable_in_time),
      cmocka_unit_test(it_is_set_anew),
      cmocka_unit_test(it_is_3_or_higher),
      cmocka_unit_test(anothers_timer_is_left_alone),
      cmocka_unit_test(a_child_has_its_own),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
