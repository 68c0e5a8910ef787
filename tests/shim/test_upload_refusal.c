/* test_upload_refusal.c - a read callback that refuses to go on ends the call,
 * with its code, whatever else is going on; no further request is made. */
#define _GNU_SOURCE
#include "upload_reader.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t abort_now(struct reader *reader, char *buffer, size_t length) {
  (void)reader;
  (void)buffer;
  (void)length;
  return CURL_READFUNC_ABORT;
}

static size_t give_too_much(struct reader *reader, char *buffer,
                            size_t length) {
  (void)reader;
  (void)buffer;
  return length + 1;
}

static void abort_ends_the_call_at_once(void **state) {
  static const enum source sources[] = {
      SOURCE_READ,      SOURCE_READ_SEEK, SOURCE_READ_STUCK, SOURCE_READ_POST,
      SOURCE_MIME_SEEK, SOURCE_MIME_READ, SOURCE_FORM_READ};
  static const size_t places[] = {0, 1, 20000, 39999};
  char key[32];

  (void)state;
  for (size_t i = 0; i < COUNT(places) * COUNT(sources); i++) {
    struct reader reader;
    snprintf(key, sizeof key, "abort%zu", i);
    reader_begin(&reader, sources[i % COUNT(sources)], key, "201");
    reader.at = places[i / COUNT(sources)];
    /* the last bytes come one by one */
    reader.upload.most = reader.at % 10 ? 1 : 5000;
    reader.times = 1;
    reader.act = abort_now;
    assert_int_equal(curl_easy_perform(reader.upload.curl),
                     CURLE_ABORTED_BY_CALLBACK);
    assert_int_equal(reader.requests, 1);
    assert_in_range(server_count(key), 0, 1);
    assert_int_equal(reader.upload.seeks, 0);
    upload_end(&reader.upload);
  }
}

/* The first attempt waits in a pause for the fault; what it got is sent again,
 * then the program is asked and refuses. */
static size_t pause_then_abort(struct reader *reader, char *buffer,
                               size_t length) {
  if (reader->requests == 1) {
    reader->times = 1; /* for the next request */
    reader->is_paused = true;
    return CURL_READFUNC_PAUSE;
  }
  return abort_now(reader, buffer, length);
}

static void abort_in_a_retry_ends_the_call(void **state) {
  static const enum source sources[] = {SOURCE_READ, SOURCE_READ_SEEK,
                                        SOURCE_READ_POST, SOURCE_MIME_SEEK};
  char key[32];

  (void)state;
  for (size_t i = 0; i < COUNT(sources); i++) {
    struct reader reader;
    snprintf(key, sizeof key, "later%zu", i);
    reader_begin(&reader, sources[i], key, "uprst@5000,201");
    /* else the progress callback would let it go on */
    curl_easy_setopt(reader.upload.curl, CURLOPT_NOPROGRESS, 1L);
    reader.at = 20000;
    reader.times = 1;
    reader.act = pause_then_abort;
    assert_int_equal(curl_easy_perform(reader.upload.curl),
                     CURLE_ABORTED_BY_CALLBACK);
    assert_int_equal(reader.requests, 2);
    assert_in_range(server_count(key), 1, 2);
    if (sources[i] != SOURCE_MIME_SEEK)
      assert_int_equal(reader.upload.taken, 20000);
    upload_end(&reader.upload);
  }
}

static size_t abort_after_status(struct reader *reader, char *buffer,
                                 size_t length) {
  if (reader->status)
    return abort_now(reader, buffer, length);
  usleep(1000);
  reader->times = 1;
  return upload_read(buffer, 1, length < 2 ? length : 2, &reader->upload);
}

/* The answer came before the body's end and would be retried, but then the
 * program gives up: that is what counts. */
static void abort_counts_more_than_an_early_answer(void **state) {
  static const enum source sources[] = {SOURCE_READ, SOURCE_READ_SEEK,
                                        SOURCE_READ_POST, SOURCE_MIME_SEEK};
  char key[32];

  (void)state;
  for (size_t i = 0; i < COUNT(sources); i++) {
    struct reader reader;
    snprintf(key, sizeof key, "early%zu", i);
    reader_begin(&reader, sources[i], key,
                 "503:early:size=3000:stall@100,201");
    /* or nothing would be sent after an answer */
    reader_header(&reader, "Expect:");
    reader.at = 0;
    reader.times = 1;
    reader.act = abort_after_status;
    assert_int_equal(curl_easy_perform(reader.upload.curl),
                     CURLE_ABORTED_BY_CALLBACK);
    assert_int_equal(reader.status, 503);
    assert_int_equal(reader.requests, 1);
    assert_int_equal(server_count(key), 1);
    upload_end(&reader.upload);
  }
}

/* "CODE REQUESTS TEXT" of a callback that returns more than it may. */
static void say_too_much(FILE *out) {
  static const enum source sources[] = {SOURCE_READ, SOURCE_READ_SEEK,
                                        SOURCE_READ_POST};
  static const size_t places[] = {0, 20000};

  for (size_t i = 0; i < COUNT(places) * COUNT(sources); i++) {
    char key[32], text[CURL_ERROR_SIZE] = "";
    struct reader reader;
    CURLcode code;
    snprintf(key, sizeof key, "much%zu", i);
    reader_begin(&reader, sources[i % COUNT(sources)], key, "201");
    curl_easy_setopt(reader.upload.curl, CURLOPT_ERRORBUFFER, text);
    reader.at = places[i / COUNT(sources)];
    reader.times = 1;
    reader.act = give_too_much;
    code = curl_easy_perform(reader.upload.curl);
    fprintf(out, "%s %zu: %d, %d requests, %s\n",
            upload_name(reader.upload.source), reader.at, code,
            reader.requests, text);
    upload_end(&reader.upload);
  }
}

/* libcurl 7.88 itself would repeat it: it was asked in a second round, on a
 * pooled connection. */
static void too_much_in_a_later_round_ends_the_call(void **state) {
  static const enum source sources[] = {SOURCE_READ, SOURCE_READ_SEEK,
                                        SOURCE_READ_POST};
  char key[32];

  (void)state;
  for (size_t i = 0; i < COUNT(sources); i++) {
    struct reader reader;
    snprintf(key, sizeof key, "round%zu", i);
    reader_begin(&reader, sources[i], key, "201:auth=digest");
    curl_easy_setopt(reader.upload.curl, CURLOPT_HTTPAUTH,
                     (long)CURLAUTH_DIGEST);
    curl_easy_setopt(reader.upload.curl, CURLOPT_USERPWD, "user:secret");
    reader_header(&reader, "Expect:");
    reader.times = 2;
    reader.act = give_too_much;
    assert_int_equal(curl_easy_perform(reader.upload.curl), CURLE_READ_ERROR);
    assert_int_equal(reader.upload.taken, 0);
    upload_end(&reader.upload);
  }
}

static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms",
                                     "CURLRETRY_METHODS=all",
                                     "CURLRETRY_BUDGET=off", NULL};

static void child(const char *name, FILE *out) {
  (void)name;
  say_too_much(out);
}

static void too_much_fails_as_without_us(void **state) {
  char *shimmed = run_child(CHILD_SHIMMED, "much", policy, NULL);
  char *unshimmed = run_child(CHILD_UNSHIMMED, "much", policy, NULL);

  (void)state;
  assert_non_null(strstr(unshimmed, "read-seek 20000: 26, 1 requests, read"));
  assert_string_equal(shimmed, unshimmed);
  free(shimmed);
  free(unshimmed);
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(abort_ends_the_call_at_once),
      cmocka_unit_test(abort_in_a_retry_ends_the_call),
      cmocka_unit_test(abort_counts_more_than_an_early_answer),
      cmocka_unit_test(too_much_fails_as_without_us),
      cmocka_unit_test(too_much_in_a_later_round_ends_the_call),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const struct setup setup = {policy, tests, child};

  return setup_main(argc, argv, &setup);
}
