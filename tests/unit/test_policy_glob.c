/* test_policy_glob.c - HOSTS and PROGRAMS. */
#include "policy_test.h"

#include <stdlib.h>
#include <time.h>

static void names_are_selected_by_globs(void **state) {
  (void)state;
  static const struct {
    const char *list;
    const char *name;
    bool is_selected;
  } rows[] = {
      {"*", "", true},
      {"*", "anything", true},
      {"**", "x", true},
      {"?", "", false},
      {"?", "x", true},
      {"?", "xy", false},
      {"a", "a", true},
      {"a", "A", false},
      {"a", "ab", false},
      {"ab", "a", false},
      {"*.example.com", "www.example.com", true},
      {"*.example.com", "a.b.example.com", true},
      {"*.example.com", "example.com", false},
      {"*.example.com", "www.example.com.evil", false},
      {"a*b*c", "aXXbYYc", true},
      {"a*b*c", "abcbc", true},
      {"a*b*c", "aXXbYY", false},
      {"*a?c*", "xxabcxx", true},
      {"*a?c*", "xxacxx", false},
      {"a*", "a", true},
      {"*a", "ba", true},
      {"*a", "ab", false},
      {"[::1]", "[::1]", true},
      {"a,b", "b", true},
      {"a,b", "c", false},
      {" a , b ", "b", true},
      {"*,!b", "b", false},
      {"*,!b", "a", true},
      {"!b", "a", true},
      {"!b", "b", false},
      {"!b*,bc", "bc", true},
      {"!b*,bc", "bd", false},
      {"a,!a", "a", false},
      {"!a,a", "a", true},
      {"a,!*,b", "a", false},
      {"*.corp,!db.corp", "db.corp", false},
      {"*.corp,!db.corp", "web.corp", true},
      {"", "a", false},
      {"*", "\xff\xfe", true},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    if (policy_glob(rows[i].list, rows[i].name) != rows[i].is_selected)
      fail_msg("\"%s\" and \"%s\"", rows[i].list, rows[i].name);
  }
}

static void hosts_are_selected_with_and_without_port(void **state) {
  (void)state;
  static const struct {
    const char *list;
    const char *host;
    const char *port;
    bool is_selected;
  } rows[] = {
      {"*", "a.test", "80", true},
      {"a.test", "a.test", "80", true},
      {"a.test", "a.test", "8080", true},
      {"a.test:80", "a.test", "80", true},
      {"a.test:80", "a.test", "8080", false},
      {"a.test:8*", "a.test", "8080", true},
      {"*:443", "a.test", "443", true},
      {"*:443", "a.test", "80", false},
      {"127.0.0.1:8080", "127.0.0.1", "8080", true},
      {"*,!a.test:80", "a.test", "80", false},
      {"*,!a.test:80", "a.test", "81", true},
      {"[::1]:8080", "::1", "8080", true},
      {"[::1]:8080", "::1", "80", false},
      {"[::1]", "::1", "80", true},
      {"::1", "::1", "80", true},
      {"a.test:", "a.test", "80", false},
      {"a.test", "b.test", "80", false},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    if (policy_glob_host(rows[i].list, rows[i].host, rows[i].port) !=
        rows[i].is_selected)
      fail_msg("\"%s\" and %s, port %s", rows[i].list, rows[i].host,
               rows[i].port);
  }
}

/* What a recursive matcher needs more than a lifetime for. */
static void many_stars_take_no_time(void **state) {
  (void)state;
  char glob[POLICY_LIST_SIZE];
  char name[4096];
  for (size_t i = 0; i + 2 < sizeof glob; i += 2) {
    glob[i] = '*';
    glob[i + 1] = 'a';
  }
  glob[sizeof glob - 2] = 'b';
  glob[sizeof glob - 1] = '\0';
  memset(name, 'a', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  clock_t start = clock();
  assert_false(policy_glob(glob, name));
  assert_true(clock() - start < CLOCKS_PER_SEC);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_are_selected_by_globs),
      cmocka_unit_test(hosts_are_selected_with_and_without_port),
      cmocka_unit_test(many_stars_take_no_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
