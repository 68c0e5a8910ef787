/* test_policy_env.c - the policy is read once, from the environment the
 * program started with; one that can't be understood changes nothing. */
#define _GNU_SOURCE
#include "setup.h"

#include <stdlib.h>
#include <string.h>

/* "CODE STATUS REQUESTS" of a call that needs one retry, twice. */
static void call_twice(const char *name, FILE *out) {
  if (!strcmp(name, "setenv")) {
    setenv("CURLRETRY_MAX_RETRIES", "5", 1);
    setenv("CURLRETRY_DISABLE", "0", 1);
    setenv("CURLRETRY_NO_SUCH", "1", 1);
  }
  for (int i = 0; i < 2; i++) {
    char key[32];
    CURL *curl;
    long status = 0;
    CURLcode code;
    snprintf(key, sizeof key, "env%d", i);
    curl = handle_for(key, "503,503,200");
    code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    fprintf(out, "%d %ld %zu ", code, status, server_count(key));
    curl_easy_cleanup(curl);
  }
}

static size_t lines_of(const char *text) {
  size_t count = 0;

  for (; *text; text++)
    count += *text == '\n';
  return count;
}

#define RETRIED "0 200 3 0 200 3 "
#define PASSED "0 503 1 0 503 1 "
#define ONCE "0 503 2 0 503 2 "

struct scene {
  const char *name;
  const char *policy[4];
  const char *expected;
  const char *line; /* on stderr, alone; NULL: nothing there */
};

static const struct scene scenes[] = {
    {"defaults", {"CURLRETRY_BASE_DELAY=5ms"}, RETRIED, NULL},
    {"fewer",
     {"CURLRETRY_BASE_DELAY=5ms", "CURLRETRY_MAX_RETRIES=1"},
     ONCE,
     NULL},
    {"no-retries", {"CURLRETRY_MAX_RETRIES=0"}, PASSED, NULL},
    {"no-retries-off", {"CURLRETRY_MAX_RETRIES=off"}, PASSED, NULL},
    {"disabled", {"CURLRETRY_DISABLE=1"}, PASSED, NULL},
    {"dry-run",
     {"CURLRETRY_DRY_RUN=1", "CURLRETRY_BASE_DELAY=5ms"},
     PASSED,
     NULL},
    {"other-host", {"CURLRETRY_HOSTS=example.com"}, PASSED, NULL},
    {"this-host",
     {"CURLRETRY_HOSTS=127.0.0.1", "CURLRETRY_BASE_DELAY=5ms"},
     RETRIED,
     NULL},
    {"other-program", {"CURLRETRY_PROGRAMS=!test_*"}, PASSED, NULL},
    {"this-program",
     {"CURLRETRY_PROGRAMS=test_policy_env", "CURLRETRY_BASE_DELAY=5ms"},
     RETRIED,
     NULL},
    {"not-these", {"CURLRETRY_ON=!503"}, PASSED, NULL},
    {"not-a-number",
     {"CURLRETRY_MAX_RETRIES=three"},
     PASSED,
     "CURLRETRY_MAX_RETRIES=three"},
    {"unknown-name", {"CURLRETRY_RETRIES=3"}, PASSED, "CURLRETRY_RETRIES"},
    {"two-mistakes",
     {"CURLRETRY_ON=everything", "CURLRETRY_BASE_DELAY=soon"},
     PASSED,
     "CURLRETRY_"},
    {"disabled-with-a-mistake",
     {"CURLRETRY_DISABLE=1", "CURLRETRY_ON=everything"},
     PASSED,
     "CURLRETRY_ON=everything"},
    {"setenv",
     {"CURLRETRY_MAX_RETRIES=1", "CURLRETRY_BASE_DELAY=5ms"},
     ONCE,
     NULL},
    {"setenv-disabled", {"CURLRETRY_DISABLE=1"}, PASSED, NULL},
};

static void behaves(void **state) {
  const struct scene *scene = *state;
  const char *name = strncmp(scene->name, "setenv", 6) ? "call" : "setenv";
  char *errors;
  char *text = run_child(CHILD_SHIMMED, name, scene->policy, &errors);

  assert_string_equal(text, scene->expected);
  if (!scene->line) {
    assert_string_equal(errors, "");
  } else {
    assert_int_equal(lines_of(errors), 1);
    assert_non_null(strstr(errors, scene->line));
    assert_non_null(strstr(errors, "; running without retries\n"));
  }
  free(text);
  free(errors);
}

static void log_off_is_silent_and_stderr_is_one_line_each(void **state) {
  static const char *const off[] = {"CURLRETRY_BASE_DELAY=5ms",
                                    "CURLRETRY_LOG=off", NULL};
  static const char *const on[] = {"CURLRETRY_BASE_DELAY=5ms",
                                   "CURLRETRY_LOG=stderr", NULL};
  char *errors;

  (void)state;
  log_forget();
  free(run_child(CHILD_SHIMMED, "call", off, &errors));
  assert_string_equal(errors, "");
  free(errors);
  free(run_child(CHILD_SHIMMED, "call", on, &errors));
  assert_int_equal(lines_of(errors), 4);
  assert_non_null(strstr(errors, "curlretry: retry 1/3 in "));
  assert_int_equal(log_count(""), 0);
  free(errors);
}

static int tests(void) {
  struct CMUnitTest all[COUNT(scenes) + 1];

  for (size_t i = 0; i < COUNT(scenes); i++)
    all[i] = (struct CMUnitTest){scenes[i].name, behaves, NULL, NULL,
                                 (void *)(uintptr_t)&scenes[i]};
  all[COUNT(scenes)] = (struct CMUnitTest)cmocka_unit_test(
      log_off_is_silent_and_stderr_is_one_line_each);
  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms", NULL};
  static const struct setup setup = {policy, tests, call_twice};

  return setup_main(argc, argv, &setup);
}
