/* test_policy_faults.c - FAULTS: what it means, and what is drawn. */
#include "policy_test.h"

#include "faults.h"

static struct faults faults_of(const char *list) {
  char setting[4096];

  snprintf(setting, sizeof setting, "FAULTS=%s", list);
  return policy_of(setting).faults;
}

static void there_are_none_by_default(void **state) {
  struct policy policy;

  (void)state;
  policy_defaults(&policy);
  assert_int_equal(policy.faults.count, 0);
  assert_int_equal(policy.faults_seed, -1);
  assert_int_equal(faults_of("none").count, 0);
  assert_int_equal(faults_of(" off ").count, 0);
  assert_int_equal(faults_of("").count, 0);
}

static void every_form_of_an_entry(void **state) {
  static const struct {
    const char *text;
    struct fault_rule rule;
  } rows[] = {
      {"503", {FAULT_STATUS, 503, 0, 1000000, -1, 0}},
      {"400", {FAULT_STATUS, 400, 0, 1000000, -1, 0}},
      {"599", {FAULT_STATUS, 599, 0, 1000000, -1, 0}},
      {"503:10%", {FAULT_STATUS, 503, 0, 100000, -1, 0}},
      {"503:100%", {FAULT_STATUS, 503, 0, 1000000, -1, 0}},
      {"503:0%", {FAULT_STATUS, 503, 0, 0, -1, 0}},
      {"503:0.5%", {FAULT_STATUS, 503, 0, 5000, -1, 0}},
      {"503:0.00004%", {FAULT_STATUS, 503, 0, 1, -1, 0}},
      {"503:33.3333%", {FAULT_STATUS, 503, 0, 333333, -1, 0}},
      {"503:first=2", {FAULT_STATUS, 503, 2, 1000000, -1, 0}},
      {"503:5%:first=2", {FAULT_STATUS, 503, 2, 50000, -1, 0}},
      {"503:first=2:5%", {FAULT_STATUS, 503, 2, 50000, -1, 0}},
      {" DNS ", {FAULT_DNS, 0, 0, 1000000, -1, 0}},
      {"connect", {FAULT_CONNECT, 0, 0, 1000000, -1, 0}},
      {"tls", {FAULT_TLS, 0, 0, 1000000, -1, 0}},
      {"timeout", {FAULT_TIMEOUT, 0, 0, 1000000, -1, 0}},
      {"reset", {FAULT_RESET, 0, 0, 1000000, -1, 0}},
      {"Partial", {FAULT_PARTIAL, 0, 0, 1000000, -1, 0}},
      {"reset@20000:5%", {FAULT_RESET, 0, 0, 50000, 20000, 0}},
      {"partial@1M", {FAULT_PARTIAL, 0, 0, 1000000, 1048576, 0}},
      {"timeout@0:first=1", {FAULT_TIMEOUT, 0, 1, 1000000, 0, 0}},
      {"delay=2s:20%", {FAULT_DELAY, 0, 0, 200000, -1, 2000}},
      {"delay=1m30s", {FAULT_DELAY, 0, 0, 1000000, -1, 90000}},
      {"delay=0.25:first=1000", {FAULT_DELAY, 0, 1000, 1000000, -1, 250}},
  };

  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct faults faults = faults_of(rows[i].text);
    assert_int_equal(faults.count, 1);
    assert_memory_equal(&faults.rules[0], &rows[i].rule,
                        sizeof(struct fault_rule));
  }
}

static const char mistakes[][24] = {"399",
                                    "600",
                                    "5xx",
                                    "500-510",
                                    "0503",
                                    "200",
                                    "bogus",
                                    "final",
                                    "status",
                                    "curl:56",
                                    "503:",
                                    "503:10",
                                    "503:10 %",
                                    "503:%",
                                    "503:100.1%",
                                    "503:-1%",
                                    "503:1%:2%",
                                    "503:first",
                                    "503:first=",
                                    "503:first=0",
                                    "503:first=1001",
                                    "503:last=1",
                                    "503@100",
                                    "dns@100",
                                    "connect@1",
                                    "tls@0",
                                    "delay@1=2s",
                                    "reset@",
                                    "reset@x",
                                    "reset@1.5",
                                    "reset=2s",
                                    "delay",
                                    "delay=",
                                    "delay=0",
                                    "delay=off",
                                    "delay=soon",
                                    "503,",
                                    ",503",
                                    "503;504",
                                    "!503:10%",
                                    "!reset@100",
                                    "!delay=2s",
                                    "!",
                                    "!!503",
                                    "503,none",
                                    "503:first=1:first=2"};

static void what_is_not_understood_is_refused(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(mistakes); i++) {
    char setting[2048];
    const char *message;
    snprintf(setting, sizeof setting, "FAULTS=%s", mistakes[i]);
    message = message_of(setting);
    assert_non_null(strstr(message, "CURLRETRY_FAULTS="));
    assert_non_null(strstr(message, "not understood; accepted: up to 16 of"));
    assert_non_null(strstr(message, "; ! negates"));
  }
  assert_non_null(strstr(message_of("FAULTS=503,bogus:5%,dns"),
                         ": \"bogus:5%\" not understood"));
}

static void there_is_room_for_sixteen(void **state) {
  char list[256] = "FAULTS=503";

  (void)state;
  for (int i = 1; i < POLICY_FAULTS_MAX; i++)
    strcat(list, ",dns:1%");
  assert_int_equal(policy_of(list).faults.count, POLICY_FAULTS_MAX);
  strcat(list, ",tls");
  assert_non_null(strstr(message_of(list), "\"tls\" not understood"));
}

static void a_negation_takes_earlier_entries_away(void **state) {
  struct faults faults;

  (void)state;
  faults = faults_of("503:10%,reset,502,503,reset@100,!503,!reset,dns");
  assert_int_equal(faults.count, 2);
  assert_int_equal(faults.rules[0].status, 502);
  assert_int_equal(faults.rules[1].kind, FAULT_DNS);
  faults = faults_of("!503,503");
  assert_int_equal(faults.count, 1);
  assert_int_equal(faults_of("delay=1s,!delay").count, 0);
  assert_int_equal(faults_of("!tls").count, 0);
}

static void the_seed_is_a_whole_number(void **state) {
  (void)state;
  assert_int_equal(policy_of("FAULTS_SEED=0").faults_seed, 0);
  assert_int_equal(policy_of("FAULTS_SEED=42").faults_seed, 42);
  assert_int_equal(policy_of("FAULTS_SEED=none").faults_seed, -1);
  assert_true(policy_of("FAULTS_SEED=1152921504606846975").faults_seed ==
              FAULTS_SEED_MAX);
  (void)message_of("FAULTS_SEED=1152921504606846976");
  (void)message_of("FAULTS_SEED=-1");
  (void)message_of("FAULTS_SEED=lucky");
}

/* --- drawing ---------------------------------------------------------------
 */

static struct fault draw(const struct faults *faults, unsigned attempt) {
  return faults_draw(faults, attempt, true, 7);
}

static void without_conditions_it_always_hits(void **state) {
  struct faults faults = faults_of("503");

  (void)state;
  for (unsigned i = 1; i < 1000; i++) {
    struct fault fault = faults_draw(&faults, i, true, i * 12345);
    assert_int_equal(fault.kind, FAULT_STATUS);
    assert_int_equal(fault.status, 503);
    assert_int_equal(fault.after, -1);
    assert_int_equal(fault.delay_ms, 0);
  }
}

static void the_first_that_hits_counts_and_a_delay_adds(void **state) {
  struct faults faults = faults_of("tls:0%,delay=2s,reset@100,503,delay=9s");
  struct fault fault = draw(&faults, 1);

  (void)state;
  assert_int_equal(fault.kind, FAULT_RESET);
  assert_int_equal(fault.after, 100);
  assert_int_equal(fault.delay_ms, 2000);
  faults = faults_of("delay=2s");
  fault = draw(&faults, 1);
  assert_int_equal(fault.kind, FAULT_NONE);
  assert_int_equal(fault.delay_ms, 2000);
}

static void first_means_the_attempts_of_a_call(void **state) {
  struct faults faults = faults_of("503:first=2,dns:first=3");

  (void)state;
  assert_int_equal(draw(&faults, 1).kind, FAULT_STATUS);
  assert_int_equal(draw(&faults, 2).kind, FAULT_STATUS);
  assert_int_equal(draw(&faults, 3).kind, FAULT_DNS);
  assert_int_equal(draw(&faults, 4).kind, FAULT_NONE);
}

static void a_status_is_for_http_alone(void **state) {
  struct faults faults = faults_of("503,reset");

  (void)state;
  assert_int_equal(faults_draw(&faults, 1, true, 1).kind, FAULT_STATUS);
  assert_int_equal(faults_draw(&faults, 1, false, 1).kind, FAULT_RESET);
}

/* Of 100,000 draws, with the random number of each attempt as faults_number()
 * makes it. */
static unsigned count_of(const char *list, enum fault_kind kind) {
  struct faults faults = faults_of(list);
  unsigned count = 0;

  for (unsigned call = 1; call <= 100000; call++)
    count +=
        faults_draw(&faults, 1, true, faults_number(1, call, 1)).kind == kind;
  return count;
}

static void a_share_is_a_share(void **state) {
  (void)state;
  assert_int_equal(count_of("503:0%", FAULT_STATUS), 0);
  assert_int_equal(count_of("503:100%", FAULT_STATUS), 100000);
  assert_in_range(count_of("503:10%", FAULT_STATUS), 9500, 10500);
  assert_in_range(count_of("503:0.5%", FAULT_STATUS), 400, 600);
  /* each is drawn by itself: half of what the first one leaves */
  assert_in_range(count_of("503:50%,dns:50%", FAULT_DNS), 24000, 26000);
}

/* What stands behind an entry doesn't change what it hits. */
static void entries_are_drawn_apart(void **state) {
  struct faults one = faults_of("503:30%");
  struct faults two = faults_of("503:30%,dns:30%,delay=1s:30%");

  (void)state;
  for (uint64_t i = 0; i < 1000; i++)
    assert_int_equal(faults_draw(&one, 1, true, i).kind == FAULT_STATUS,
                     faults_draw(&two, 1, true, i).kind == FAULT_STATUS);
}

static void a_seed_makes_the_same_numbers(void **state) {
  (void)state;
  assert_true(faults_number(1, 2, 3) == faults_number(1, 2, 3));
  assert_true(faults_number(1, 2, 3) != faults_number(2, 2, 3));
  assert_true(faults_number(1, 2, 3) != faults_number(1, 3, 3));
  assert_true(faults_number(1, 2, 3) != faults_number(1, 2, 4));
  assert_true(faults_number(1, 2, 3) != faults_number(1, 3, 2));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(there_are_none_by_default),
      cmocka_unit_test(every_form_of_an_entry),
      cmocka_unit_test(what_is_not_understood_is_refused),
      cmocka_unit_test(there_is_room_for_sixteen),
      cmocka_unit_test(a_negation_takes_earlier_entries_away),
      cmocka_unit_test(the_seed_is_a_whole_number),
      cmocka_unit_test(without_conditions_it_always_hits),
      cmocka_unit_test(the_first_that_hits_counts_and_a_delay_adds),
      cmocka_unit_test(first_means_the_attempts_of_a_call),
      cmocka_unit_test(a_status_is_for_http_alone),
      cmocka_unit_test(a_share_is_a_share),
      cmocka_unit_test(entries_are_drawn_apart),
      cmocka_unit_test(a_seed_makes_the_same_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
