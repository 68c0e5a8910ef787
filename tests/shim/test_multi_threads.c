/* test_multi_threads.c - threads with a multi handle each, in another loop
 * each, whose transfers fail: every one ends well. */
#define _GNU_SOURCE
#include "multi_draw.h"

#include <pthread.h>
#include <string.h>

#define THREADS 4
#define ROUNDS 3 /* of THREADS: more than LOOPS */

struct worker {
  pthread_t thread;
  struct batch batch;
  const struct loop *loop;
  char name[32];
};

static void *work(void *data) {
  struct worker *worker = data;
  struct drive drive;

  drive_open(&drive, worker->loop, crowd_turn, NULL);
  batch_run(&worker->batch, &drive);
  drive_close(&drive);
  return NULL;
}

static void multis_of_many_threads_do_not_meet(void **state) {
  unsigned long long seed = (unsigned long long)now_ms() % 1000000;

  (void)state;
  printf("# seed %llu\n", seed);
  for (int round = 0; round < ROUNDS; round++) {
    struct worker workers[THREADS];
    for (int i = 0; i < THREADS; i++) {
      struct worker *worker = &workers[i];
      memset(worker, 0, sizeof *worker);
      worker->loop = &loops[(round * THREADS + i) % LOOPS];
      snprintf(worker->name, sizeof worker->name, "t%d-%d-", round, i);
      worker->batch = (struct batch){.name = worker->name,
                                     .seed = seed + (unsigned)i,
                                     .count = patience() > 1 ? 40 : 100,
                                     .is_quick = true,
                                     .reads_late = i == 1,
                                     .connections = 30};
      if (pthread_create(&worker->thread, NULL, work, worker))
        fail_msg("no thread");
    }
    for (int i = 0; i < THREADS; i++)
      pthread_join(workers[i].thread, NULL);
    for (int i = 0; i < THREADS; i++)
      if (*workers[i].batch.trouble)
        fail_msg("seed %llu, %s: %s", seed, workers[i].loop->name,
                 workers[i].batch.trouble);
  }
}

struct move {
  struct drive drive;
  struct transfer transfers[6];
  struct crowd crowd;
};

/* A piece of the loop. */
static void *drive_on(void *data) {
  struct move *move = data;

  drive_for(&move->drive, 20);
  return NULL;
}

/* A multi handle is driven by one thread after the other, also while its
 * transfers wait. */
static void a_multi_moves_from_thread_to_thread(void **state) {
  const struct loop *const some[] = {loop_named("poll"), loop_named("select"),
                                     loop_named("epoll")};

  (void)state;
  for (size_t i = 0; i < COUNT(some); i++) {
    long long until = now_ms() + 60000LL * patience();
    struct move move = {.crowd = {move.transfers, 6, false}};
    drive_open(&move.drive, some[i], crowd_turn, &move.crowd);
    for (int j = 0; j < 6; j++) {
      char key[32];
      snprintf(key, sizeof key, "move%zu-%d", i, j);
      transfer_begin(&move.transfers[j], key, "503,rst,BODY:chunked", 3000);
    }
    crowd_add(&move.drive);
    while (crowd_done(&move.crowd) < 6 && now_ms() < until) {
      pthread_t thread;
      if (pthread_create(&thread, NULL, drive_on, &move))
        fail_msg("no thread");
      pthread_join(thread, NULL);
    }
    if (move.drive.trouble)
      fail_msg("%s", move.drive.trouble);
    for (int j = 0; j < 6; j++) {
      transfer_assert(&move.transfers[j], 3);
      transfer_end(&move.transfers[j]);
    }
    drive_close(&move.drive);
  }
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(multis_of_many_threads_do_not_meet),
      cmocka_unit_test(a_multi_moves_from_thread_to_thread),
  };

  curl_global_init(CURL_GLOBAL_ALL);
  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {
      "CURLRETRY_BASE_DELAY=5ms", "CURLRETRY_MAX_DELAY=20ms",
      "CURLRETRY_HOLD_BYTES=16K", "CURLRETRY_BUDGET=off", NULL};
  static const struct setup setup = {policy, tests, NULL};

  return setup_main(argc, argv, &setup);
}
