/* test_multi_limits.c - what waits for its retry holds no connection, whatever
 * the limits; a wake-up from another thread and a fork meanwhile lose nothing.
 */
#define _GNU_SOURCE
#include "multi_run.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#define MANY 4
#define TRIES 5 /* a busy machine may take longer than the wait */

/* All but the first one have their message. */
static bool turn_until_others(struct drive *drive) {
  const struct crowd *crowd = drive->data;
  size_t done = 0;

  read_messages(drive);
  for (size_t i = 1; i < crowd->count; i++)
    done += crowd->transfers[i].messages > 0;
  return done == crowd->count - 1;
}

/* It fails at first; whether the others came through while it waited. */
static bool run_limited(void **state, CURLMoption option, int number,
                        const char *plan) {
  struct transfer transfers[MANY];
  struct crowd crowd = {transfers, MANY, false};
  struct drive drive;
  bool was_last;
  char key[32];

  drive_open(&drive, *state, turn_until_others, &crowd);
  curl_multi_setopt(drive.multi, option, 1L);
  for (size_t i = 0; i < MANY; i++) {
    snprintf(key, sizeof key, "limit%d-%d-%zu", (int)option, number, i);
    transfer_begin(&transfers[i], key, i ? "BODY" : plan, 3000);
  }
  crowd_add(&drive);
  run_to_end(&drive);
  was_last = !transfers[0].messages;
  drive.turn = crowd_turn;
  run_to_end(&drive);
  for (size_t i = 0; i < MANY; i++) {
    transfer_assert(&transfers[i], i ? 1 : 2);
    transfer_end(&transfers[i]);
  }
  drive_close(&drive);
  return was_last;
}

static void a_wait_holds_no_connection(void **state) {
  static const CURLMoption limits[] = {CURLMOPT_MAX_TOTAL_CONNECTIONS,
                                       CURLMOPT_MAX_HOST_CONNECTIONS,
                                       CURLMOPT_MAXCONNECTS};
  static const char *const plans[] = {"503,BODY", "rst,BODY"};

  for (size_t i = 0; i < COUNT(limits); i++)
    for (int j = 0; j < (int)COUNT(plans); j++) {
      int number = j;
      while (!run_limited(state, limits[i], number, plans[j])) {
        number += (int)COUNT(plans);
        assert_true(number < TRIES * (int)COUNT(plans));
      }
    }
}

static void *wake(void *multi) {
  for (int i = 0; i < 20; i++) {
    usleep(10000);
    curl_multi_wakeup(multi);
  }
  return NULL;
}

static void a_wake_up_loses_nothing(void **state) {
  struct transfer transfer;
  struct crowd crowd = {&transfer, 1, false};
  struct drive drive;
  pthread_t thread;

  drive_open(&drive, *state, crowd_turn, &crowd);
  transfer_begin(&transfer, "wake", "503,rst,BODY", 3000);
  crowd_add(&drive);
  assert_int_equal(pthread_create(&thread, NULL, wake, drive.multi), 0);
  run_to_end(&drive);
  pthread_join(thread, NULL);
  transfer_assert(&transfer, 3);
  transfer_end(&transfer);
  drive_close(&drive);
}

/* In the child. An event loop's epoll is the parent's, too. */
static int go_on(struct drive *drive, struct transfer *transfer) {
  if (drive->loop->open)
    return 0;
  if (!drive_end(drive))
    return 1;
  return transfer_trouble(transfer) ? 2 : 0;
}

static int clean_up(struct drive *drive, struct transfer *transfer) {
  drive_close(drive);
  transfer_end(transfer);
  return 0;
}

static void run_forked(void **state, const char *key,
                       int (*inside)(struct drive *, struct transfer *)) {
  struct transfer transfer;
  struct crowd crowd = {&transfer, 1, false};
  struct drive drive;
  int status = -1;
  pid_t child;

  drive_open(&drive, *state, crowd_turn, &crowd);
  /* no connection is there that both would use */
  transfer_begin(&transfer, key, "rst,BODY:connclose", 3000);
  crowd_add(&drive);
  run_until_waiting(&drive, key, 1);
  child = fork();
  if (!child)
    _exit(inside(&drive, &transfer));
  run_to_end(&drive);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  assert_null(transfer_trouble(&transfer));
  transfer_end(&transfer);
  drive_close(&drive);
}

static void a_fork_in_a_wait_leaves_two_that_go_on(void **state) {
  run_forked(state, "goes-on", go_on);
  run_forked(state, "cleans-up", clean_up);
}

int main(int argc, char **argv) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(a_wait_holds_no_connection),
      cmocka_unit_test(a_wake_up_loses_nothing),
      cmocka_unit_test(a_fork_in_a_wait_leaves_two_that_go_on),
  };
  static const char *const policy[] = {"CURLRETRY_BACKOFF=constant",
                                       "CURLRETRY_BUDGET=off", NULL};
  static const struct multi_run tests = {all, COUNT(all), policy, 400};

  return multi_run(argc, argv, &tests);
}
