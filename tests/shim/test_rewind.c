/* test_rewind.c - rewinds that go wrong: a seek that leads elsewhere, one to
 * before the body, none at all when the answer at hand is large. What was
 * first read is what is sent again, and an answer is never cut short. */
#define _GNU_SOURCE
#include "upload.h"

#include <stdlib.h>
#include <string.h>

#define SIZE 40000
#define FROM 10000 /* RESUME_FROM */

static CURLcode perform(struct upload *upload, long *status) {
  CURLcode code;

  curl_easy_setopt(upload->curl, CURLOPT_FOLLOWLOCATION, 1L);
  code = curl_easy_perform(upload->curl);
  *status = 0;
  curl_easy_getinfo(upload->curl, CURLINFO_RESPONSE_CODE, status);
  return code;
}

/* Says OK and spoils the bytes. */
static int seek_elsewhere(void *data, curl_off_t offset, int origin) {
  struct upload *upload = data;

  upload->bytes[SIZE / 2] ^= 1;
  return upload_seek(data, offset, origin);
}

static void seek_that_leads_elsewhere_is_got_over(void **state) {
  static const char *const plans[] = {"307,201", "307,503:next,201",
                                      "503,307,201"};

  (void)state;
  for (size_t i = 0; i < 2 * COUNT(plans); i++) {
    const char *plan = plans[i / 2];
    struct upload upload;
    struct seen seen[4];
    struct hash first;
    size_t count;
    long status;
    char key[32];
    snprintf(key, sizeof key, "elsewhere%zu", i);
    upload_init(&upload, SOURCE_READ_SEEK, SIZE, i);
    upload.seek = seek_elsewhere;
    upload.is_chunked = i % 2; /* then only the end says that it is all */
    first = hash_of(upload.bytes, SIZE);
    upload_put(&upload, handle_for(key, plan));
    if (perform(&upload, &status) || status != 201)
      fail_msg("%s: status %ld", plan, status);
    count = server_saw(key, seen, COUNT(seen));
    assert_true(upload.seeks > 0);
    assert_string_equal(seen[count - 1].hash, first.text);
    assert_int_equal(upload.calls_after_end, 0);
    upload_end(&upload);
  }
}

/* libcurl seeks to 0, which isn't where the body begins. */
static void continued_upload_is_rewound_to_its_beginning(void **state) {
  static const char *const plans[] = {"307,201", "308,503:next,201",
                                      "uprst@9000,307,201"};
  static const enum source sources[] = {SOURCE_READ, SOURCE_READ_SEEK,
                                        SOURCE_OFFSET, SOURCE_PIPE};

  (void)state;
  for (size_t i = 0; i < COUNT(plans) * COUNT(sources); i++) {
    const char *plan = plans[i % COUNT(plans)];
    struct upload upload;
    struct seen seen[4];
    size_t count;
    long status;
    char key[32];
    snprintf(key, sizeof key, "continued%zu", i);
    upload_init(&upload, sources[i / COUNT(plans)], SIZE, i);
    upload_put(&upload, handle_for(key, plan));
    curl_easy_setopt(upload.curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)FROM);
    if (perform(&upload, &status) || status != 201)
      fail_msg("%s %s: status %ld", plan, upload_name(upload.source), status);
    count = server_saw(key, seen, COUNT(seen));
    assert_string_equal(seen[count - 1].hash,
                        hash_of(upload.bytes + FROM, SIZE - FROM).text);
    assert_int_equal(upload.calls_after_end, 0);
    upload_end(&upload);
  }
}

/* libcurl then drops its copy and asks the callback. */
static void larger_size_than_the_copied_fields_is_rewound(void **state) {
  struct upload upload;
  struct seen seen[3];
  long status;

  (void)state;
  upload_init(&upload, SOURCE_READ, 3000, 1);
  upload_put(&upload, handle_for("copied", "503,201"));
  curl_easy_setopt(upload.curl, CURLOPT_COPYPOSTFIELDS, "abc");
  curl_easy_setopt(upload.curl, CURLOPT_POSTFIELDSIZE, 3000L);
  assert_int_equal(perform(&upload, &status), CURLE_OK);
  assert_int_equal(status, 201);
  assert_int_equal(server_saw("copied", seen, COUNT(seen)), 2);
  assert_string_equal(seen[1].hash, hash_of(upload.bytes, 3000).text);
  assert_string_equal(seen[0].hash, seen[1].hash);
  upload_end(&upload);
}

static size_t count_bytes(char *bytes, size_t size, size_t count, void *data) {
  (void)bytes;
  *(long long *)data += (long long)(size * count);
  return size * count;
}

/* Only libcurl knows whether a form's callback can seek, and says so at the
 * next attempt: until then the answer at hand must stay whole. */
static void answer_is_whole_where_a_rewind_may_fail(void **state) {
  static const struct {
    const char *plan;
    long long size;
  } cases[] = {
      {"503:size=200000,201", 200000},
      {"503:size=200000:chunked,201", 200000},
      {"503:size=3M,201", 3 << 20},
      {"503:size=3M:chunked,201", 3 << 20},
      {"503:size=9000:stall@1000=1500,201", 9000},
      {"503:size=9000:chunked:stall@1000=1500,201", 9000},
  };
  static const enum source sources[] = {SOURCE_MIME_READ, SOURCE_FORM_READ};

  (void)state;
  for (size_t i = 0; i < COUNT(cases) * COUNT(sources); i++) {
    const char *plan = cases[i % COUNT(cases)].plan;
    struct upload upload;
    long long got = 0;
    CURLcode code;
    char key[32];
    long status;
    snprintf(key, sizeof key, "whole%zu", i);
    log_forget();
    upload_begin(&upload, sources[i / COUNT(cases)], key, plan, SIZE);
    curl_easy_setopt(upload.curl, CURLOPT_WRITEFUNCTION, count_bytes);
    curl_easy_setopt(upload.curl, CURLOPT_WRITEDATA, &got);
    code = perform(&upload, &status);
    if (code || status != 503 || got != cases[i % COUNT(cases)].size)
      fail_msg("%s %s: code %d, status %ld, %lld bytes", plan,
               upload_name(upload.source), code, status, got);
    assert_int_equal(server_count(key), 1);
    assert_int_equal(log_count("succeeded"), 0);
    assert_int_equal(log_count("can't be sent again"), 1);
    upload_end(&upload);
  }
}

/* The same of a form that can be sent again: it is. */
static void form_with_a_large_answer_is_repeated(void **state) {
  static const enum source sources[] = {SOURCE_MIME_DATA, SOURCE_MIME_SEEK};

  (void)state;
  for (size_t i = 0; i < COUNT(sources); i++) {
    struct upload upload;
    char key[32];
    long status;
    snprintf(key, sizeof key, "again%zu", i);
    upload_begin(&upload, sources[i], key, "503:size=200000,201", SIZE);
    assert_int_equal(perform(&upload, &status), CURLE_OK);
    assert_int_equal(status, 201);
    assert_int_equal(server_count(key), 2);
    upload_end(&upload);
  }
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(seek_that_leads_elsewhere_is_got_over),
      cmocka_unit_test(continued_upload_is_rewound_to_its_beginning),
      cmocka_unit_test(larger_size_than_the_copied_fields_is_rewound),
      cmocka_unit_test(answer_is_whole_where_a_rewind_may_fail),
      cmocka_unit_test(form_with_a_large_answer_is_repeated),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {
      "CURLRETRY_BASE_DELAY=5ms", "CURLRETRY_METHODS=all",
      "CURLRETRY_LOG_LEVEL=info", "CURLRETRY_BUDGET=off", NULL};
  static const struct setup setup = {policy, tests, NULL};

  return setup_main(argc, argv, &setup);
}
