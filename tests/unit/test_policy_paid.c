/* test_policy_paid.c - failures of one incident are charged once. */
#include "policy_test.h"

#include "judge.h"

static struct outcome death(void) {
  return (struct outcome){.code = 56,
                          .is_paid = true,
                          .can_rewind = true,
                          .method = "GET",
                          .attempt = 1,
                          .connects = 1,
                          .time_left_ms = POLICY_UNLIMITED};
}

static struct verdict judge(const struct outcome *outcome) {
  struct policy policy = policy_of("JITTER=none");

  return policy_judge(&policy, outcome);
}

static void what_is_paid_needs_no_tokens(void **unused) {
  struct outcome outcome = death();

  (void)unused;
  assert_int_equal(judge(&outcome).reason, VERDICT_RETRY);
  assert_int_equal(judge(&outcome).cost, 0);
  assert_int_equal(judge(&outcome).delay_ms, 1000);
  outcome.code = 28;
  assert_int_equal(judge(&outcome).reason, VERDICT_RETRY);
  outcome.is_paid = false;
  assert_int_equal(judge(&outcome).reason, VERDICT_BUDGET);
}

static void the_other_limits_are_the_same(void **unused) {
  struct outcome outcome = death();

  (void)unused;
  outcome.retries = 3;
  assert_int_equal(judge(&outcome).reason, VERDICT_EXHAUSTED);
  outcome = death();
  outcome.method = "POST";
  assert_int_equal(judge(&outcome).reason, VERDICT_METHOD);
}

static void answers_are_charged_each(void **unused) {
  struct outcome outcome = death();

  (void)unused;
  outcome.status = 503;
  assert_int_equal(judge(&outcome).reason, VERDICT_BUDGET);
  outcome.tokens = 5;
  assert_int_equal(judge(&outcome).cost, 5);
  outcome.status = 200;
  outcome.is_other_answer = true;
  assert_int_equal(judge(&outcome).cost, 5);
}

static void it_is_not_asked_again_after_the_wait(void **unused) {
  struct policy policy = policy_of("JITTER=none");
  struct outcome outcome = death();
  struct verdict before = judge(&outcome);

  (void)unused;
  outcome.is_paid = false; /* another incident meanwhile */
  assert_int_equal(policy_judge_again(&policy, &outcome, &before).reason,
                   VERDICT_RETRY);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_paid_needs_no_tokens),
      cmocka_unit_test(the_other_limits_are_the_same),
      cmocka_unit_test(answers_are_charged_each),
      cmocka_unit_test(it_is_not_asked_again_after_the_wait),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
