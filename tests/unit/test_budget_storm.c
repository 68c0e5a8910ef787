/* test_budget_storm.c - retries must not become the outage: a simulation of
 * many long-lived clients and a server that fails, without network or clock.
 *
 * Each client is a process: one policy, one budget table. It begins a call
 * every second whatever became of the earlier ones, as a busy service does.
 * A call does what the engine does: judge, pay, wait, attempt, and give
 * tokens back when it succeeds.
 */
#include "policy_test.h"

#include "budget.h"
#include "judge.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>

/* The sanitizer is for the threads; it is 20 times slower. */
#ifdef __SANITIZE_THREAD__
#define CLIENTS 10
#define THREADS 16
#define ROUNDS 5
#else
#define CLIENTS 200
#define THREADS 64
#define ROUNDS 20
#endif
#define OUTAGE_S 60
#define AFTER_S 30 /* the server is well again */
#define TICK_MS 5  /* clients begin 5 ms apart */
#define TICKS ((OUTAGE_S + AFTER_S + 10) * 1000 / TICK_MS)
#define ORIGIN 42

/* --- the simulation --------------------------------------------------------
 */

enum failure {
  FAILS_503,
  FAILS_TIMEOUT,
  FAILS_REFUSED,
  FAILS_HALF,
  FAILS_NOT
};

struct call {
  int64_t began_at; /* ms */
  unsigned retries;
  int spent;
  struct call *next; /* due at the same tick */
};

struct storm {
  struct policy policy;
  enum failure failure;
  uint64_t random;
  struct budget_table *budget; /* of the client at hand */
  struct call *due[TICKS];     /* of the client at hand; owned */
  long long attempts;          /* of all clients, while the server fails */
  long long attempts_after;
  long long calls; /* begun while the server fails */
};

static uint64_t next_random(struct storm *storm) {
  storm->random = storm->random * 6364136223846793005ULL + 1442695040888963407;
  return storm->random >> 11;
}

static void schedule(struct storm *storm, struct call *call, int64_t at) {
  int64_t tick = (at + TICK_MS - 1) / TICK_MS;

  if (tick >= TICKS) {
    free(call);
    return;
  }
  call->next = storm->due[tick];
  storm->due[tick] = call;
}

/* How an attempt ends. */
static struct outcome outcome_at(struct storm *storm, int64_t now) {
  struct outcome outcome = {.method = "GET",
                            .can_rewind = true,
                            .time_left_ms = POLICY_UNLIMITED,
                            .status = 200};
  bool is_failing = now < OUTAGE_S * 1000;

  if (storm->failure == FAILS_HALF)
    is_failing = is_failing && next_random(storm) % 2;
  if (!is_failing || storm->failure == FAILS_NOT)
    return outcome;
  outcome.status = 0;
  if (storm->failure == FAILS_TIMEOUT)
    outcome.code = CURLE_OPERATION_TIMEDOUT;
  else if (storm->failure == FAILS_REFUSED)
    outcome.code = CURLE_COULDNT_CONNECT;
  else
    outcome.status = 503;
  return outcome;
}

/* One attempt of a call and what the engine does after it. */
static void attempt(struct storm *storm, struct call *call, int64_t now) {
  struct outcome outcome = outcome_at(storm, now);
  int limit = storm->policy.budget;
  struct verdict verdict;

  if (now < OUTAGE_S * 1000)
    storm->attempts++;
  else
    storm->attempts_after++;
  outcome.retries = call->retries;
  outcome.idle_ms = now - call->began_at;
  outcome.random = next_random(storm);
  outcome.tokens = limit ? budget_left(storm->budget, ORIGIN, limit, 0) : 0;
  verdict = policy_judge(&storm->policy, &outcome);
  if (verdict.reason == VERDICT_SUCCESS && limit)
    budget_give(storm->budget, ORIGIN, call->spent ? call->spent : 1, 0);
  if (verdict.reason != VERDICT_RETRY ||
      (limit && !budget_take(storm->budget, ORIGIN, verdict.cost, limit, 0))) {
    free(call);
    return;
  }
  call->spent += verdict.cost;
  call->retries++;
  schedule(storm, call, now + verdict.delay_ms);
}

/* A call each second from a moment of the client's own on. */
static void run_client(struct storm *storm, unsigned number) {
  struct budget_table table = {0};
  int64_t first = number * 1000 / CLIENTS;

  storm->budget = &table;
  memset(storm->due, 0, sizeof storm->due);
  for (int64_t second = 0; second < OUTAGE_S + AFTER_S; second++) {
    struct call *call = calloc(1, sizeof *call);
    assert_non_null(call);
    call->began_at = second * 1000 + first;
    storm->calls += call->began_at < OUTAGE_S * 1000;
    schedule(storm, call, call->began_at);
  }
  for (int tick = 0; tick < TICKS; tick++)
    while (storm->due[tick]) {
      struct call *call = storm->due[tick];
      storm->due[tick] = call->next;
      attempt(storm, call, (int64_t)tick * TICK_MS);
    }
}

/* The load at the server while it fails, of what it is without retries; and
 * in `after` the same for the time it is well again. */
static double load_of(const char *setting, enum failure failure,
                      double *after) {
  static struct storm storm;
  static const char *const names[] = {"503", "time-out", "refused", "half 503",
                                      "nothing"};
  double load;

  memset(&storm, 0, sizeof storm);
  storm.policy = policy_of(setting);
  storm.failure = failure;
  storm.random = 20240229;
  for (unsigned i = 0; i < CLIENTS; i++)
    run_client(&storm, i);
  load = (double)storm.attempts / (double)storm.calls;
  *after = (double)storm.attempts_after / (CLIENTS * AFTER_S);
  printf("| %-8s | %-12s | %8lld | %8lld | %5.2f | %5.2f |\n", names[failure],
         setting, storm.calls, storm.attempts, load, *after);
  return load;
}

static void print_head(void) {
  printf("%d clients, a call a second each, %d s of failure\n"
         "| failure  | policy       |    calls | attempts |  load | after |\n"
         "| -------- | ------------ | -------- | -------- | ----- | ----- |\n",
         CLIENTS, OUTAGE_S);
}

static void default_budget_bounds_the_load_of_an_outage(void **state) {
  double after;

  (void)state;
  print_head();
  for (int failure = FAILS_503; failure <= FAILS_REFUSED; failure++) {
    double load = load_of("BUDGET=100", (enum failure)failure, &after);
    assert_true(load > 1.05 && load <= 1.4);
    assert_true(after <= 1.1);
  }
}

static void without_a_budget_the_load_is_four_times(void **state) {
  double after;

  (void)state;
  for (int failure = FAILS_503; failure <= FAILS_REFUSED; failure++) {
    double load = load_of("BUDGET=off", (enum failure)failure, &after);
    assert_true(load > 3.6 && load <= 4.0);
  }
}

static void half_a_failure_is_got_over_within_the_budget(void **state) {
  double after, load = load_of("BUDGET=100", FAILS_HALF, &after);

  (void)state;
  assert_true(load <= load_of("BUDGET=off", FAILS_HALF, &after));
  assert_true(load > 1.3);
}

static void success_costs_nothing(void **state) {
  double after;

  (void)state;
  assert_true(load_of("BUDGET=100", FAILS_NOT, &after) == 1.0);
  assert_true(load_of("BUDGET=off", FAILS_NOT, &after) == 1.0);
}

static void larger_budget_is_a_larger_load(void **state) {
  double after, small = load_of("BUDGET=20", FAILS_503, &after);

  (void)state;
  assert_true(small < load_of("BUDGET=100", FAILS_503, &after));
  assert_true(small < 1.1);
}

/* --- threads ---------------------------------------------------------------
 */

struct crowd {
  struct policy policy;
  struct budget_table table;
  _Atomic int retries;
};

/* Calls that fail for ever. */
static void *fail_on(void *data) {
  struct crowd *crowd = data;
  struct outcome outcome = {.method = "GET",
                            .can_rewind = true,
                            .status = 503,
                            .time_left_ms = POLICY_UNLIMITED};

  for (int call = 0; call < 200; call++)
    for (outcome.retries = 0;; outcome.retries++) {
      struct verdict verdict;
      outcome.tokens =
          budget_left(&crowd->table, ORIGIN, crowd->policy.budget, 0);
      verdict = policy_judge(&crowd->policy, &outcome);
      if (verdict.reason != VERDICT_RETRY ||
          !budget_take(&crowd->table, ORIGIN, verdict.cost,
                       crowd->policy.budget, 0))
        break;
      atomic_fetch_add(&crowd->retries, 1);
    }
  return NULL;
}

static int retries_of(int threads) {
  static struct crowd crowd;
  pthread_t ids[THREADS];

  memset(&crowd, 0, sizeof crowd);
  crowd.policy = policy_of("BUDGET=100");
  for (int i = 0; i < threads; i++)
    assert_int_equal(pthread_create(&ids[i], NULL, fail_on, &crowd), 0);
  for (int i = 0; i < threads; i++)
    pthread_join(ids[i], NULL);
  assert_int_equal(budget_left(&crowd.table, ORIGIN, 100, 0), 0);
  return atomic_load(&crowd.retries);
}

static void threads_share_one_budget(void **state) {
  int alone = retries_of(1);

  (void)state;
  assert_int_equal(alone, 20);
  for (int round = 0; round < ROUNDS; round++)
    assert_int_equal(retries_of(THREADS), alone);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(default_budget_bounds_the_load_of_an_outage),
      cmocka_unit_test(without_a_budget_the_load_is_four_times),
      cmocka_unit_test(half_a_failure_is_got_over_within_the_budget),
      cmocka_unit_test(larger_budget_is_a_larger_load),
      cmocka_unit_test(success_costs_nothing),
      cmocka_unit_test(threads_share_one_budget),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
