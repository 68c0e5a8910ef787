/* test_policy_methods.c - METHODS: which requests may be sent twice. */
#include "policy_test.h"

#include "judge.h"
#include "methods.h"

/* One letter for each of the eight requests below: is it allowed? */
static const char *const requests[] = {"GET",   "HEAD", "PUT",   "DELETE",
                                       "TRACE", "POST", "PURGE", NULL};

static void assert_allowed(const char *setting, bool has_key,
                           bool has_precondition, const char *expected) {
  struct policy policy = policy_of(setting);
  char got[COUNT(requests) + 1] = "";
  for (size_t i = 0; i < COUNT(requests); i++) {
    struct sent_request request = {.method = requests[i],
                                   .has_idempotency_key = has_key,
                                   .has_precondition = has_precondition};
    got[i] = methods_allow(policy.methods, &request) ? 'y' : '-';
  }
  if (strcmp(got, expected) != 0)
    fail_msg("%s, key %d, precondition %d: %s, expected %s", setting, has_key,
             has_precondition, got, expected);
}

static void lists_allow_what_they_say(void **state) {
  (void)state;
  /* setting, plain, with a key, with a precondition, with both */
  static const char *const rows[][5] = {
      {"METHODS=", "yyyyy---", "yyyyyyy-", "yy--y---", "yyyyyyy-"},
      {"METHODS=idempotent", "yyyyy---", "yyyyyyy-", "yy--y---", "yyyyyyy-"},
      {"METHODS=all", "yyyyyyyy", "yyyyyyyy", "yyyyyyyy", "yyyyyyyy"},
      {"METHODS=GET", "y-------", "y-------", "y-------", "y-------"},
      {"METHODS=put,post", "--y--y--", "--y--y--", "--y--y--", "--y--y--"},
      {"METHODS=idempotent,POST", "yyyyyy--", "yyyyyyy-", "yy--yy--",
       "yyyyyyy-"},
      {"METHODS=PUT,idempotent", "yyyyy---", "yyyyyyy-", "yyy-y---",
       "yyyyyyy-"},
      {"METHODS=all,!POST", "yyyyy-y-", "yyyyy-y-", "yyyyy-y-", "yyyyy-y-"},
      {"METHODS=!PUT", "yy-yy---", "yy-yyyy-", "yy--y---", "yy-yyyy-"},
      {"METHODS=!PUT,PUT", "yyyyy---", "yyyyyyy-", "yyy-y---", "yyyyyyy-"},
      {"METHODS=!GET,purge", "-yyyy-y-", "-yyyyyy-", "-y--y-y-", "-yyyyyy-"},
      {"METHODS=idempotent,!POST", "yyyyy---", "yyyyy-y-", "yy--y---",
       "yyyyy-y-"},
      {"METHODS=all,!idempotent", "-----yyy", "-------y", "--yy-yyy",
       "-------y"},
      {"METHODS=all,!all,POST", "-----y--", "-----y--", "-----y--",
       "-----y--"},
      {"METHODS=all,idempotent", "yyyyyyyy", "yyyyyyyy", "yyyyyyyy",
       "yyyyyyyy"},
      {"METHODS=none", "--------", "--------", "--------", "--------"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_allowed(rows[i][0], false, false, rows[i][1]);
    assert_allowed(rows[i][0], true, false, rows[i][2]);
    assert_allowed(rows[i][0], false, true, rows[i][3]);
    assert_allowed(rows[i][0], true, true, rows[i][4]);
  }
}

static bool allows(const char *setting, const char *method) {
  struct policy policy = policy_of(setting);
  return methods_allow(policy.methods,
                       &(struct sent_request){.method = method});
}

static void methods_are_compared_exactly(void **state) {
  (void)state;
  assert_true(allows("METHODS=get,PROPFIND", "GET"));
  assert_true(allows("METHODS=get,PROPFIND", "PROPFIND"));
  assert_false(allows("METHODS=get,PROPFIND", "get"));
  assert_false(allows("METHODS=get,PROPFIND", "PROP"));
  assert_false(allows("METHODS=get,PROPFIND", "PROPFINDX"));
  assert_false(allows("METHODS=get,PROPFIND", ""));
  assert_true(allows("METHODS=idempotent", "OPTIONS"));
  assert_false(allows("METHODS=idempotent", "CONNECT"));
  assert_false(allows("METHODS=idempotent", "PATCH"));
}

/* Whatever the method: what the service is says that it only reads. */
static void reads_of_git_are_idempotent(void **state) {
  (void)state;
  static const struct {
    const char *setting;
    bool is_allowed;
  } rows[] = {
      {"METHODS=idempotent", true}, {"METHODS=all,!POST", false},
      {"METHODS=!POST", false},     {"METHODS=GET", false},
      {"METHODS=POST", true},       {"METHODS=all,!idempotent", false}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct policy policy = policy_of(rows[i].setting);
    struct sent_request request = {.method = "POST", .is_git_read = true};
    if (methods_allow(policy.methods, &request) != rows[i].is_allowed)
      fail_msg("%s", rows[i].setting);
  }
}

static void side_commands_are_repeated_only_on_request(void **state) {
  (void)state;
  static const struct {
    const char *setting;
    enum verdict_reason reason;
  } rows[] = {
      {"METHODS=idempotent", VERDICT_METHOD},
      {"METHODS=!PUT", VERDICT_METHOD},
      {"METHODS=PUT", VERDICT_METHOD},
      {"METHODS=all,!GET", VERDICT_METHOD},
      {"METHODS=all", VERDICT_RETRY},
      {"METHODS=GET", VERDICT_RETRY},
      {"METHODS=idempotent,GET", VERDICT_RETRY},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct policy policy = policy_of(rows[i].setting);
    struct outcome outcome = {.code = 56,
                              .is_ftp = true,
                              .can_rewind = true,
                              .method = "GET",
                              .has_side_commands = true,
                              .time_left_ms = POLICY_UNLIMITED,
                              .tokens = 100};
    assert_int_equal(policy_judge(&policy, &outcome).reason, rows[i].reason);
    outcome.nothing_sent = true;
    assert_int_equal(policy_judge(&policy, &outcome).reason, VERDICT_RETRY);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lists_allow_what_they_say),
      cmocka_unit_test(methods_are_compared_exactly),
      cmocka_unit_test(reads_of_git_are_idempotent),
      cmocka_unit_test(side_commands_are_repeated_only_on_request),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
