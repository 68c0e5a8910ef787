/* test_leak.c - after thousands of calls the process has the descriptors and
 * the memory it had after the first hundreds. */
#define _GNU_SOURCE
#include "upload.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define WARM 200

#define HEAP_BOUND (128 * 1024)

static size_t heap(void) {
  struct mallinfo2 info = mallinfo2();

  return info.uordblks + info.hblkhd;
}

/* `turn` runs WARM times, then `calls` times: nothing may have grown. */
static void assert_keeps_nothing(int calls, void (*turn)(void *), void *data) {
  int files;
  size_t bytes;
  if (patience() > 1)
    calls = 60;

  for (int i = 0; i < (patience() > 1 ? 20 : WARM); i++)
    turn(data);
  files = count_descriptors();
  bytes = heap();
  for (int i = 0; i < calls; i++)
    turn(data);
  assert_int_equal(count_descriptors(), files);
  if (patience() == 1) /* sanitizers and valgrind count for themselves */
    assert_in_range(heap(), 0, bytes + HEAP_BOUND);
}

static void good_call(void *curl) {
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
}

static void reused_handle_keeps_nothing(void **state) {
  CURL *curl = handle_for("reused", "200:size=3000");

  (void)state;
  assert_keeps_nothing(6000, good_call, curl);
  curl_easy_cleanup(curl);
}

static void reused_handle_keeps_nothing_of_retries(void **state) {
  CURL *curl = handle_for("retried", "x");

  (void)state;
  for (int turn = 0; turn < 2; turn++) {
    char key[32];
    size_t bytes = heap();
    int files = count_descriptors();
    for (int i = 0; i < 30; i++) {
      snprintf(key, sizeof key, "retried%d-%d", turn, i);
      curl_easy_setopt(curl, CURLOPT_URL,
                       url_of(key, "503:size=100,200:size=90:chunked").text);
      assert_int_equal(curl_easy_perform(curl), CURLE_OK);
      assert_int_equal(server_count(key), 2);
    }
    assert_true(!turn || count_descriptors() == files);
    assert_true(!turn || patience() > 1 || heap() <= bytes + HEAP_BOUND);
  }
  curl_easy_cleanup(curl);
}

static void fresh_call(void *data) {
  CURL *curl = handle_for("fresh", "200:size=500:chunked"), *copy;

  (void)data;
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  copy = curl_easy_duphandle(curl);
  curl_easy_cleanup(curl);
  curl_easy_cleanup(copy);
}

static void fresh_handles_keep_nothing(void **state) {
  (void)state;
  assert_keeps_nothing(2000, fresh_call, NULL);
}

static void upload_call(void *data) {
  struct upload upload;

  (void)data;
  upload_begin(&upload, SOURCE_READ, "upload", "201", 3000);
  assert_int_equal(curl_easy_perform(upload.curl), CURLE_OK);
  upload_end(&upload);
}

static void uploads_keep_nothing(void **state) {
  (void)state;
  assert_keeps_nothing(1500, upload_call, NULL);
}

static int refuse(void *data, curl_off_t a, curl_off_t b, curl_off_t c,
                  curl_off_t d) {
  (void)data, (void)a, (void)c, (void)d;
  return b > 0;
}

static void failing_call(void *data) {
  CURL *curl = handle_for("failing", "200:size=500:chunked:close@200");

  (void)data;
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, refuse);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  assert_true(curl_easy_perform(curl) != CURLE_OK);
  curl_easy_cleanup(curl);
}

static void failures_keep_nothing(void **state) {
  (void)state;
  assert_keeps_nothing(500, failing_call, NULL);
}

/* Snapshots and journals in files, and what is left of them. */
static void files_are_closed(void **state) {
  int before = count_descriptors();

  (void)state;
  for (int i = 0; i < 20; i++) {
    struct upload upload;
    char key[32];
    snprintf(key, sizeof key, "spool%d", i);
    upload_begin(&upload, SOURCE_READ, key, "503:connclose,201", 100000);
    assert_int_equal(curl_easy_perform(upload.curl), CURLE_OK);
    upload_end(&upload);
  }
  assert_int_equal(count_descriptors(), before);
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(reused_handle_keeps_nothing),
      cmocka_unit_test(reused_handle_keeps_nothing_of_retries),
      cmocka_unit_test(fresh_handles_keep_nothing),
      cmocka_unit_test(uploads_keep_nothing),
      cmocka_unit_test(failures_keep_nothing),
      cmocka_unit_test(files_are_closed),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=1ms",
                                       "CURLRETRY_SNAPSHOT_MEMORY=8K",
                                       "CURLRETRY_BUDGET=off", NULL};
  static const struct setup setup = {policy, tests, NULL};

  return setup_main(argc, argv, &setup);
}
