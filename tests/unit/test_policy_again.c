/* test_policy_again.c - what is repeated at once, and what is judged again
 * when a wait is over. */
#include "policy_test.h"

#include "judge.h"

/* A delay is 1000 ms, whatever the rest of the policy. */
static struct policy plain(const char *setting) {
  struct policy policy = policy_of(setting);
  policy.jitter = JITTER_NONE;
  return policy;
}

/* A GET's first retry failed with 56 on a connection that was dead. */
static struct outcome dead_get(void) {
  return (struct outcome){.code = 56,
                          .can_rewind = true,
                          .method = "GET",
                          .attempt = 2,
                          .time_left_ms = POLICY_UNLIMITED,
                          .tokens = 100};
}

static void assert_at_once(const char *what, const struct verdict *verdict,
                           bool is_at_once) {
  bool is_free = verdict->delay_ms == 0 && verdict->cost == 0;
  if (verdict->reason != VERDICT_RETRY)
    fail_msg("%s: %s", what, policy_reason_text(verdict->reason));
  if (verdict->is_at_once != is_at_once || is_free != is_at_once)
    fail_msg("%s: at once %d, delay %d, cost %d", what, verdict->is_at_once,
             (int)verdict->delay_ms, verdict->cost);
}

static void a_retry_on_a_dead_connection_is_repeated_at_once(void **state) {
  (void)state;
  static const struct {
    const char *what;
    int code;
    unsigned attempt;
    long connects;
    bool has_header;
    bool is_committed;
    bool is_at_once;
  } rows[] = {
      {"no attempt", 56, 0, 0, false, false, false},
      {"the first attempt", 56, 1, 0, false, false, false},
      {"the second attempt", 56, 2, 0, false, false, true},
      {"a later attempt", 56, 1000, 0, false, false, true},
      {"a new connection", 56, 2, 1, false, false, false},
      {"new connections", 56, 2, 2, false, false, false},
      {"a header came", 56, 2, 0, true, false, false},
      {"the program has a part", 56, 2, 0, false, true, false},
      {"both", 56, 2, 0, true, true, false},
      {"HTTP/2", 16, 2, 0, false, false, true},
      {"nothing came", 52, 2, 0, false, false, true},
      {"nothing could be sent", 55, 2, 0, false, false, true},
      {"HTTP/2 stream", 92, 2, 0, false, false, true},
      {"HTTP/3", 95, 2, 0, false, false, true},
      {"QUIC", 96, 2, 0, false, false, true},
      {"named by hand", 61, 2, 0, false, false, false},
      {"dns", 6, 2, 0, false, false, false},
      {"connect", 7, 2, 0, false, false, false},
      {"tls", 35, 2, 0, false, false, false},
      {"timeout", 28, 2, 0, false, false, false},
      {"partial", 18, 2, 0, false, false, false},
  };
  struct policy policy = plain("ON=default,curl:61");
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct outcome outcome = dead_get();
    outcome.code = rows[i].code;
    outcome.attempt = rows[i].attempt;
    outcome.connects = rows[i].connects;
    outcome.has_header = rows[i].has_header;
    outcome.is_committed = rows[i].is_committed;
    struct verdict verdict = policy_judge(&policy, &outcome);
    assert_at_once(rows[i].what, &verdict, rows[i].is_at_once);
  }
}

/* The verdict on a dead connection, and on the same failure of a new one. */
static void assert_turned(const char *what, const struct policy *policy,
                          struct outcome outcome, enum verdict_reason reason,
                          bool is_at_once) {
  struct verdict verdict = policy_judge(policy, &outcome);
  outcome.connects = 1;
  struct verdict otherwise = policy_judge(policy, &outcome);
  if (otherwise.reason != reason || otherwise.is_at_once)
    fail_msg("%s: %s without a dead connection, at once %d", what,
             policy_reason_text(otherwise.reason), otherwise.is_at_once);
  assert_int_equal(verdict.class, otherwise.class);
  assert_int_equal(verdict.status, otherwise.status);
  if (is_at_once) {
    assert_at_once(what, &verdict, true);
    return;
  }
  if (verdict.reason != reason || verdict.is_at_once ||
      verdict.delay_ms != otherwise.delay_ms || verdict.cost != otherwise.cost)
    fail_msg("%s: %s, at once %d", what, policy_reason_text(verdict.reason),
             verdict.is_at_once);
}

static void retries_and_tokens_are_no_limit_to_it(void **state) {
  (void)state;
  static const struct {
    const char *what;
    const char *setting;
    unsigned retries;
    int tokens;
    int64_t idle_ms;
    int64_t time_left_ms;
    enum verdict_reason reason;
    bool is_at_once;
  } rows[] = {
      {"all fits", "ON=default", 2, 5, 0, POLICY_UNLIMITED, VERDICT_RETRY,
       true},
      {"no budget", "BUDGET=off", 0, 0, 0, POLICY_UNLIMITED, VERDICT_RETRY,
       true},
      {"no retry left", "ON=default", 3, 100, 0, POLICY_UNLIMITED,
       VERDICT_EXHAUSTED, true},
      {"no token left", "ON=default", 0, 0, 0, POLICY_UNLIMITED,
       VERDICT_BUDGET, true},
      {"a token too few", "ON=default", 0, 4, 0, POLICY_UNLIMITED,
       VERDICT_BUDGET, true},
      {"neither left", "ON=default", 3, 0, 0, POLICY_UNLIMITED,
       VERDICT_EXHAUSTED, true},
      {"as long as MAX_TIME", "ON=default", 0, 100, 118999, POLICY_UNLIMITED,
       VERDICT_RETRY, true},
      {"longer than MAX_TIME", "ON=default", 0, 100, 119000, POLICY_UNLIMITED,
       VERDICT_MAX_TIME, false},
      {"just in time", "ON=default", 0, 100, 0, 1001, VERDICT_RETRY, true},
      {"too late", "ON=default", 0, 100, 0, 1000, VERDICT_DEADLINE, false},
      {"too late, no token left", "ON=default", 0, 0, 0, 1000,
       VERDICT_DEADLINE, false},
      /* MAX_RETRIES is asked first. */
      {"no retry and no time left", "ON=default", 3, 100, 120000, 0,
       VERDICT_EXHAUSTED, true},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct policy policy = plain(rows[i].setting);
    struct outcome outcome = dead_get();
    outcome.retries = rows[i].retries;
    outcome.tokens = rows[i].tokens;
    outcome.idle_ms = rows[i].idle_ms;
    outcome.time_left_ms = rows[i].time_left_ms;
    assert_turned(rows[i].what, &policy, outcome, rows[i].reason,
                  rows[i].is_at_once);
  }
}

static void what_must_not_be_repeated_is_not(void **state) {
  (void)state;
  static const struct {
    const char *what;
    const char *setting;
    const char *method;
    int code;
    bool can_rewind;
    bool has_own_socket;
    bool was_refused;
    enum verdict_reason reason;
  } rows[] = {
      {"refused", "ON=all", "GET", 56, true, false, true, VERDICT_REFUSED},
      {"success", "ON=all", "GET", 0, true, false, false, VERDICT_SUCCESS},
      {"not in ON", "ON=!reset", "GET", 56, true, false, false, VERDICT_FINAL},
      {"never", "ON=all", "GET", 60, true, false, false, VERDICT_FINAL},
      {"own socket", "ON=all", "GET", 56, true, true, false, VERDICT_FINAL},
      {"method", "ON=all", "POST", 56, true, false, false, VERDICT_METHOD},
      {"body", "ON=all", "PUT", 56, false, false, false, VERDICT_NO_REWIND},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct policy policy = plain(rows[i].setting);
    struct outcome outcome = dead_get();
    outcome.method = rows[i].method;
    outcome.code = rows[i].code;
    outcome.can_rewind = rows[i].can_rewind;
    outcome.has_own_socket = rows[i].has_own_socket;
    outcome.was_refused = rows[i].was_refused;
    assert_turned(rows[i].what, &policy, outcome, rows[i].reason, false);
  }
}

static void a_status_is_never_repeated_at_once(void **state) {
  (void)state;
  static const struct {
    const char *what;
    int status;
    int connect_status;
    bool is_ftp;
    unsigned retries;
    int tokens;
    int64_t retry_after_ms;
    enum verdict_reason reason;
  } rows[] = {
      {"status", 503, 0, false, 0, 5, 0, VERDICT_RETRY},
      {"reply", 421, 0, true, 0, 5, 0, VERDICT_RETRY},
      {"the proxy's", 0, 503, false, 0, 5, 0, VERDICT_RETRY},
      {"no retry left", 503, 0, false, 3, 5, 0, VERDICT_EXHAUSTED},
      {"no token left", 503, 0, false, 0, 4, 0, VERDICT_BUDGET},
      {"Retry-After", 503, 0, false, 0, 5, 60001, VERDICT_RETRY_AFTER},
      {"not in ON", 404, 0, false, 0, 5, 0, VERDICT_FINAL},
  };
  struct policy policy = plain("ON=default");
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct outcome outcome = dead_get();
    outcome.status = rows[i].status;
    outcome.connect_status = rows[i].connect_status;
    outcome.is_ftp = rows[i].is_ftp;
    outcome.retries = rows[i].retries;
    outcome.tokens = rows[i].tokens;
    outcome.retry_after_ms = rows[i].retry_after_ms;
    assert_turned(rows[i].what, &policy, outcome, rows[i].reason, false);
  }
}

/* A wait for a retry of 1234 ms is over; what the outcome then means. */
static void assert_again(const char *what, const struct policy *policy,
                         const struct outcome *outcome, int paid,
                         enum verdict_reason reason) {
  const struct verdict before = {.reason = VERDICT_RETRY,
                                 .class = CLASS_PARTIAL,
                                 .delay_ms = 1234,
                                 .cost = paid};
  struct verdict verdict = policy_judge_again(policy, outcome, &before);
  if (verdict.reason != reason)
    fail_msg("%s: %s", what, policy_reason_text(verdict.reason));
  assert_false(verdict.is_at_once);
  if (reason != VERDICT_RETRY) {
    assert_int_not_equal(verdict.class, before.class);
    assert_int_equal(verdict.delay_ms, 0);
    return;
  }
  assert_int_equal(verdict.class, before.class);
  assert_int_equal(verdict.status, before.status);
  assert_int_equal(verdict.delay_ms, before.delay_ms);
  assert_int_equal(verdict.cost, before.cost);
}

static void only_time_that_has_passed_counts_after_a_wait(void **state) {
  (void)state;
  static const struct {
    const char *what;
    const char *setting;
    int64_t idle_ms;
    int64_t time_left_ms;
    enum verdict_reason reason;
  } rows[] = {
      {"time for all", "ON=default", 0, POLICY_UNLIMITED, VERDICT_RETRY},
      {"a wait to MAX_TIME", "ON=default", 119000, POLICY_UNLIMITED,
       VERDICT_RETRY},
      {"a wait past it", "ON=default", 119001, POLICY_UNLIMITED,
       VERDICT_RETRY},
      {"before MAX_TIME", "ON=default", 119999, POLICY_UNLIMITED,
       VERDICT_RETRY},
      {"at MAX_TIME", "ON=default", 120000, POLICY_UNLIMITED,
       VERDICT_MAX_TIME},
      {"long after", "ON=default", INT64_MAX, POLICY_UNLIMITED,
       VERDICT_MAX_TIME},
      {"no MAX_TIME", "MAX_TIME=off", INT64_MAX, POLICY_UNLIMITED,
       VERDICT_RETRY},
      {"a wait before the deadline", "ON=default", 0, 1001, VERDICT_RETRY},
      {"a wait to it", "ON=default", 0, 1000, VERDICT_RETRY},
      {"before the deadline", "ON=default", 0, 1, VERDICT_RETRY},
      {"at the deadline", "ON=default", 0, 0, VERDICT_DEADLINE},
      {"after it", "ON=default", 0, -1, VERDICT_DEADLINE},
      {"long after it", "ON=default", 0, INT64_MIN, VERDICT_DEADLINE},
      {"after both", "ON=default", 120000, 0, VERDICT_MAX_TIME},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct policy policy = plain(rows[i].setting);
    struct outcome outcome = dead_get();
    outcome.connects = 1;
    outcome.idle_ms = rows[i].idle_ms;
    outcome.time_left_ms = rows[i].time_left_ms;
    assert_again(rows[i].what, &policy, &outcome, 5, rows[i].reason);
  }
}

static void what_was_waited_for_and_paid_is_not_asked_twice(void **state) {
  (void)state;
  static const struct {
    const char *what;
    const char *setting;
    int code;
    int status;
    int64_t retry_after_ms;
    int64_t time_left_ms;
    int tokens;
    int paid;
    enum verdict_reason reason;
  } rows[] = {
      {"Retry-After", "ON=default", 22, 503, 60000, POLICY_UNLIMITED, 0, 5,
       VERDICT_RETRY},
      {"too long a one", "ON=default", 22, 503, 60001, POLICY_UNLIMITED, 0, 5,
       VERDICT_RETRY},
      {"past the deadline", "ON=default", 22, 503, 60000, 1001, 0, 5,
       VERDICT_RETRY},
      {"the last tokens", "ON=default", 56, 0, 0, POLICY_UNLIMITED, 0, 5,
       VERDICT_RETRY},
      {"a timeout's", "ON=default", 28, 0, 0, POLICY_UNLIMITED, 0, 10,
       VERDICT_RETRY},
      {"no budget", "BUDGET=off", 56, 0, 0, POLICY_UNLIMITED, 0, 0,
       VERDICT_RETRY},
      {"less than it costs", "ON=default", 28, 0, 0, POLICY_UNLIMITED, 100, 9,
       VERDICT_BUDGET},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct policy policy = plain(rows[i].setting);
    struct outcome outcome = dead_get();
    outcome.connects = 1;
    outcome.code = rows[i].code;
    outcome.status = rows[i].status;
    outcome.retry_after_ms = rows[i].retry_after_ms;
    outcome.time_left_ms = rows[i].time_left_ms;
    outcome.tokens = rows[i].tokens;
    assert_again(rows[i].what, &policy, &outcome, rows[i].paid,
                 rows[i].reason);
  }
}

static void every_other_reason_ends_the_call_after_a_wait(void **state) {
  (void)state;
  static const struct {
    const char *what;
    const char *method;
    unsigned retries;
    bool can_rewind;
    bool has_own_socket;
    bool was_refused;
    enum verdict_reason reason;
  } rows[] = {
      {"still good", "GET", 2, true, false, false, VERDICT_RETRY},
      {"refused", "GET", 0, true, false, true, VERDICT_REFUSED},
      {"own socket", "GET", 0, true, true, false, VERDICT_FINAL},
      {"method", "POST", 0, true, false, false, VERDICT_METHOD},
      {"body", "PUT", 0, false, false, false, VERDICT_NO_REWIND},
      {"no retry left", "GET", 3, true, false, false, VERDICT_EXHAUSTED},
  };
  struct policy policy = plain("ON=default");
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct outcome outcome = dead_get();
    outcome.connects = 1;
    outcome.method = rows[i].method;
    outcome.retries = rows[i].retries;
    outcome.can_rewind = rows[i].can_rewind;
    outcome.has_own_socket = rows[i].has_own_socket;
    outcome.was_refused = rows[i].was_refused;
    assert_again(rows[i].what, &policy, &outcome, 5, rows[i].reason);
  }
}

static void at_once_stays_at_once_when_judged_again(void **state) {
  (void)state;
  struct policy policy = plain("ON=default");
  struct outcome outcome = dead_get();
  outcome.retries = 3;
  struct verdict before = policy_judge(&policy, &outcome);
  struct verdict verdict = policy_judge_again(&policy, &outcome, &before);
  assert_at_once("exhausted", &verdict, true);
  outcome.retries = 0;
  verdict = policy_judge_again(&policy, &outcome, &before);
  assert_at_once("no token was paid", &verdict, true);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_retry_on_a_dead_connection_is_repeated_at_once),
      cmocka_unit_test(retries_and_tokens_are_no_limit_to_it),
      cmocka_unit_test(what_must_not_be_repeated_is_not),
      cmocka_unit_test(a_status_is_never_repeated_at_once),
      cmocka_unit_test(only_time_that_has_passed_counts_after_a_wait),
      cmocka_unit_test(what_was_waited_for_and_paid_is_not_asked_twice),
      cmocka_unit_test(every_other_reason_ends_the_call_after_a_wait),
      cmocka_unit_test(at_once_stays_at_once_when_judged_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
