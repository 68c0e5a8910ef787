/* test_policy_way.c - what came on the way to a failure isn't the failure: a
 * reply of ftp that libcurl got over, a tunnel that was made, a challenge. */
#include "policy_test.h"

#include "judge.h"

static struct outcome failed(int code, int status) {
  return (struct outcome){.code = code,
                          .status = status,
                          .can_rewind = true,
                          .method = "GET",
                          .attempt = 2,
                          .connects = 1,
                          .time_left_ms = POLICY_UNLIMITED,
                          .tokens = 100};
}

static struct verdict judge(const struct outcome *outcome) {
  struct policy policy = policy_of("ON=default");

  return policy_judge(&policy, outcome);
}

/* A 5yz to MDTM, SIZE or EPSV, and then the connection broke. */
static void a_reply_that_was_got_over_is_no_failure(void **unused) {
  static const int codes[] = {7, 28, 35, 52, 55, 56};

  (void)unused;
  for (size_t i = 0; i < COUNT(codes); i++) {
    struct outcome outcome = failed(codes[i], 550);
    outcome.is_ftp = true;
    assert_int_equal(judge(&outcome).reason, VERDICT_RETRY);
    assert_int_equal(judge(&outcome).status, 0);
    outcome.status = 421; /* is a timeout to libcurl */
    assert_int_equal(judge(&outcome).status, 421);
    outcome.status = 550;
    outcome.code = 18; /* in place of 226 */
    assert_int_equal(judge(&outcome).reason, VERDICT_FINAL);
    assert_int_equal(judge(&outcome).status, 550);
  }
}

/* Behind the login, which the last reply is of. */
static void ftp_has_a_second_tunnel(void **unused) {
  struct outcome outcome = failed(56, 229);

  (void)unused;
  outcome.is_ftp = true;
  outcome.connect_status = 403;
  assert_int_equal(judge(&outcome).reason, VERDICT_FINAL);
  assert_int_equal(judge(&outcome).status, 403);
  assert_true(judge(&outcome).is_proxy);
  outcome.connect_status = 503;
  assert_int_equal(judge(&outcome).reason, VERDICT_RETRY);
  assert_int_equal(judge(&outcome).status, 503);
  outcome.status = 450;
  assert_int_equal(judge(&outcome).status, 450);
  assert_false(judge(&outcome).is_proxy);
  outcome = failed(56, 229);
  outcome.connect_status = 200;
  outcome.is_ftp = true;
  assert_int_equal(judge(&outcome).class, CLASS_RESET);
}

/* Once, at once, by the same connection: the challenge may be its own. */
static void another_challenge_is_answered(void **unused) {
  struct outcome outcome = failed(0, 401);
  struct verdict verdict;

  (void)unused;
  assert_int_equal(judge(&outcome).reason, VERDICT_FINAL);
  outcome.has_new_challenge = true;
  outcome.retries = 3;
  verdict = judge(&outcome);
  assert_int_equal(verdict.reason, VERDICT_RETRY);
  assert_true(verdict.is_at_once);
  assert_false(verdict.is_fresh);
  assert_int_equal(verdict.cost, 0);
  assert_int_equal(verdict.delay_ms, 0);
  outcome.was_repeated = true;
  assert_int_equal(judge(&outcome).reason, VERDICT_FINAL);
  outcome.was_repeated = false;
  outcome.can_rewind = false;
  assert_int_equal(judge(&outcome).reason, VERDICT_FINAL);
  outcome.can_rewind = true;
  outcome.idle_ms = 120000;
  assert_int_equal(judge(&outcome).reason, VERDICT_FINAL);
  outcome.idle_ms = 0;
  outcome.time_left_ms = 0;
  assert_int_equal(judge(&outcome).reason, VERDICT_FINAL);
  outcome.time_left_ms = 1;
  assert_int_equal(judge(&outcome).reason, VERDICT_RETRY);
  outcome.was_refused = true;
  assert_int_equal(judge(&outcome).reason, VERDICT_REFUSED);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_reply_that_was_got_over_is_no_failure),
      cmocka_unit_test(ftp_has_a_second_tunnel),
      cmocka_unit_test(another_challenge_is_answered),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
