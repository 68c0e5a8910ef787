/* test_multi_idle.c - what waits for its retry costs nothing and holds up
 * nothing: the loop sleeps, and the others go on. */
#define _GNU_SOURCE
#include "multi_run.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define MANY 50
#define OTHERS 20

/* Milliseconds of the processor. */
static long long used_ms(void) {
  struct rusage usage;

  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000LL +
         (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

/* The key is one for all: the first fifty requests fail. */
static void begin_many(struct drive *drive, struct crowd *crowd) {
  char plan[64];

  snprintf(plan, sizeof plan, "503*%d,BODY", MANY);
  for (size_t i = 0; i < crowd->count; i++)
    transfer_begin(&crowd->transfers[i], "idle", plan, 300);
  crowd_add(drive);
}

/* From 8.1.0 on curl_multi_socket_all() looks at the sockets of those that run
 * alone (lib/multi.c: multi_socket()): one whose transfer has ended in it
 * stays watched until the handle is removed, and wakes the loop all the time
 * once the server closes it. Without the shim, too. */
static bool is_left_watching(const struct loop *loop) {
  return !strcmp(loop->name, "socket-all") && !is_libcurl(0, 0x080100);
}

static void a_loop_sleeps_while_all_wait(void **state) {
  struct transfer transfers[MANY];
  struct crowd crowd = {transfers, MANY, false};
  long long used, began = now_ms();
  bool may_spin = is_left_watching(*state);
  struct drive drive;

  drive_open(&drive, *state, crowd_turn, &crowd);
  begin_many(&drive, &crowd);
  run_until_waiting(&drive, "idle", MANY);
  assert_null(drive.trouble);
  assert_int_equal(crowd_done(&crowd), 0);

  used = used_ms();
  drive.wakeups = drive.timer_calls = 0;
  assert_false(drive_for(&drive, 1000));
  used = used_ms() - used;
  assert_null(drive.trouble);
  assert_int_equal(server_count("idle"), MANY);
  if (!drive.loop->has_clock && !may_spin) {
    assert_in_range(used, 0, 100 * patience());
    assert_in_range(drive.wakeups, 0, 100 * patience());
    assert_in_range(drive.timer_calls, 0, 100 * patience());
  }

  run_to_end(&drive);
  /* woken by the retries, not by chance */
  assert_true(now_ms() - began >= multi_delay());
  assert_true(now_ms() - began < multi_delay() + 3000LL * patience());
  for (int i = 0; i < MANY; i++) {
    transfer_assert(&transfers[i], 2 * MANY);
    transfer_end(&transfers[i]);
  }
  drive_close(&drive);
  if (may_spin)
    multi_skip("but for its sleep: libcurl's socket_all keeps ended sockets");
}

/* Those behind `OTHERS` wait; the others are read and gone. */
static bool turn_others(struct drive *drive) {
  read_messages(drive);
  return crowd_done(drive->data) >= OTHERS;
}

static bool turn_all_but_one(struct drive *drive) {
  read_messages(drive);
  return crowd_done(drive->data) > OTHERS;
}

static void begin_others(struct crowd *crowd) {
  char key[32];

  for (int i = 0; i < OTHERS; i++) {
    snprintf(key, sizeof key, "other%d", i);
    transfer_begin(&crowd->transfers[i], key,
                   i % 2 ? "BODY" : "BODY:chunked:rate=1000~5", 4000);
  }
}

/* One waits for a minute, one not so long. */
static void a_wait_holds_up_nothing(void **state) {
  struct transfer transfers[OTHERS + 2];
  struct transfer *longer = &transfers[OTHERS];
  struct transfer *shorter = &transfers[OTHERS + 1];
  struct crowd crowd = {transfers, OTHERS + 2, false};
  long long began = now_ms();
  struct drive drive;

  drive_open(&drive, *state, turn_others, &crowd);
  begin_others(&crowd);
  transfer_begin(longer, "longer", "429:ra=60,BODY", 4000);
  transfer_begin(shorter, "shorter", "503,BODY", 4000);
  crowd_add(&drive);
  for (int round = 0; round < 2; round++) {
    run_to_end(&drive);
    assert_true(now_ms() - began < multi_delay());
    assert_int_equal(shorter->messages, 0);
    /* once more, meanwhile */
    for (int i = 0; i < OTHERS && !round; i++) {
      transfer_forget(&transfers[i]);
      drive_add(&drive, transfers[i].curl);
    }
  }
  drive.turn = turn_all_but_one;
  run_to_end(&drive);
  assert_true(now_ms() - began >= multi_delay());
  assert_int_equal(longer->messages, 0);
  assert_int_equal(drive_remove(&drive, longer->curl), CURLM_OK);
  for (int i = 0; i <= OTHERS + 1; i++) {
    if (&transfers[i] != longer)
      transfer_assert(&transfers[i], 2);
    transfer_end(&transfers[i]);
  }
  drive_close(&drive);
}

int main(int argc, char **argv) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(a_loop_sleeps_while_all_wait),
      cmocka_unit_test(a_wait_holds_up_nothing),
  };
  static const char *const policy[] = {
      "CURLRETRY_BACKOFF=constant", "CURLRETRY_RETRY_AFTER=2m",
      "CURLRETRY_MAX_TIME=10m", "CURLRETRY_BUDGET=off", NULL};
  static const struct multi_run tests = {all, COUNT(all), policy, 3000};

  return multi_run(argc, argv, &tests);
}
