/* test_policy_mismatch.c - an answer that isn't the rest of a broken body: a
 * failure like another, whatever its code, within the same limits. */
#include "policy_test.h"

#include "judge.h"

/* A GET whose resume met something else. */
static struct outcome other_answer(int code, int status) {
  return (struct outcome){.code = code,
                          .status = status,
                          .is_other_answer = true,
                          .can_rewind = true,
                          .method = "GET",
                          .attempt = 2,
                          .has_header = true,
                          .retries = 1,
                          .time_left_ms = POLICY_UNLIMITED,
                          .tokens = 100};
}

static void assert_reason(const char *setting, const struct outcome *outcome,
                          enum verdict_reason reason) {
  struct policy policy = policy_of(setting);
  struct verdict verdict = policy_judge(&policy, outcome);

  assert_string_equal(policy_reason_text(verdict.reason),
                      policy_reason_text(reason));
}

static void it_costs_a_retry_whatever_it_is(void **unused) {
  static const struct {
    int code, status;
  } rows[] = {{65, 200}, {65, 206}, {0, 200},  {65, 404}, {65, 416},
              {65, 304}, {33, 200}, {22, 404}, {63, 0},   {78, 550}};

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct outcome outcome = other_answer(rows[i].code, rows[i].status);
    struct policy policy = policy_of("ON=reset");
    struct verdict verdict = policy_judge(&policy, &outcome);
    assert_int_equal(verdict.reason, VERDICT_RETRY);
    assert_int_equal(verdict.class, CLASS_PARTIAL);
    assert_int_equal(verdict.status, 0);
    assert_int_equal(verdict.cost, 5);
    assert_false(verdict.is_at_once);
    assert_true(verdict.delay_ms > 0);
    outcome.tokens = 0;
    assert_int_equal(policy_judge_again(&policy, &outcome, &verdict).reason,
                     VERDICT_RETRY);
  }
}

static void it_keeps_to_the_limits(void **unused) {
  struct outcome outcome = other_answer(65, 200);

  (void)unused;
  outcome.retries = 3;
  assert_reason("ON=default", &outcome, VERDICT_EXHAUSTED);
  outcome = other_answer(65, 200);
  outcome.idle_ms = 119999;
  assert_reason("MAX_TIME=2m", &outcome, VERDICT_MAX_TIME);
  outcome = other_answer(65, 200);
  outcome.time_left_ms = 1;
  assert_reason("ON=default", &outcome, VERDICT_DEADLINE);
  outcome = other_answer(65, 200);
  outcome.tokens = 4;
  assert_reason("ON=default", &outcome, VERDICT_BUDGET);
  outcome = other_answer(65, 200);
  outcome.was_refused = true;
  assert_reason("ON=default", &outcome, VERDICT_REFUSED);
}

/* Its own Retry-After is of another answer: nobody waits for it. */
static void its_retry_after_is_not_waited_out(void **unused) {
  struct outcome outcome = other_answer(65, 404);

  (void)unused;
  outcome.retry_after_ms = 3600000;
  assert_reason("ON=default", &outcome, VERDICT_RETRY);
}

/* Wrong credentials don't become right ones. */
static void a_refused_login_is_not_repeated(void **unused) {
  struct outcome outcome = other_answer(65, 407);

  (void)unused;
  assert_reason("ON=all", &outcome, VERDICT_FINAL);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_costs_a_retry_whatever_it_is),
      cmocka_unit_test(it_keeps_to_the_limits),
      cmocka_unit_test(its_retry_after_is_not_waited_out),
      cmocka_unit_test(a_refused_login_is_not_repeated),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
