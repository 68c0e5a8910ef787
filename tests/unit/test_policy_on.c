/* test_policy_on.c - the ON list, seen through what policy_judge retries. */
#include "policy_test.h"

#include "judge.h"
#include "on.h"

/* Literal lists, made from libcurl-errors(3) and the contract. */
static const int dns_codes[] = {5, 6, -1};
static const int connect_codes[] = {7, 97, -1};
static const int tls_codes[] = {35, -1};
static const int timeout_codes[] = {12, 28, -1};
static const int reset_codes[] = {16, 52, 55, 56, 92, 95, 96, -1};
static const int partial_codes[] = {18, -1};
static const int no_codes[] = {-1};
static const int default_codes[] = {5,  6,  7,  12, 16, 18, 28, 35,
                                    52, 55, 56, 92, 95, 96, 97, -1};
static const int default_statuses[] = {408, 425, 429, 500, 502,
                                       503, 504, 522, 524, -1};

static bool contains(const int *list, int number) {
  for (; *list != -1; list++) {
    if (*list == number)
      return true;
  }
  return false;
}

static bool is_retried(const struct policy *policy, int code, int status) {
  struct outcome outcome = {.code = code,
                            .status = status,
                            .proxy_error = 3, /* CURLPX_CLOSED */
                            .can_rewind = true,
                            .method = "GET",
                            .time_left_ms = POLICY_UNLIMITED,
                            .tokens = 100};
  return policy_judge(policy, &outcome).reason == VERDICT_RETRY;
}

static void assert_codes(const char *setting, const int *codes) {
  struct policy policy = policy_of(setting);
  for (int code = 0; code < 200; code++) {
    if (is_retried(&policy, code, 0) != contains(codes, code))
      fail_msg("%s: code %d", setting, code);
  }
}

static void assert_statuses(const char *setting, const int *statuses) {
  struct policy policy = policy_of(setting);
  for (int status = 0; status <= 1100; status++) {
    if (is_retried(&policy, 0, status) != contains(statuses, status))
      fail_msg("%s: status %d", setting, status);
  }
}

static void assert_range(const char *setting, int first, int last) {
  struct policy policy = policy_of(setting);
  for (int status = 0; status <= 1100; status++) {
    /* wrong proxy credentials (407) are never retried */
    bool is_inside = status >= first && status <= last && status != 407;
    if (is_retried(&policy, 0, status) != is_inside)
      fail_msg("%s: status %d", setting, status);
  }
}

static void default_retries_exactly_its_codes_and_statuses(void **state) {
  (void)state;
  assert_codes("ON=default", default_codes);
  assert_statuses("ON=default", default_statuses);
  assert_codes("ON=", default_codes);
  assert_statuses("ON=", default_statuses);
}

static void a_class_retries_exactly_its_codes(void **state) {
  (void)state;
  static const struct {
    const char *setting;
    const int *codes;
  } rows[] = {
      {"ON=dns", dns_codes},         {"ON=connect", connect_codes},
      {"ON=tls", tls_codes},         {"ON=timeout", timeout_codes},
      {"ON=reset", reset_codes},     {"ON=partial", partial_codes},
      {"ON=status", no_codes},       {"ON=503", no_codes},
      {"ON=none", no_codes},         {"ON=all", default_codes},
      {"ON=TimeOut", timeout_codes},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_codes(rows[i].setting, rows[i].codes);
    if (strcmp(rows[i].setting, "ON=status") == 0)
      assert_statuses(rows[i].setting, default_statuses);
    else if (rows[i].codes != no_codes && rows[i].codes != default_codes)
      assert_statuses(rows[i].setting, no_codes);
  }
}

static void statuses_are_selected_in_every_form(void **state) {
  (void)state;
  assert_range("ON=503", 503, 503);
  assert_range("ON=400", 400, 400);
  assert_range("ON=999", 999, 999);
  assert_range("ON=0503", 503, 503);
  assert_range("ON=520-527", 520, 527);
  assert_range("ON=400-999", 400, 999);
  assert_range("ON=503-503", 503, 503);
  assert_range("ON=4xx", 400, 499);
  assert_range("ON=5XX", 500, 599);
  assert_range("ON=9xx", 900, 999);
  assert_range("ON=all", 400, 999);
  assert_range("ON=all,!4xx", 500, 999);
  assert_range("ON= 500-510 , 505-520 ,!5xx, 501 ", 501, 501);
  assert_range("ON=none", 1, 0);
}

static void later_entries_win(void **state) {
  (void)state;
  static const int without_500[] = {408, 425, 429, 502, 503,
                                    504, 522, 524, -1};
  static const int added[] = {408, 425, 429, 500, 502, 503, 504, 520,
                              521, 522, 523, 524, 525, 526, 527, -1};
  static const int without_tls[] = {5,  6,  7,  12, 16, 18, 28, 52,
                                    55, 56, 92, 95, 96, 97, -1};
  static const int only_404[] = {404, -1};
  assert_statuses("ON=!500", without_500);
  assert_codes("ON=!500", default_codes);
  assert_statuses("ON=default,520-527", added);
  assert_codes("ON=!tls", without_tls);
  assert_statuses("ON=!tls", default_statuses);
  assert_codes("ON=!tls,tls", default_codes);
  assert_codes("ON=tls,!tls", no_codes);
  assert_codes("ON=all,none,tls", tls_codes);
  assert_statuses("ON=all,none,404", only_404);
  assert_statuses("ON=404,default,!default", only_404);
  assert_codes("ON=!default", no_codes);
  assert_statuses("ON=!default", no_codes);
  assert_codes("ON=!all", no_codes);
  assert_statuses("ON=!all,404", only_404);
}

static void without_status_no_status_is_left(void **state) {
  (void)state;
  assert_statuses("ON=!status", no_codes);
  assert_codes("ON=!status", default_codes);
  assert_statuses("ON=all,!status", no_codes);
  assert_false(policy_of("ON=all,!status").on.ftp_permanent);
  assert_statuses("ON=default,520-527,!status", no_codes);
}

static const int nameable[] = {5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16,
                               17, 18, 19, 21, 22, 25, 28, 30, 31, 33, 34, 35,
                               36, 37, 38, 39, 45, 52, 55, 56, 61, 64, 68, 69,
                               70, 71, 72, 73, 74, 78, 79, 81, 84, 85, 86, 87,
                               88, 89, 92, 94, 95, 96, 97, 99, -1};

static void a_code_can_be_named_unless_it_is_never_retried(void **state) {
  (void)state;
  for (int code = 1; code < 128; code++) {
    char setting[32];
    int named[] = {code, -1};
    snprintf(setting, sizeof setting, "ON=curl:%d", code);
    if (!contains(nameable, code)) {
      assert_non_null(
          strstr(message_of(setting), "but those that are never retried"));
      continue;
    }
    assert_codes(setting, named);
    assert_statuses(setting, no_codes);
  }
}

static void any_code_can_be_excluded(void **state) {
  (void)state;
  for (int code = 1; code < 128; code++) {
    char setting[32];
    snprintf(setting, sizeof setting, "ON=!curl:%d", code);
    struct policy policy = policy_of(setting);
    for (int other = 1; other < 128; other++) {
      bool is_wanted = other != code && contains(default_codes, other);
      if (is_retried(&policy, other, 0) != is_wanted)
        fail_msg("%s: code %d", setting, other);
    }
  }
}

static void the_never_list_is_final_whatever_on_says(void **state) {
  (void)state;
  static const int never[] = {
      1,  2,  3,  4,  23, 26,  27,  41,  42,  43,  47,   48,     49,
      51, 53, 54, 58, 59, 60,  63,  65,  66,  67,  77,   80,     82,
      83, 90, 91, 93, 98, 100, 101, 102, 127, 128, 1000, 999999, -5};
  char setting[2048] = "ON=all";
  for (size_t i = 0; nameable[i] != -1; i++) {
    size_t length = strlen(setting);
    snprintf(setting + length, sizeof setting - length, ",curl:%d",
             nameable[i]);
  }
  struct policy policy = policy_of(setting);
  for (size_t i = 0; i < COUNT(never); i++) {
    if (is_retried(&policy, never[i], 0))
      fail_msg("code %d", never[i]);
  }
}

/* CURLcodes are libcurl's, also of later ones. */
static void what_no_list_can_hold_is_in_none(void **state) {
  static const int codes[] = {-1, 0, POLICY_CODE_COUNT, 100000};
  static const int statuses[] = {-1, 0, 399, 1000, 100000};
  struct policy policy = policy_of("ON=all");
  (void)state;
  memset(policy.on.codes, 0xff, sizeof policy.on.codes);
  memset(policy.on.statuses, 0xff, sizeof policy.on.statuses);
  for (size_t i = 0; i < COUNT(codes); i++)
    assert_false(on_has_code(&policy.on, codes[i]));
  for (size_t i = 0; i < COUNT(statuses); i++)
    assert_false(on_has_status(&policy.on, statuses[i]));
}

static void ftp_permanent_is_asked_for_by_all_only(void **state) {
  (void)state;
  assert_true(policy_of("ON=all").on.ftp_permanent);
  assert_true(policy_of("ON=all,!404").on.ftp_permanent);
  assert_false(policy_of("ON=default").on.ftp_permanent);
  assert_false(policy_of("ON=5xx").on.ftp_permanent);
  assert_false(policy_of("ON=all,none,default").on.ftp_permanent);
  assert_false(policy_of("ON=all,!all,default").on.ftp_permanent);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(default_retries_exactly_its_codes_and_statuses),
      cmocka_unit_test(a_class_retries_exactly_its_codes),
      cmocka_unit_test(statuses_are_selected_in_every_form),
      cmocka_unit_test(later_entries_win),
      cmocka_unit_test(without_status_no_status_is_left),
      cmocka_unit_test(a_code_can_be_named_unless_it_is_never_retried),
      cmocka_unit_test(any_code_can_be_excluded),
      cmocka_unit_test(the_never_list_is_final_whatever_on_says),
      cmocka_unit_test(what_no_list_can_hold_is_in_none),
      cmocka_unit_test(ftp_permanent_is_asked_for_by_all_only),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
