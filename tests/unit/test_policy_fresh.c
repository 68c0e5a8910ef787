/* test_policy_fresh.c - which connection a retry takes (FRESH_CONNECT), and
 * how often one is repeated at once. */
#include "policy_test.h"

#include "judge.h"

static struct outcome failed_get(int code, int status) {
  return (struct outcome){.code = code,
                          .status = status,
                          .can_rewind = true,
                          .method = "GET",
                          .attempt = 1,
                          .connects = 1,
                          .time_left_ms = POLICY_UNLIMITED,
                          .tokens = 100};
}

static void connects_anew_where_the_old_connection_is_no_use(void **state) {
  (void)state;
  static const struct {
    const char *what;
    const char *setting;
    int code;
    int status;
    bool is_ftp;
    unsigned retries;
    bool is_fresh;
  } rows[] = {
      {"reset", "FRESH_CONNECT=auto", 56, 0, false, 0, true},
      {"refused", "FRESH_CONNECT=auto", 7, 0, false, 0, true},
      {"reset again", "FRESH_CONNECT=auto", 56, 0, false, 2, true},
      {"first status", "FRESH_CONNECT=auto", 0, 503, false, 0, false},
      {"second status", "FRESH_CONNECT=auto", 0, 503, false, 1, true},
      {"third status", "FRESH_CONNECT=auto", 22, 503, false, 2, true},
      {"FTP reply", "FRESH_CONNECT=auto", 19, 450, true, 0, false},
      {"third FTP reply", "FRESH_CONNECT=auto", 19, 450, true, 2, false},
      {"FTP reset", "FRESH_CONNECT=auto", 56, 226, true, 0, true},
      {"status, always", "FRESH_CONNECT=always", 0, 503, false, 0, true},
      {"FTP, always", "FRESH_CONNECT=always", 19, 450, true, 0, true},
      {"reset, never", "FRESH_CONNECT=never", 56, 0, false, 0, false},
      {"status, never", "FRESH_CONNECT=never", 0, 503, false, 2, false},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct policy policy = policy_of(rows[i].setting);
    struct outcome outcome = failed_get(rows[i].code, rows[i].status);
    outcome.is_ftp = rows[i].is_ftp;
    outcome.retries = rows[i].retries;
    struct verdict verdict = policy_judge(&policy, &outcome);
    if (verdict.reason != VERDICT_RETRY ||
        verdict.is_fresh != rows[i].is_fresh)
      fail_msg("%s: reason %d, fresh %d", rows[i].what, (int)verdict.reason,
               verdict.is_fresh);
    outcome.has_own_port = true;
    verdict = policy_judge(&policy, &outcome);
    if (verdict.reason != VERDICT_RETRY || verdict.is_fresh)
      fail_msg("%s: fresh with a port of its own", rows[i].what);
    outcome.has_own_socket = true;
    verdict = policy_judge(&policy, &outcome);
    if (verdict.is_fresh)
      fail_msg("%s: fresh with a socket of its own", rows[i].what);
  }
}

static void a_dead_connection_is_replaced_once_between_retries(void **state) {
  (void)state;
  struct policy policy = policy_of("FRESH_CONNECT=never");
  struct outcome outcome = failed_get(56, 0);
  struct verdict verdict;

  outcome.attempt = 2;
  outcome.connects = 0;
  verdict = policy_judge(&policy, &outcome);
  assert_true(verdict.is_at_once);
  assert_true(verdict.is_fresh);
  outcome.was_repeated = true;
  verdict = policy_judge(&policy, &outcome);
  assert_int_equal(verdict.reason, VERDICT_RETRY);
  assert_false(verdict.is_at_once);
  assert_false(verdict.is_fresh);
  outcome.retries = 3;
  verdict = policy_judge(&policy, &outcome);
  assert_int_equal(verdict.reason, VERDICT_EXHAUSTED);
  assert_false(verdict.is_at_once);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(connects_anew_where_the_old_connection_is_no_use),
      cmocka_unit_test(a_dead_connection_is_replaced_once_between_retries),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
