/* test_setopt.c - every option and every info reaches libcurl with the value
 * the program gave, and libcurl's answer comes back. */
#define _GNU_SOURCE
#include "setup.h"

#include <stdlib.h>
#include <string.h>

/* libcurl's answer to each option it knows, with a harmless value. */
static void set_all(FILE *out) {
  const struct curl_easyoption *option = NULL;
  CURL *curl = curl_easy_init();
  struct curl_blob blob = {(void *)(uintptr_t) "x", 1, CURL_BLOB_COPY};

  while ((option = curl_easy_option_next(option))) {
    CURLcode code;
    switch (option->type) {
    case CURLOT_LONG:
    case CURLOT_VALUES:
      code = curl_easy_setopt(curl, option->id, 1L);
      break;
    case CURLOT_OFF_T:
      code = curl_easy_setopt(curl, option->id, (curl_off_t)5000000000);
      break;
    case CURLOT_STRING:
      /* 7.88 leaks file names at a reset */
      if (!strncmp(option->name, "COOKIE", 6) || option->id == CURLOPT_HSTS)
        continue;
      code = curl_easy_setopt(curl, option->id, "x");
      break;
    case CURLOT_BLOB:
      code = curl_easy_setopt(curl, option->id, &blob);
      break;
    default:
      code = curl_easy_setopt(curl, option->id, NULL);
      break;
    }
    fprintf(out, "%s %d\n", option->name, code);
    curl_easy_reset(curl);
  }
  curl_easy_cleanup(curl);
}

static void set_unknown(FILE *out) {
  static const int numbers[] = {0,     -1,    1,     9999,   10000, 19999,
                                20999, 29999, 30999, 39999,  40999, 49999,
                                50000, 60001, 99999, 1 << 30};
  CURL *curl = curl_easy_init();

  for (size_t i = 0; i < COUNT(numbers); i++)
    fprintf(out, "%d %d\n", numbers[i],
            curl_easy_setopt(curl, (CURLoption)numbers[i], NULL));
  fprintf(out, "%d\n", curl_easy_setopt(curl, CURLOPT_TIMEOUT, -1L));
  fprintf(out, "%d\n", curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, -1L));
  fprintf(out, "%d\n", curl_easy_setopt(curl, CURLOPT_MAXFILESIZE, -1L));
  fprintf(out, "%d\n",
          curl_easy_setopt(curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)-2));
  fprintf(out, "%d\n", curl_easy_setopt(curl, CURLOPT_HTTPAUTH, 0L));
  curl_easy_cleanup(curl);
}

/* Every info by number; values that vary are left out. */
static void get_all(FILE *out) {
  CURL *curl = handle_for("info", "200:size=1000:chunked");

  fprintf(out, "%d\n", curl_easy_perform(curl));
  for (int class = CURLINFO_STRING; class <= CURLINFO_OFF_T;
       class += CURLINFO_STRING) {
    for (int n = 0; n < 72; n++) {
      char value[64] = "";
      CURLcode code = curl_easy_getinfo(curl, (CURLINFO)(class + n), value);
      fprintf(out, "%x %d\n", (unsigned)(class + n), code);
      /* CERTINFO is libcurl's own, lists are the program's */
      if (!code && class == CURLINFO_SLIST && n != 34 && n != 43 && n != 45) {
        void *list;
        memcpy(&list, value, sizeof list);
        curl_slist_free_all(list);
      }
    }
  }
  curl_easy_cleanup(curl);
}

static void child(const char *name, FILE *out) {
  if (!strcmp(name, "options"))
    set_all(out);
  else if (!strcmp(name, "unknown"))
    set_unknown(out);
  else
    get_all(out);
}

static void all_options_are_answered_as_unshimmed(void **state) {
  (void)state;
  assert_as_unshimmed("options");
}

static void unknown_options_are_answered_as_unshimmed(void **state) {
  (void)state;
  assert_as_unshimmed("unknown");
}

static void all_infos_are_answered_as_unshimmed(void **state) {
  (void)state;
  assert_as_unshimmed("infos");
}

static void assert_header(const char *key, size_t index, const char *name,
                          const char *expected) {
  char value[256];

  server_header(key, index, name, value, sizeof value);
  assert_string_equal(value, expected);
}

static void values_of_each_class_arrive(void **state) {
  struct curl_slist *list = curl_slist_append(NULL, "X-Test: list");
  CURL *curl = handle_for("values", "503,200");

  (void)state;
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "agent");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
  curl_easy_setopt(curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)5000000000);
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_0);
  (void)curl_easy_perform(curl);
  assert_int_equal(server_count("values"), 2);
  for (size_t i = 0; i < 2; i++) {
    assert_header("values", i, "user-agent", "agent");
    assert_header("values", i, "x-test", "list");
    assert_header("values", i, "range", "bytes=5000000000-");
  }
  curl_easy_cleanup(curl);
  curl_slist_free_all(list);
}

/* Old programs pass an int where a long is read. */
static void int_is_taken_for_a_long(void **state) {
  struct seen seen;
  CURL *curl = handle_for("int", "200");

  (void)state;
  curl_easy_setopt(curl, CURLOPT_NOBODY, 1);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 1);
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  assert_int_equal(server_saw("int", &seen, 1), 1);
  assert_string_equal(seen.method, "HEAD");
  curl_easy_cleanup(curl);
}

static void attempt_options_are_given_back(void **state) {
  CURL *curl = handle_for("back", "rst,200");
  struct curl_slist *list = curl_slist_append(NULL, "X-Test: mine");
  long connects = -1;

  (void)state;
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  assert_header("back", 0, "x-attempt", "");
  assert_header("back", 1, "x-attempt", "2");
  assert_header("back", 1, "x-test", "mine");
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  assert_header("back", 2, "x-attempt", "");
  assert_header("back", 2, "x-test", "mine");
  curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &connects);
  assert_int_equal(connects, 0); /* FRESH_CONNECT is off again */
  curl_easy_cleanup(curl);
  curl_slist_free_all(list);
}

/* --- a list that is replaced during a call ----------------------------- */

struct tokens {
  CURL *curl;
  struct curl_slist *list;
  int number;
};

static int renew_token(void *data, char *remote, char *local, int remote_port,
                       int local_port) {
  struct tokens *tokens = data;
  struct curl_slist *old = tokens->list;
  char text[32];

  (void)remote;
  (void)local;
  (void)remote_port;
  (void)local_port;
  snprintf(text, sizeof text, "X-Token: %d", ++tokens->number);
  tokens->list = curl_slist_append(NULL, text);
  curl_easy_setopt(tokens->curl, CURLOPT_HTTPHEADER, tokens->list);
  curl_slist_free_all(old);
  return CURL_PREREQFUNC_OK;
}

/* The old one is gone at once, also while a retry has the list. */
static void header_list_set_in_a_callback_is_used_at_once(void **state) {
  struct tokens tokens = {.curl = handle_for("token", "503,307:next,200")};
  char value[16];

  (void)state;
  tokens.list = curl_slist_append(NULL, "X-Token: 0");
  curl_easy_setopt(tokens.curl, CURLOPT_HTTPHEADER, tokens.list);
  curl_easy_setopt(tokens.curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(tokens.curl, CURLOPT_PREREQFUNCTION, renew_token);
  curl_easy_setopt(tokens.curl, CURLOPT_PREREQDATA, &tokens);
  assert_int_equal(curl_easy_perform(tokens.curl), CURLE_OK);
  assert_int_equal(server_count("token"), 3);
  for (size_t i = 0; i < 3; i++) {
    server_header("token", i, "x-token", value, sizeof value);
    assert_int_equal(atoi(value), i + 1);
  }
  curl_easy_cleanup(tokens.curl);
  curl_slist_free_all(tokens.list);
}

/* --- a value that libcurl refuses -------------------------------------- */

struct refusal {
  CURL *curl;
  int requests;
  int answers[3]; /* to the last request's */
};

static int set_wrongly(void *data, char *remote, char *local, int remote_port,
                       int local_port) {
  struct refusal *refusal = data;

  (void)remote;
  (void)local;
  (void)remote_port;
  (void)local_port;
  refusal->requests++;
  refusal->answers[0] = curl_easy_setopt(refusal->curl, CURLOPT_TIMEOUT, -1L);
  refusal->answers[1] =
      curl_easy_setopt(refusal->curl, CURLOPT_DNS_CACHE_TIMEOUT, -7L);
  refusal->answers[2] = curl_easy_setopt(
      refusal->curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)-5);
  return CURL_PREREQFUNC_OK;
}

/* It was taken where a retry has the option, and its bound stayed on. */
static void value_refused_in_a_retry_is_not_remembered(void **state) {
  struct refusal refusal = {.curl = handle_for("wrong", "503,200")};

  (void)state;
  curl_easy_setopt(refusal.curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)7);
  curl_easy_setopt(refusal.curl, CURLOPT_PREREQFUNCTION, set_wrongly);
  curl_easy_setopt(refusal.curl, CURLOPT_PREREQDATA, &refusal);
  (void)curl_easy_perform(refusal.curl);
  assert_int_equal(refusal.requests, 2);
  for (size_t i = 0; i < COUNT(refusal.answers); i++)
    assert_int_equal(refusal.answers[i], CURLE_BAD_FUNCTION_ARGUMENT);
  curl_easy_setopt(refusal.curl, CURLOPT_PREREQFUNCTION, NULL);
  curl_easy_setopt(refusal.curl, CURLOPT_URL, url_of("right", "200").text);
  (void)curl_easy_perform(refusal.curl);
  assert_header("right", 0, "range", "bytes=7-");
  curl_easy_cleanup(refusal.curl);
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(all_options_are_answered_as_unshimmed),
      cmocka_unit_test(unknown_options_are_answered_as_unshimmed),
      cmocka_unit_test(all_infos_are_answered_as_unshimmed),
      cmocka_unit_test(values_of_each_class_arrive),
      cmocka_unit_test(int_is_taken_for_a_long),
      cmocka_unit_test(attempt_options_are_given_back),
      cmocka_unit_test(header_list_set_in_a_callback_is_used_at_once),
      cmocka_unit_test(value_refused_in_a_retry_is_not_remembered),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {
      "CURLRETRY_BASE_DELAY=5ms", "CURLRETRY_ATTEMPT_HEADER=X-Attempt", NULL};
  static const struct setup setup = {policy, tests, child};

  return setup_main(argc, argv, &setup);
}
