/* test_policy_narrow.c - METHODS narrowed: to statuses, to URLs. */
#include "policy_test.h"

#include "judge.h"
#include "methods.h"
#include "target.h"

/* --- statuses --------------------------------------------------------------
 */

static void a_method_is_narrowed_to_statuses(void **state) {
  (void)state;
  static const struct {
    const char *setting;
    const char *method;
    const char *allowed; /* of none, 429, 500, 502, 503, 599 */
  } rows[] = {
      {"METHODS=POST:429+503", "POST", "-y--y-"},
      {"METHODS=post:429+503", "POST", "-y--y-"},
      {"METHODS=POST:429+503", "GET", "------"},
      {"METHODS=POST:429+503", NULL, "------"},
      {"METHODS=idempotent,POST:429+503", "GET", "yyyyyy"},
      {"METHODS=idempotent,POST:429+503", "POST", "-y--y-"},
      {"METHODS=POST:503", "POST", "----y-"},
      {"METHODS=POST:5xx", "POST", "--yyyy"},
      {"METHODS=POST:5XX+429", "POST", "-yyyyy"},
      {"METHODS=POST:500-502", "POST", "--yy--"},
      {"METHODS=POST:500-502+503", "POST", "--yyy-"},
      {"METHODS=POST:429,POST:503", "POST", "-y--y-"},
      {"METHODS=all:503", "POST", "----y-"},
      {"METHODS=all:503", NULL, "----y-"},
      {"METHODS=ALL:503,GET", "GET", "yyyyyy"},
      {"METHODS=idempotent:503", "GET", "----y-"},
      {"METHODS=idempotent:503", "POST", "------"},
      {"METHODS=all,!POST:503", "POST", "yyyy-y"},
      {"METHODS=all,!POST:503", "GET", "yyyyyy"},
      {"METHODS=all,!POST:503", NULL, "yyyy-y"},
      {"METHODS=!PUT:5xx", "PUT", "yy----"},
      {"METHODS=!GET,GET:503", "GET", "----y-"},
      {"METHODS=POST:5xx,!POST:500", "POST", "---yyy"},
      {"METHODS=POST:5xx,!POST", "POST", "------"},
  };
  static const int statuses[] = {0, 429, 500, 502, 503, 599};
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct policy policy = policy_of(rows[i].setting);
    char got[COUNT(statuses) + 1] = "";
    for (size_t k = 0; k < COUNT(statuses); k++) {
      struct sent_request request = {.method = rows[i].method,
                                     .status = statuses[k]};
      got[k] = methods_allow(policy.methods, &request) ? 'y' : '-';
    }
    if (strcmp(got, rows[i].allowed) != 0)
      fail_msg("%s, %s: %s, expected %s", rows[i].setting,
               rows[i].method ? rows[i].method : "-", got, rows[i].allowed);
  }
}

static void the_status_is_the_one_that_is_judged(void **state) {
  (void)state;
  static const struct {
    const char *setting;
    struct outcome outcome;
    enum verdict_reason reason;
  } rows[] = {
      {"METHODS=POST:429+503", {.status = 503}, VERDICT_RETRY},
      {"METHODS=POST:429+503", {.status = 500}, VERDICT_METHOD},
      {"METHODS=POST:429+503", {.code = 56}, VERDICT_METHOD},
      {"METHODS=POST:429+503", {.code = 56, .status = 503}, VERDICT_RETRY},
      {"METHODS=POST:429+503", {.code = 18, .status = 200}, VERDICT_METHOD},
      {"METHODS=POST:4xx", {.status = 418}, VERDICT_FINAL}, /* ON says it */
      {"METHODS=POST:503",
       {.status = 503, .has_other_method = true},
       VERDICT_METHOD},
      {"METHODS=POST",
       {.status = 503, .has_other_method = true},
       VERDICT_RETRY},
      {"METHODS=POST:503", {.code = 56, .connect_status = 503}, VERDICT_RETRY},
      {"METHODS=POST:450",
       {.code = 25, .is_ftp = true, .status = 450},
       VERDICT_RETRY},
      {"METHODS=POST:451",
       {.code = 25, .is_ftp = true, .status = 450},
       VERDICT_METHOD},
      {"METHODS=POST:503", {.code = 56, .nothing_sent = true}, VERDICT_RETRY},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct policy policy = policy_of(rows[i].setting);
    struct outcome outcome = rows[i].outcome;
    outcome.method = "POST";
    outcome.can_rewind = true;
    outcome.time_left_ms = POLICY_UNLIMITED;
    outcome.tokens = 100;
    if (policy_judge(&policy, &outcome).reason != rows[i].reason)
      fail_msg("row %zu, %s", i, rows[i].setting);
  }
}

/* Inside the transfer, when a connection of the pool died. */
static void no_status_allows_what_no_answer_came_to(void **state) {
  (void)state;
  struct policy policy = policy_of("METHODS=POST:5xx,PATCH");
  struct outcome outcome = {.code = 56, .method = "POST"};
  assert_false(policy_allows_repeat(&policy, &outcome));
  outcome.method = "PATCH";
  assert_true(policy_allows_repeat(&policy, &outcome));
}

/* --- URLs ------------------------------------------------------------------
 */

static void globs_are_compared_with_what_the_url_names(void **state) {
  (void)state;
  static const struct {
    const char *glob;
    const char *url;
    bool is_match;
  } rows[] = {
      {"https://h/search", "https://h/search", true},
      {"https://h/search", "https://h/searches", false},
      {"https://h/search*", "https://h/searches", true},
      {"https://h/search*", "https://h/search/a/b", true},
      {"https://h/search", "http://h/search", false},
      {"http*://h/search", "https://h/search", true},
      {"https://h/search?", "https://h/search2", true},
      {"*/search", "ftp://any.host/a/search", true},
      {"*", "sftp://h/x", true},
      /* the case of scheme and host, not of the path */
      {"HTTPS://API.Example.org/Search", "https://api.example.ORG/Search",
       true},
      {"https://api.example.org/Search", "https://api.example.org/search",
       false},
      {"https://*.Example.org/*", "HTTPS://a.b.example.ORG/x", true},
      /* no query, fragment, user info */
      {"https://h/search", "https://h/search?q=a/b", true},
      {"https://h/search", "https://h/search#a", true},
      {"https://h/search", "https://user:word@h/search", true},
      {"https://h/search", "https://user:w@rd@h/search?q=a@b", true},
      {"https://h/search*x", "https://h/search?q=x", false},
      {"https://user*/search", "https://user:word@h/search", false},
      {"https://h/@scope/*", "https://h/@scope/a", true},
      /* an empty path */
      {"https://h/", "https://h", true},
      {"https://h/*", "https://h?q=1", true},
      {"https://h/", "https://h/x", false},
      /* ports and addresses as they are written */
      {"https://h:8080/*", "https://h:8080/x", true},
      {"https://h/*", "https://h:443/x", false},
      {"http://[::1]:80/*", "http://[::1]:80/x", true},
      /* as libcurl takes them */
      {"http://h/x", "  http://h/x", true},
      {"http://h/x", "http:///h/x", true},
      {"http://h/x", "http:/h/x", true},
      /* no scheme: whatever it comes to */
      {"http://h/x", "h/x", true},
      {"https://h/x", "h/x?q", true},
      {"https://h:80/x", "user@H:80/x", true},
      {"ftp://ftp.h/x", "ftp.h/x", true},
      {"https://h/x", "i/x", false},
      {"https://h/x", "", false},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct slice glob = slice_of(rows[i].glob);
    if (!target_is_possible(glob))
      fail_msg("%s is refused", rows[i].glob);
    if (target_matches(glob, rows[i].url) != rows[i].is_match)
      fail_msg("\"%s\" and \"%s\"", rows[i].glob, rows[i].url);
  }
}

static void a_method_is_narrowed_to_urls(void **state) {
  (void)state;
#define SEARCH "https://api.example.org/search*"
  static const struct {
    const char *setting;
    const char *method;
    const char *url;
    const char *allowed; /* without a status, with 503 */
  } rows[] = {
      {"METHODS=POST@" SEARCH, "POST", "https://api.example.org/search?q",
       "yy"},
      {"METHODS=POST@" SEARCH, "POST", "https://api.example.org/pay", "--"},
      {"METHODS=POST@" SEARCH, "GET", "https://api.example.org/search", "--"},
      {"METHODS=POST@" SEARCH, "POST", NULL, "--"},
      {"METHODS=post:503@" SEARCH, "POST", "https://api.example.org/search",
       "-y"},
      {"METHODS=POST:503@" SEARCH, "POST", "https://api.example.org/", "--"},
      {"METHODS=POST:503@" SEARCH ",POST@*/log", "POST", "http://h/log", "yy"},
      {"METHODS=idempotent,POST@" SEARCH, "GET", "http://h/", "yy"},
      {"METHODS=idempotent@http://h/*", "GET", "http://h/x", "yy"},
      {"METHODS=idempotent@http://h/*", "GET", "http://i/x", "--"},
      {"METHODS=all:5xx@http://h/*", "POST", "http://h/x", "-y"},
      {"METHODS=all,!POST@*/pay*", "POST", "http://h/pay/1", "--"},
      {"METHODS=all,!POST@*/pay*", "POST", "http://h/log", "yy"},
      {"METHODS=all,!POST@*/pay*", "POST", NULL, "--"},
      {"METHODS=all,!POST:503@*/pay*", "POST", "http://h/pay", "y-"},
      {"METHODS=all,!POST@*/pay*", NULL, "http://h/pay", "--"},
      {"METHODS=all,!POST@*/pay*", NULL, "http://h/log", "yy"},
      {"METHODS=!GET@*/once", "GET", "http://h/once", "--"},
      {"METHODS=!GET@*/once", "GET", "http://h/twice", "yy"},
      {"METHODS=!GET@*/o*,GET@*/or", "GET", "http://h/or", "yy"},
  };
#undef SEARCH
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct policy policy = policy_of(rows[i].setting);
    struct sent_request request = {.method = rows[i].method,
                                   .url = rows[i].url};
    char got[3] = "";
    got[0] = methods_allow(policy.methods, &request) ? 'y' : '-';
    request.status = 503;
    got[1] = methods_allow(policy.methods, &request) ? 'y' : '-';
    if (strcmp(got, rows[i].allowed) != 0)
      fail_msg("%s, %s: %s", rows[i].setting, rows[i].url ? rows[i].url : "-",
               got);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_method_is_narrowed_to_statuses),
      cmocka_unit_test(the_status_is_the_one_that_is_judged),
      cmocka_unit_test(no_status_allows_what_no_answer_came_to),
      cmocka_unit_test(globs_are_compared_with_what_the_url_names),
      cmocka_unit_test(a_method_is_narrowed_to_urls),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
