/* test_info.c - what getinfo says is of the outcome that the program gets, and
 * in its callbacks of the moment that they are called for. */
#define _GNU_SOURCE
#include "setup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_DELIVERED (CURLINFO_OFF_T + 71) /* 8.20.0 */

/* --- an attempt's failure --------------------------------------------------
 */

static long number_of(CURL *curl, CURLINFO id) {
  long number = -1;

  assert_int_equal(curl_easy_getinfo(curl, id, &number), CURLE_OK);
  return number;
}

static void assert_no_error(CURL *curl) {
  assert_int_equal(number_of(curl, CURLINFO_OS_ERRNO), 0);
#if LIBCURL_VERSION_NUM >= 0x074900
  assert_int_equal(number_of(curl, CURLINFO_PROXY_ERROR), 0);
#endif
}

/* libcurl itself keeps it (7.88), until something else fails. */
static void error_that_was_got_over_is_not_told(void **state) {
  static const char *const plans[] = {"rst,200", "200:rst@head,200",
                                      "200:size=9K:seed=a:etag=a:rst@5K,"
                                      "200:size=9K:seed=a:etag=a"};
  (void)state;
  for (size_t i = 0; i < COUNT(plans); i++) {
    char key[16];
    snprintf(key, sizeof key, "over%zu", i);
    CURL *curl = handle_for(key, plans[i]);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    assert_int_equal(server_count(key), 2);
    assert_no_error(curl);
    curl_easy_cleanup(curl);
  }
}

static void error_of_the_outcome_is_told(void **state) {
  CURL *curl = handle_for("error", "rst");

  (void)state;
  curl_easy_setopt(curl, CURLOPT_URL, url_refused().text);
  assert_int_equal(curl_easy_perform(curl), CURLE_COULDNT_CONNECT);
  assert_int_equal(number_of(curl, CURLINFO_OS_ERRNO), ECONNREFUSED);
  curl_easy_cleanup(curl);
}

/* --- callbacks -------------------------------------------------------------
 */

/* An id that libcurl doesn't know: the answer is left alone. */
static void tell_unknown(CURL *curl) {
  curl_off_t delivered = -7;
  CURLcode code = curl_easy_getinfo(curl, SIZE_DELIVERED, &delivered);

  if (!is_libcurl(0x081400, 0xffffff))
    printf("unknown: %d, %lld\n", code, (long long)delivered);
}

/* At a block's end. */
static size_t tell(char *line, size_t size, size_t count, void *data) {
  curl_off_t length = -1;
  CURL *curl = data;
  char *address = NULL;

  if (*line != '\r')
    return size * count;
  curl_easy_getinfo(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  curl_easy_getinfo(curl, CURLINFO_PRIMARY_IP, &address);
  printf("status %ld, redirects %ld, length %lld, from %s\n",
         number_of(curl, CURLINFO_RESPONSE_CODE),
         number_of(curl, CURLINFO_REDIRECT_COUNT), (long long)length, address);
  tell_unknown(curl);
  return size * count;
}

static void print_told(const char *plan, FILE *out) {
  CURL *curl = handle_for("told", plan);

  (void)out; /* it is stdout */
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, tell);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, curl);
  printf("code %d\n", curl_easy_perform(curl));
  tell_unknown(curl);
  curl_easy_cleanup(curl);
}

/* The same as for one transfer without us. */
static void assert_told(const char *plan, const char *once) {
  static const char *const policy[] = {
      "CURLRETRY_BASE_DELAY=5ms", "CURLRETRY_MAX_RETRIES=1",
      "CURLRETRY_HOLD_BYTES=1K", "CURLRETRY_LOG=off", NULL};
  char *with = run_child(CHILD_SHIMMED, plan, policy, NULL);
  char *without = run_child(CHILD_UNSHIMMED, once, policy, NULL);

  if (strcmp(with, without) != 0)
    fail_msg("%s:\n%sand without the shim\n%s", plan, with, without);
  free(with);
  free(without);
}

/* A plan's own colons and slashes are other things. */
static void redirect_that_leads_nowhere_is_told_as_of_its_time(void **state) {
  const char *place = url_refused().text + strlen("http://127.0.0.1:");
  char plan[128];

  (void)state;
  snprintf(plan, sizeof plan, "302:loc=http%%3A%%2F%%2F127.0.0.1%%3A%d%%2F",
           atoi(place));
  assert_told(plan, plan);
}

static void id_that_libcurl_lacks_stays_unknown(void **state) {
  (void)state;
  assert_told("200:size=9K:seed=a", "200:size=9K:seed=a");
  assert_told("200:size=9K:seed=a:etag=a:rst@5K,200:size=9K:seed=a:etag=a",
              "200:size=9K:seed=a:etag=a");
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(error_that_was_got_over_is_not_told),
      cmocka_unit_test(error_of_the_outcome_is_told),
      cmocka_unit_test(redirect_that_leads_nowhere_is_told_as_of_its_time),
      cmocka_unit_test(id_that_libcurl_lacks_stays_unknown),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms",
                                       "CURLRETRY_HOLD_BYTES=1K",
                                       "CURLRETRY_BUDGET=off", NULL};
  static const struct setup setup = {policy, tests, print_told};

  return setup_main(argc, argv, &setup);
}
