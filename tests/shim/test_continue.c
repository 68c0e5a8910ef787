/* test_continue.c - a body that breaks after the program had some of it: what
 * its progress callback is told, what getinfo says in the end, and how soon a
 * stream that has become another one ends. */
#define _GNU_SOURCE
#include "setup.h"

#include <stdlib.h>
#include <string.h>

#define SIZE 300000

/* --- progress --------------------------------------------------------------
 */

struct told {
  curl_off_t now[4];
  int backwards;
  int calls;
  long long delivered;
};

static int on_progress(void *data, curl_off_t total, curl_off_t now,
                       curl_off_t upload_total, curl_off_t upload_now) {
  const curl_off_t values[4] = {total, now, upload_total, upload_now};
  struct told *told = data;

  for (int i = 0; i < 4; i++)
    told->backwards += values[i] < told->now[i];
  memcpy(told->now, values, sizeof values);
  told->calls++;
  return 0;
}

static int on_old_progress(void *data, double total, double now,
                           double upload_total, double upload_now) {
  return on_progress(data, (curl_off_t)total, (curl_off_t)now,
                     (curl_off_t)upload_total, (curl_off_t)upload_now);
}

static size_t count(char *bytes, size_t size, size_t n, void *data) {
  struct told *told = data;

  (void)bytes;
  told->delivered += (long long)(size * n);
  return size * n;
}

static CURL *told_of(const char *key, const char *plan, struct told *told,
                     bool is_old) {
  CURL *curl = handle_for(key, plan);

  memset(told, 0, sizeof *told);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, count);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, told);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, told);
  if (is_old)
    curl_easy_setopt(curl, CURLOPT_PROGRESSFUNCTION, on_old_progress);
  else
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  return curl;
}

/* Whatever is discarded, repeated, skipped or asked for anew. */
static void progress_never_goes_back(void **state) {
  static const char *const plans[] = {
      "200:size=300000:rst@60000:rate=20000~10,200:size=300000:rate=20000~10",
      "200:size=300000:chunked:rst@60000,200:size=300000",
      "503:size=50000,200:size=300000:rate=20000~10",
      "503:size=50000,503:size=20000,200:size=300000",
      "200:size=300000:etag=a:ranges:rst@150000,503:size=9000,"
      "200:size=300000:etag=a:ranges:rate=20000~10",
      "200:size=300000:seed=v:rst@150000,200:size=300000:seed=v:rate=20000~10",
      "200:size=300000:seed=v:rst@150000,200:size=300000:seed=w,"
      "200:size=300000:seed=v",
  };

  (void)state;
  for (size_t i = 0; i < 2 * COUNT(plans); i++) {
    struct told told;
    char key[32];
    CURL *curl;
    snprintf(key, sizeof key, "progress%zu", i);
    curl = told_of(key, plans[i / 2], &told, i % 2);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    curl_easy_cleanup(curl);
    assert_int_equal(told.delivered, SIZE);
    assert_true(server_count(key) >= 2);
    if (told.backwards || told.now[0] != SIZE || told.now[1] != SIZE)
      fail_msg("%s: %d times backwards, %lld of %lld in the end", plans[i / 2],
               told.backwards, (long long)told.now[1], (long long)told.now[0]);
  }
}

static size_t give(char *buffer, size_t size, size_t n, void *data) {
  long *left = data;
  size_t length = size * n < (size_t)*left ? size * n : (size_t)*left;

  memset(buffer, 'x', length);
  *left -= (long)length;
  return length;
}

static void progress_of_an_upload_never_goes_back(void **state) {
  static const char *const plans[] = {"uprst@200000,201", "503,201",
                                      "uprst@200000,uprst@90000,503,201"};

  (void)state;
  for (size_t i = 0; i < COUNT(plans); i++) {
    struct told told;
    long left = SIZE;
    char key[32];
    CURL *curl;
    snprintf(key, sizeof key, "upload%zu", i);
    curl = told_of(key, plans[i], &told, false);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_READDATA, &left);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)SIZE);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    curl_easy_cleanup(curl);
    if (told.backwards || told.now[2] != SIZE || told.now[3] != SIZE)
      fail_msg("%s: %d times backwards, %lld of %lld in the end", plans[i],
               told.backwards, (long long)told.now[3], (long long)told.now[2]);
  }
}

/* --- the failure that broke the body ---------------------------------------
 */

/* Another version until the retries are used up: what the program is told is
 * of the first one, and of how it broke. */
static void outcome_is_of_the_attempt_that_broke(void **state) {
  static const char *const others[] = {
      "200:size=400000:seed=w:etag=b:type=text%2Fother", "404:size=70",
      "206:size=10:etag=a:crange=bytes%200-9%2F10", "416", "304"};

  (void)state;
  for (size_t i = 0; i < COUNT(others); i++) {
    curl_off_t size = 0, length = 0;
    char error[CURL_ERROR_SIZE];
    char key[32], plan[256];
    struct told told;
    char *type = NULL;
    long status = 0;
    CURL *curl;
    snprintf(key, sizeof key, "others%zu", i);
    snprintf(
        plan, sizeof plan,
        "200:size=300000:etag=a:ranges:type=text%%2Ffirst:close@150000,%s",
        others[i]);
    curl = told_of(key, plan, &told, false);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    assert_int_equal(curl_easy_perform(curl), CURLE_PARTIAL_FILE);
    assert_int_equal(server_count(key), 4);
    assert_int_equal(told.delivered, 150000);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl, CURLINFO_SIZE_DOWNLOAD_T, &size);
    curl_easy_getinfo(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
    assert_int_equal(status, 200);
    assert_int_equal(size, 150000);
    assert_int_equal(length, SIZE);
    assert_string_equal(type, "text/first");
    assert_non_null(strstr(error, "150000 bytes"));
    assert_int_equal(told.backwards, 0);
    curl_easy_cleanup(curl);
  }
  assert_true(log_count("retry 2/3") >= COUNT(others));
}

/* The program's word ends it in the wait after another version, too. */
static int stop_after(void *data, curl_off_t total, curl_off_t now,
                      curl_off_t upload_total, curl_off_t upload_now) {
  (void)total;
  (void)now;
  (void)upload_total;
  (void)upload_now;
  return *(const bool *)data;
}

static size_t count_and_stop(char *bytes, size_t size, size_t n, void *data) {
  (void)bytes;
  *(bool *)data = true;
  return size * n;
}

static void program_may_stop_between_two_versions(void **state) {
  bool stops = false;
  CURL *curl = handle_for("stop", "200:size=300000:etag=a:rst@150000,"
                                  "200:size=300000:etag=b");

  (void)state;
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, stop_after);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &stops);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, count_and_stop);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &stops);
  assert_int_equal(curl_easy_perform(curl), CURLE_ABORTED_BY_CALLBACK);
  curl_easy_cleanup(curl);
}

/* --- streams ---------------------------------------------------------------
 */

/* The server's second stream is of other bytes and never ends by itself: it
 * is noticed within its first 64 bytes, not after as many as were had. */
static void another_stream_ends_at_its_first_bytes(void **state) {
  static const char *const framings[] = {"chunked", "eof"};

  (void)state;
  for (size_t i = 0; i < COUNT(framings); i++) {
    long long began = now_ms();
    char key[32], plan[256];
    struct told told;
    CURL *curl;
    snprintf(key, sizeof key, "stream%zu", i);
    snprintf(plan, sizeof plan,
             "200:size=400000:%s:vary:rst@200000,"
             "200:size=400000:%s:vary:rate=100~100",
             framings[i], framings[i]);
    curl = told_of(key, plan, &told, false);
    assert_int_equal(curl_easy_perform(curl), CURLE_RECV_ERROR);
    assert_int_equal(server_count(key), 2);
    assert_int_equal(told.delivered, 200000);
    /* 200000 bytes would take 200 s */
    assert_true(now_ms() - began < 15000 * patience());
    curl_easy_cleanup(curl);
  }
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(progress_never_goes_back),
      cmocka_unit_test(progress_of_an_upload_never_goes_back),
      cmocka_unit_test(outcome_is_of_the_attempt_that_broke),
      cmocka_unit_test(program_may_stop_between_two_versions),
      cmocka_unit_test(another_stream_ends_at_its_first_bytes),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {
      "CURLRETRY_BASE_DELAY=5ms", "CURLRETRY_HOLD_BYTES=64K",
      "CURLRETRY_HOLD_TIME=off", "CURLRETRY_BUDGET=off", NULL};
  static const struct setup setup = {policy, tests, NULL};

  return setup_main(argc, argv, &setup);
}
