/* test_engine_mismatch.c - what comes instead of the rest of a body: the
 * program gets the failure that broke it, as it was. */
#include "resume_scene.h"

/* The first attempt's failure: its code, its text, its getinfo. */
static void assert_ends_as_it_broke(const char *why) {
  assert_ends(CURLE_PARTIAL_FILE);
  assert_string_equal(scene.program.error, "broke");
  assert_int_equal(info(CURLINFO_RESPONSE_CODE), 200);
  assert_int_equal(info(CURLINFO_NUM_CONNECTS), 3);
  assert_got("");
  if (why)
    assert_string_equal(scene.handle.call->resume.mismatch, why);
}

/* A call whose body broke, in its second attempt. */
static void begin_second_of(const char *line, const char *retries) {
  variables("HOLD_BYTES=off", "BUDGET=off", "ON=default,!500", retries);
  call_begins();
  libcurl_says(CURLINFO_NUM_CONNECTS, 3);
  break_after(line);
  scene.program.got[0] = 0;
  assert_retries_at(scene.now + 1000);
  request_goes_out();
}

/* The same where that is the last attempt. */
static void begin_second(const char *line) {
  begin_second_of(line, "MAX_RETRIES=1");
}

/* An answer that ends with its headers: libcurl is told that they can't be
 * written. */
static void refused_response(const char *const *lines) {
  for (; *lines; lines++)
    assert_int_equal(libcurl_header(*lines), strlen(*lines) + 2);
  assert_int_equal(libcurl_header(""), 0);
  transfer_ends(CURLE_WRITE_ERROR);
}

static void what_isnt_the_rest_is_never_taken_for_it(void **unused) {
  static const struct {
    const char *lines[5];
    const char *why;
  } rows[] = {
      {{"HTTP/1.1 206 P"}, "the 206 has no single Content-Range"},
      {{"HTTP/1.1 206 P", "Content-Type: multipart/byteranges"},
       "the 206 has no single Content-Range"},
      {{"HTTP/1.1 206 P", "Content-Range: bytes 4-9/10"},
       "the 206 begins at another byte"},
      {{"HTTP/1.1 206 P", "Content-Range: bytes 6-9/10"},
       "the 206 begins at another byte"},
      {{"HTTP/1.1 206 P", "Content-Range: bytes 5-9/11"},
       "the 206 is of another length"},
      {{"HTTP/1.1 206 P", "Content-Range: bytes 5-8/10"},
       "the 206 ends at another byte"},
      {{"HTTP/1.1 206 P", "Content-Range: bytes 5-9/10", "ETag: \"v2\""},
       "the 206 has another ETag"},
      {{"HTTP/1.1 206 P", "Content-Range: bytes 5-9/10", "ETag: W/\"v1\""},
       "the 206 has another ETag"},
      {{"HTTP/1.1 206 P", "Content-Range: bytes 5-9/10", "Last-Modified: 1"},
       "the 206 has another Last-Modified"},
      {{"HTTP/1.1 206 P", "Content-Range: bytes 5-9/10", "ETag: \"v1\"",
        "Content-Encoding: gzip"},
       "the 206 has a Content-Encoding"},
      {{"HTTP/1.1 200 OK", "ETag: \"v2\""},
       "the repeated response has another ETag"},
      {{"HTTP/1.1 200 OK", "ETag: \"v1\"", "Content-Length: 11"},
       "the repeated response has another length"},
      {{"HTTP/1.1 200 OK"}, "the repeated response has no such ETag"},
      {{"HTTP/1.1 200 OK", "ETag: W/\"v1\""},
       "the repeated response has no such ETag"},
      {{"HTTP/1.1 200 OK", "ETag: \"v1\"", "Content-Encoding: gzip"},
       "the repeated response has another encoding"},
      {{"HTTP/1.1 204 No"}, "the repeated response has another status"},
      {{"HTTP/1.1 304 Same"}, "the repeated response has another status"},
      {{"HTTP/1.1 404 None"}, "the repeated response has another status"},
      {{"HTTP/1.1 412 Not"}, "the repeated response has another status"},
      {{"HTTP/1.1 416 Not"}, "the repeated response has another status"},
      {{"HTTP/1.1 500 Oh"}, "the repeated response has another status"}};

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    begin_second("ETag: \"v1\"");
    refused_response(rows[i].lines);
    assert_ends_as_it_broke(rows[i].why);
    assert_int_equal(scene.reason, VERDICT_EXHAUSTED);
  }
}

static void the_same_from_another_place_isnt_the_rest(void **unused) {
  static const char *const rows[][2] = {
      {"HTTP/1.1 206 P", "the 206 comes from another place"},
      {"HTTP/1.1 200 OK", "the repeated response comes from another place"}};

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    const char *const lines[] = {rows[i][0], "ETag: \"v1\"",
                                 "Content-Range: bytes 5-9/10", NULL};
    begin_second("ETag: \"v1\"");
    libcurl_says_text(CURLINFO_EFFECTIVE_URL, "http://mirror/path");
    refused_response(lines);
    assert_ends_as_it_broke(rows[i][1]);
  }
}

static void another_query_is_the_same_place(void **unused) {
  (void)unused;
  begin_second("ETag: \"v1\"");
  libcurl_says_text(CURLINFO_EFFECTIVE_URL, "http://host/path?token=1");
  response("HTTP/1.1 206 P", "Content-Range: bytes 5-9/10");
  body("56789");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_got("[56789]");
}

static void other_bytes_end_it_where_they_are_compared(void **unused) {
  (void)unused;
  begin_second("X: y");
  response("HTTP/1.1 200 OK", "Content-Length: 10");
  body("0123");
  assert_int_equal(libcurl_body("X6789", 5), 0);
  transfer_ends(CURLE_WRITE_ERROR);
  assert_ends_as_it_broke("the repeated bytes differ");
}

static void a_repetition_that_ends_too_early_isnt_one(void **unused) {
  (void)unused;
  begin_second("X: y");
  response("HTTP/1.1 200 OK");
  body("0123");
  transfer_ends(CURLE_OK);
  assert_ends_as_it_broke(NULL);
}

static void a_rest_that_ends_too_early_isnt_one(void **unused) {
  (void)unused;
  begin_second("ETag: \"v1\"");
  response("HTTP/1.1 206 Part", "Content-Range: bytes 5-9/10");
  body("567");
  transfer_ends(CURLE_OK);
  assert_got("[567]");
  assert_ends_as_it_broke(NULL);
  assert_int_equal(info(CURLINFO_SIZE_DOWNLOAD_T), 8);
}

static void a_rest_that_is_too_long_isnt_one(void **unused) {
  (void)unused;
  begin_second("ETag: \"v1\"");
  response("HTTP/1.1 206 Part", "Content-Range: bytes 5-9/10");
  body("567");
  assert_int_equal(libcurl_body("890", 3), 0);
  transfer_ends(CURLE_WRITE_ERROR);
  assert_got("[567]");
  assert_ends_as_it_broke("the continued body is longer");
}

/* The failure is the one that broke what the program has now. */
static void a_later_break_is_the_one_that_counts(void **unused) {
  (void)unused;
  begin_second_of("ETag: \"v1\"", "MAX_RETRIES=2");
  libcurl_says(CURLINFO_NUM_CONNECTS, 4);
  response("HTTP/1.1 206 Part", "Content-Range: bytes 5-9/10");
  body("56");
  transfer_fails(CURLE_RECV_ERROR, "broke again");
  assert_got("[56]");
  assert_retries_at(scene.now + 2000);
  request_goes_out();
  refused_response((const char *const[]){"HTTP/1.1 404 None", NULL});
  assert_ends(CURLE_RECV_ERROR);
  assert_string_equal(scene.program.error, "broke again");
  assert_int_equal(info(CURLINFO_NUM_CONNECTS), 4);
  assert_int_equal(info(CURLINFO_RESPONSE_CODE), 200);
  assert_got("");
}

/* It costs a retry: the next one may meet the first version again. */
static void what_isnt_the_rest_is_thrown_away(void **unused) {
  static const char *const lines[] = {"HTTP/1.1 404 None", "X: y", NULL};

  (void)unused;
  begin_second_of("ETag: \"v1\"", "MAX_RETRIES=3");
  refused_response(lines);
  assert_retries_at(scene.now + 2000);
  assert_string_equal(options_range(&libcurl.options), "5-");
  request_goes_out();
  refused_response(lines);
  assert_retries_at(scene.now + 4000);
  rest_comes("Content-Range: bytes 5-9/10");
  assert_ends(CURLE_OK);
  assert_got("[56789]");
}

/* A live stream never begins with the same bytes again. */
static void a_body_of_unknown_length_gets_one_chance(void **unused) {
  (void)unused;
  variables("HOLD_BYTES=off");
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK", "X: y");
  body("01234");
  libcurl_says(CURLINFO_NUM_CONNECTS, 3);
  transfer_fails(CURLE_PARTIAL_FILE, "broke");
  scene.program.got[0] = 0;
  assert_retries_at(1000);
  request_goes_out();
  response("HTTP/1.1 200 OK", "X: y");
  assert_int_equal(libcurl_body("X123456", 7), 0);
  transfer_ends(CURLE_WRITE_ERROR);
  assert_ends_as_it_broke("the repeated bytes differ");
}

/* --- no answer at all ------------------------------------------------------
 */

static void retries_that_dont_get_through_end_as_it_broke(void **unused) {
  (void)unused;
  begin_second_of("ETag: \"v1\"", "MAX_RETRIES=3");
  transfer_fails(CURLE_COULDNT_CONNECT, "refused");
  assert_retries_at(scene.now + 2000);
  assert_string_equal(options_range(&libcurl.options), "5-");
  transfer_fails(CURLE_COULDNT_CONNECT, "refused");
  assert_retries_at(scene.now + 4000);
  transfer_fails(CURLE_COULDNT_RESOLVE_HOST, "unknown");
  assert_ends_as_it_broke(NULL);
  assert_int_equal(scene.reason, VERDICT_EXHAUSTED);
}

static void a_503_is_waited_out(void **unused) {
  (void)unused;
  begin_second_of("ETag: \"v1\"", "MAX_RETRIES=3");
  response("HTTP/1.1 503 Busy", "Content-Length: 4");
  body("busy");
  transfer_ends(CURLE_OK);
  assert_retries_at(scene.now + 2000);
  rest_comes("Content-Range: bytes 5-9/10");
  assert_ends(CURLE_OK);
  assert_got("[56789]");
}

static void a_503_after_the_last_retry_isnt_the_rest(void **unused) {
  (void)unused;
  variables("HOLD_BYTES=off", "MAX_RETRIES=1");
  call_begins();
  libcurl_says(CURLINFO_NUM_CONNECTS, 3);
  break_after("ETag: \"v1\"");
  scene.program.got[0] = 0;
  assert_retries_at(1000);
  request_goes_out();
  refused_response((const char *const[]){"HTTP/1.1 503 Busy", NULL});
  assert_ends_as_it_broke("the repeated response has another status");
}

/* A wait that took too long, with a 503 in between. */
static void a_late_retry_ends_as_it_broke(void **unused) {
  (void)unused;
  begin_second_of("ETag: \"v1\"", "MAX_RETRIES=3");
  response("HTTP/1.1 503 Busy", "Content-Length: 4");
  body("busy");
  transfer_ends(CURLE_OK);
  assert_waits_until(scene.now + 2000);
  pass_time(120000);
  assert_ends_as_it_broke(NULL);
  assert_int_equal(scene.reason, VERDICT_MAX_TIME);
}

/* libcurl itself refuses some answers, before there is a header. */
static void what_libcurl_refuses_isnt_the_rest(void **unused) {
  static const CURLcode codes[] = {CURLE_RANGE_ERROR,
                                   CURLE_FTP_COULDNT_RETR_FILE,
                                   CURLE_TOO_MANY_REDIRECTS};

  (void)unused;
  for (size_t i = 0; i < COUNT(codes); i++) {
    begin_second("ETag: \"v1\"");
    transfer_ends(codes[i]);
    assert_ends_as_it_broke("the rest is refused");
  }
}

static void the_next_attempt_may_bring_the_rest(void **unused) {
  (void)unused;
  begin_second_of("ETag: \"v1\"", "MAX_RETRIES=2");
  transfer_ends(CURLE_RANGE_ERROR);
  assert_retries_at(scene.now + 2000);
  rest_comes("Content-Range: bytes 5-9/10");
  assert_ends(CURLE_OK);
  assert_got("[56789]");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(what_isnt_the_rest_is_never_taken_for_it),
      SCENE(the_same_from_another_place_isnt_the_rest),
      SCENE(another_query_is_the_same_place),
      SCENE(other_bytes_end_it_where_they_are_compared),
      SCENE(a_repetition_that_ends_too_early_isnt_one),
      SCENE(a_rest_that_ends_too_early_isnt_one),
      SCENE(a_rest_that_is_too_long_isnt_one),
      SCENE(a_later_break_is_the_one_that_counts),
      SCENE(what_isnt_the_rest_is_thrown_away),
      SCENE(a_body_of_unknown_length_gets_one_chance),
      SCENE(retries_that_dont_get_through_end_as_it_broke),
      SCENE(a_503_is_waited_out),
      SCENE(a_503_after_the_last_retry_isnt_the_rest),
      SCENE(a_late_retry_ends_as_it_broke),
      SCENE(what_libcurl_refuses_isnt_the_rest),
      SCENE(the_next_attempt_may_bring_the_rest),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
