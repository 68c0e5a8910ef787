/* test_policy_judge.c - the answer to an outcome: what is judged, and in
 * which order the limits speak. */
#include "policy_test.h"

#include "judge.h"

/* A GET that failed with 56 on its first attempt and may be retried. */
static struct outcome reset_get(void) {
  return (struct outcome){.code = 56,
                          .can_rewind = true,
                          .method = "GET",
                          .time_left_ms = POLICY_UNLIMITED,
                          .tokens = 100};
}

static struct verdict judge(const char *setting,
                            const struct outcome *outcome) {
  struct policy policy = policy_of(setting);
  return policy_judge(&policy, outcome);
}

static void assert_reason(const char *setting, const struct outcome *outcome,
                          enum verdict_reason reason) {
  assert_string_equal(policy_reason_text(judge(setting, outcome).reason),
                      policy_reason_text(reason));
}

static void assert_judged(const char *setting, const struct outcome *outcome,
                          enum verdict_reason reason, enum retry_class class,
                          int status) {
  struct verdict verdict = judge(setting, outcome);
  assert_string_equal(policy_reason_text(verdict.reason),
                      policy_reason_text(reason));
  assert_string_equal(policy_class_name(verdict.class),
                      policy_class_name(class));
  assert_int_equal(verdict.status, status);
}

static void every_code_has_the_class_of_the_contract(void **state) {
  (void)state;
  static const struct {
    enum retry_class class;
    int codes[9];
  } rows[] = {
      {CLASS_DNS, {5, 6}},
      {CLASS_CONNECT, {7, 97}},
      {CLASS_TLS, {35}},
      {CLASS_TIMEOUT, {12, 28}},
      {CLASS_RESET, {16, 52, 55, 56, 92, 95, 96}},
      {CLASS_PARTIAL, {18}},
  };
  for (int code = -2; code < 300; code++) {
    enum retry_class expected = CLASS_FINAL;
    for (size_t i = 0; i < COUNT(rows); i++) {
      for (size_t k = 0; rows[i].codes[k] != 0; k++) {
        if (rows[i].codes[k] == code)
          expected = rows[i].class;
      }
    }
    int status = -1;
    struct outcome outcome = {.code = code, .proxy_error = 3};
    assert_int_equal(policy_classify(&outcome, &status), expected);
    assert_int_equal(status, 0);
  }
}

static void nothing_failed_without_code_and_status(void **state) {
  (void)state;
  for (int status = 0; status < 400; status++) {
    struct outcome outcome = reset_get();
    outcome.code = 0;
    outcome.status = status;
    assert_judged("ON=all", &outcome, VERDICT_SUCCESS, CLASS_FINAL, 0);
  }
}

static void a_status_decides_whatever_the_code(void **state) {
  (void)state;
  static const int codes[] = {0, 22, 23, 26, 27, 42, 56, 60, 65, 97, 200};
  for (size_t i = 0; i < COUNT(codes); i++) {
    struct outcome outcome = reset_get();
    outcome.code = codes[i];
    outcome.status = 502;
    assert_judged("ON=default", &outcome, VERDICT_RETRY, CLASS_STATUS, 502);
    outcome.status = 404;
    assert_judged("ON=default", &outcome, VERDICT_FINAL, CLASS_STATUS, 404);
  }
  struct outcome outcome = reset_get();
  outcome.status = 200;
  assert_judged("ON=default", &outcome, VERDICT_RETRY, CLASS_RESET, 0);
}

static void a_refused_connect_is_judged_by_its_status(void **state) {
  (void)state;
  struct outcome outcome = reset_get();
  outcome.connect_status = 503;
  assert_judged("ON=default", &outcome, VERDICT_RETRY, CLASS_STATUS, 503);
  outcome.code = 7;
  assert_judged("ON=default", &outcome, VERDICT_RETRY, CLASS_STATUS, 503);
  outcome.connect_status = 407;
  assert_judged("ON=default", &outcome, VERDICT_FINAL, CLASS_STATUS, 407);
  outcome.connect_status = 302;
  assert_judged("ON=all", &outcome, VERDICT_FINAL, CLASS_STATUS, 302);
  outcome.connect_status = 200;
  assert_judged("ON=default", &outcome, VERDICT_RETRY, CLASS_CONNECT, 0);
  outcome.connect_status = 503;
  outcome.status = 200;
  assert_judged("ON=default", &outcome, VERDICT_RETRY, CLASS_CONNECT, 0);
  outcome.status = 0;
  outcome.is_ftp = true;
  assert_judged("ON=503", &outcome, VERDICT_RETRY, CLASS_STATUS, 503);
  outcome.code = 0;
  assert_judged("ON=all", &outcome, VERDICT_SUCCESS, CLASS_FINAL, 0);
}

static void the_proxy_is_named_where_it_failed(void **state) {
  (void)state;
  /* CURLcode, status, that of CONNECT, whether it was the proxy */
  static const int rows[][4] = {
      {56, 0, 503, 1}, {7, 0, 407, 1},    {5, 0, 0, 1},     {97, 0, 0, 1},
      {56, 0, 200, 0}, {56, 503, 200, 0}, {0, 503, 503, 0}, {7, 0, 0, 0}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct outcome outcome = {.code = rows[i][0],
                              .status = rows[i][1],
                              .connect_status = rows[i][2]};
    assert_int_equal(judge("ON=all", &outcome).is_proxy, rows[i][3]);
  }
}

static void an_ftp_4yz_is_retried_as_503_is(void **state) {
  (void)state;
  for (int reply = 400; reply < 500; reply++) {
    struct outcome outcome = reset_get();
    outcome.is_ftp = true;
    outcome.code = 28;
    outcome.status = reply;
    assert_judged("ON=default", &outcome, VERDICT_RETRY, CLASS_STATUS, reply);
    assert_judged("ON=!503", &outcome, VERDICT_FINAL, CLASS_STATUS, reply);
    assert_judged("ON=4xx", &outcome, VERDICT_FINAL, CLASS_STATUS, reply);
    outcome.code = 67; /* a wrong password; others, as 421: a retry */
    assert_reason("ON=all", &outcome, reply == 430 ? VERDICT_FINAL : 0);
    outcome.code = 0;
    assert_judged("ON=all", &outcome, VERDICT_SUCCESS, CLASS_FINAL, 0);
  }
}

static void an_ftp_5yz_is_final_unless_all_is_asked_for(void **state) {
  (void)state;
  for (int reply = 500; reply < 600; reply++) {
    struct outcome outcome = reset_get();
    outcome.is_ftp = true;
    outcome.status = reply;
    outcome.code = 78; /* what is of the connection: test_policy_way.c */
    assert_judged("ON=5xx", &outcome, VERDICT_FINAL, CLASS_STATUS, reply);
    assert_judged("ON=all", &outcome, VERDICT_RETRY, CLASS_STATUS, reply);
    outcome.code = 67; /* a wrong password is not sent again */
    assert_judged("ON=all", &outcome, VERDICT_FINAL, CLASS_STATUS, reply);
    outcome.code = 0;
    assert_judged("ON=all", &outcome, VERDICT_SUCCESS, CLASS_FINAL, 0);
  }
}

static void other_ftp_replies_leave_it_to_the_code(void **state) {
  (void)state;
  static const int replies[] = {0, 150, 226, 331, 399, 600, 631};
  for (size_t i = 0; i < COUNT(replies); i++) {
    struct outcome outcome = reset_get();
    outcome.is_ftp = true;
    outcome.status = replies[i];
    assert_judged("ON=default", &outcome, VERDICT_RETRY, CLASS_RESET, 0);
    outcome.code = 67;
    assert_judged("ON=all", &outcome, VERDICT_FINAL, CLASS_FINAL, 0);
  }
}

static void a_proxy_error_is_retried_only_if_it_may_pass(void **state) {
  (void)state;
  /* CURLproxycode by number, from curl/curl.h. */
  static const int may_pass[] = {3,  13, 14, 15, 16, 19, 20, 21,
                                 22, 24, 26, 27, 28, 29, 30};
  for (int proxy_error = -1; proxy_error < 60; proxy_error++) {
    struct outcome outcome = reset_get();
    bool is_expected = false;
    outcome.code = 97;
    outcome.proxy_error = proxy_error;
    for (size_t i = 0; i < COUNT(may_pass); i++)
      is_expected = is_expected || may_pass[i] == proxy_error;
    assert_judged("ON=all,curl:97", &outcome,
                  is_expected ? VERDICT_RETRY : VERDICT_FINAL,
                  is_expected ? CLASS_CONNECT : CLASS_FINAL, 0);
  }
}

static void a_code_named_by_hand_counts_as_reset(void **state) {
  (void)state;
  struct outcome outcome = reset_get();
  outcome.code = 61;
  assert_judged("ON=default", &outcome, VERDICT_FINAL, CLASS_FINAL, 0);
  assert_judged("ON=curl:61", &outcome, VERDICT_RETRY, CLASS_RESET, 0);
}

static void transport_failures_on_the_programs_socket_are_final(void **state) {
  (void)state;
  struct outcome outcome = reset_get();
  outcome.has_own_socket = true;
  assert_judged("ON=all", &outcome, VERDICT_FINAL, CLASS_RESET, 0);
  outcome.status = 503;
  assert_judged("ON=default", &outcome, VERDICT_RETRY, CLASS_STATUS, 503);
}

static void timeouts_cost_twice_as_much(void **state) {
  (void)state;
  for (int code = 5; code <= 97; code++) {
    struct outcome outcome = reset_get();
    outcome.code = code;
    outcome.proxy_error = 3;
    struct verdict verdict = judge("ON=all", &outcome);
    if (verdict.reason == VERDICT_RETRY)
      assert_int_equal(verdict.cost, code == 28 || code == 12 ? 10 : 5);
  }
}

static void what_was_sent_needs_a_method_and_a_body_to_repeat(void **state) {
  (void)state;
  struct outcome outcome = reset_get();
  outcome.method = "POST";
  outcome.can_rewind = false;
  assert_reason("ON=all", &outcome, VERDICT_METHOD);
  assert_reason("METHODS=POST", &outcome, VERDICT_NO_REWIND);
  outcome.nothing_sent = true;
  assert_reason("ON=all", &outcome, VERDICT_RETRY);
}

/* Everything is wrong at first; each step puts the first reason right. */
static void reasons_come_in_the_order_of_the_contract(void **state) {
  (void)state;
  struct outcome outcome = {.code = 22,
                            .status = 404,
                            .was_refused = true,
                            .method = "POST",
                            .retries = 3,
                            .idle_ms = 999999,
                            .time_left_ms = 1,
                            .retry_after_ms = 60001};
  const char *setting = "JITTER=none";
  assert_judged(setting, &outcome, VERDICT_REFUSED, CLASS_FINAL, 0);
  outcome.was_refused = false;
  assert_reason(setting, &outcome, VERDICT_FINAL);
  outcome.status = 503;
  assert_reason(setting, &outcome, VERDICT_METHOD);
  outcome.method = "PUT";
  assert_reason(setting, &outcome, VERDICT_NO_REWIND);
  outcome.can_rewind = true;
  assert_reason(setting, &outcome, VERDICT_EXHAUSTED);
  outcome.retries = 0;
  assert_reason(setting, &outcome, VERDICT_RETRY_AFTER);
  outcome.retry_after_ms = 60000;
  assert_reason(setting, &outcome, VERDICT_MAX_TIME);
  outcome.idle_ms = 0;
  assert_reason(setting, &outcome, VERDICT_DEADLINE);
  outcome.time_left_ms = 61001;
  assert_reason(setting, &outcome, VERDICT_BUDGET);
  outcome.tokens = 5;
  struct verdict verdict = judge(setting, &outcome);
  assert_int_equal(verdict.reason, VERDICT_RETRY);
  assert_int_equal(verdict.delay_ms, 61000);
  assert_int_equal(verdict.cost, 5);
}

static void only_retries_below_the_maximum_are_made(void **state) {
  (void)state;
  struct outcome outcome = reset_get();
  assert_reason("MAX_RETRIES=0", &outcome, VERDICT_EXHAUSTED);
  outcome.retries = 2;
  assert_reason("MAX_RETRIES=3", &outcome, VERDICT_RETRY);
  outcome.retries = 3;
  assert_reason("MAX_RETRIES=3", &outcome, VERDICT_EXHAUSTED);
  outcome.retries = UINT32_MAX;
  assert_reason("MAX_RETRIES=1000", &outcome, VERDICT_EXHAUSTED);
}

static void the_delay_is_that_of_the_retry_to_come(void **state) {
  (void)state;
  struct outcome outcome = reset_get();
  assert_int_equal(judge("JITTER=none", &outcome).delay_ms, 1000);
  outcome.retries = 2;
  assert_int_equal(judge("JITTER=none", &outcome).delay_ms, 4000);
  outcome.random = 250;
  assert_int_equal(judge("JITTER=full", &outcome).delay_ms, 250);
}

static void retry_after_is_added_to_the_own_delay(void **state) {
  (void)state;
  struct outcome outcome = reset_get();
  outcome.retry_after_ms = 7000;
  assert_int_equal(judge("JITTER=none", &outcome).delay_ms, 1000);
  outcome.status = 429;
  assert_int_equal(judge("JITTER=none", &outcome).delay_ms, 8000);
  outcome.retry_after_ms = -5;
  assert_int_equal(judge("JITTER=none", &outcome).delay_ms, 1000);
  outcome.retry_after_ms = INT64_MAX;
  assert_reason("ON=default", &outcome, VERDICT_RETRY_AFTER);
  struct verdict verdict = judge("RETRY_AFTER=off", &outcome);
  assert_int_equal(verdict.reason, VERDICT_RETRY);
  assert_in_range(verdict.delay_ms, 500, 1000);
}

static void no_wait_begins_that_would_end_too_late(void **state) {
  (void)state;
  struct outcome outcome = reset_get();
  struct policy policy = policy_of("JITTER=none"); /* 1000 ms */
  outcome.idle_ms = 118999;
  assert_int_equal(policy_judge(&policy, &outcome).reason, VERDICT_RETRY);
  outcome.idle_ms = 119000;
  assert_int_equal(policy_judge(&policy, &outcome).reason, VERDICT_MAX_TIME);
  outcome.idle_ms = INT64_MAX;
  assert_int_equal(policy_judge(&policy, &outcome).reason, VERDICT_MAX_TIME);
  policy.max_time_ms = POLICY_UNLIMITED;
  assert_int_equal(policy_judge(&policy, &outcome).reason, VERDICT_RETRY);
  outcome.idle_ms = 120000;
  policy = policy_of("BASE_DELAY=0"); /* no wait, but the time is over */
  assert_int_equal(policy_judge(&policy, &outcome).reason, VERDICT_MAX_TIME);
  policy = policy_of("JITTER=none");
  outcome.idle_ms = 0;
  outcome.time_left_ms = 1001;
  assert_int_equal(policy_judge(&policy, &outcome).reason, VERDICT_RETRY);
  outcome.time_left_ms = 1000;
  assert_int_equal(policy_judge(&policy, &outcome).reason, VERDICT_DEADLINE);
  outcome.time_left_ms = INT64_MIN;
  assert_int_equal(policy_judge(&policy, &outcome).reason, VERDICT_DEADLINE);
}

static void without_any_bound_nothing_overflows(void **state) {
  (void)state;
  struct outcome outcome = reset_get();
  struct policy policy = policy_of("JITTER=none");
  policy.max_delay_ms = POLICY_UNLIMITED;
  policy.max_time_ms = POLICY_UNLIMITED;
  policy.retry_after_ms = INT64_MAX;
  policy.max_retries = UINT32_MAX;
  outcome.status = 503;
  outcome.retries = 900;
  outcome.idle_ms = INT64_MAX;
  outcome.retry_after_ms = INT64_MAX;
  struct verdict verdict = policy_judge(&policy, &outcome);
  assert_int_equal(verdict.reason, VERDICT_RETRY);
  assert_true(verdict.delay_ms == INT64_MAX);
}

static void the_budget_must_hold_the_cost(void **state) {
  (void)state;
  struct outcome outcome = reset_get();
  outcome.tokens = 4;
  assert_reason("ON=default", &outcome, VERDICT_BUDGET);
  assert_reason("BUDGET=off", &outcome, VERDICT_RETRY);
  assert_int_equal(judge("BUDGET=off", &outcome).cost, 0);
  outcome.tokens = 9;
  assert_reason("ON=default", &outcome, VERDICT_RETRY);
  outcome.code = 28;
  assert_reason("ON=default", &outcome, VERDICT_BUDGET);
  outcome.tokens = 10;
  assert_reason("ON=default", &outcome, VERDICT_RETRY);
}

static void classes_and_reasons_have_names(void **state) {
  (void)state;
  static const char *const names[] = {"final",   "dns",   "connect", "tls",
                                      "timeout", "reset", "partial", "status"};
  for (int i = 0; i < (int)CLASS_COUNT; i++)
    assert_string_equal(policy_class_name((enum retry_class)i), names[i]);
  for (int i = VERDICT_RETRY; i <= (int)VERDICT_NO_MEMORY; i++)
    assert_true(strlen(policy_reason_text((enum verdict_reason)i)) > 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_code_has_the_class_of_the_contract),
      cmocka_unit_test(nothing_failed_without_code_and_status),
      cmocka_unit_test(a_status_decides_whatever_the_code),
      cmocka_unit_test(a_refused_connect_is_judged_by_its_status),
      cmocka_unit_test(the_proxy_is_named_where_it_failed),
      cmocka_unit_test(an_ftp_4yz_is_retried_as_503_is),
      cmocka_unit_test(an_ftp_5yz_is_final_unless_all_is_asked_for),
      cmocka_unit_test(other_ftp_replies_leave_it_to_the_code),
      cmocka_unit_test(a_proxy_error_is_retried_only_if_it_may_pass),
      cmocka_unit_test(a_code_named_by_hand_counts_as_reset),
      cmocka_unit_test(transport_failures_on_the_programs_socket_are_final),
      cmocka_unit_test(timeouts_cost_twice_as_much),
      cmocka_unit_test(what_was_sent_needs_a_method_and_a_body_to_repeat),
      cmocka_unit_test(reasons_come_in_the_order_of_the_contract),
      cmocka_unit_test(only_retries_below_the_maximum_are_made),
      cmocka_unit_test(the_delay_is_that_of_the_retry_to_come),
      cmocka_unit_test(retry_after_is_added_to_the_own_delay),
      cmocka_unit_test(no_wait_begins_that_would_end_too_late),
      cmocka_unit_test(without_any_bound_nothing_overflows),
      cmocka_unit_test(the_budget_must_hold_the_cost),
      cmocka_unit_test(classes_and_reasons_have_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
