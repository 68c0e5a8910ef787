/* test_engine_seam.c - where two attempts of one body meet: pauses and
 * refusals there, progress, and the time it takes. */
#include "resume_scene.h"

/* The second attempt repeats the whole body. */
static void begin_repetition(void) {
  begin_tagged();
  assert_retries_at(scene.now + 1000);
  request_goes_out();
  response("HTTP/1.1 200 OK", "ETag: \"v1\"", "Content-Length: 10");
}

/* libcurl brings a paused piece again, in whatever pieces it likes. */
static void a_pause_at_the_seam_repeats_no_byte(void **unused) {
  static const struct {
    const char *pieces[4];
    const char *got;
  } rows[] = {{{"23456789"}, "[56789]"},
              {{"23", "4", "56789"}, "[56789]"},
              {{"2345", "6789"}, "[5][6789]"}};

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    libcurl.pauses = 0;
    begin_repetition();
    body("01");
    scene.program.pauses_at = "56789";
    assert_int_equal(libcurl_body("23456789", 8), CURL_WRITEFUNC_PAUSE);
    scene.program.pauses_at = NULL;
    assert_int_equal(meanwhile_pause(scene.call, CURLPAUSE_CONT), CURLE_OK);
    assert_int_equal(libcurl.pauses, 1);
    for (size_t n = 0; n < 4 && rows[i].pieces[n]; n++)
      body(rows[i].pieces[n]);
    transfer_ends(CURLE_OK);
    assert_ends(CURLE_OK);
    assert_got(rows[i].got);
  }
}

static void a_refusal_at_the_seam_is_one(void **unused) {
  (void)unused;
  begin_repetition();
  scene.program.refuses = "56789";
  assert_int_equal(libcurl_body("0123456789", 10), 0);
  transfer_ends(CURLE_WRITE_ERROR);
  assert_ends(CURLE_WRITE_ERROR);
  assert_int_equal(scene.reason, VERDICT_REFUSED);
  assert_got("");
}

static void a_refusal_while_it_is_repeated_ends_the_call(void **unused) {
  (void)unused;
  watch_progress();
  begin_tagged();
  assert_waits_until(100);
  pass_time(1000);
  assert_performs();
  scene.program.progress_answer = 1;
  assert_int_equal(libcurl_progress(0, 0), 1);
  transfer_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_int_equal(scene.reason, VERDICT_REFUSED);
  assert_got("");
}

static void a_stop_while_it_waits_ends_the_call(void **unused) {
  (void)unused;
  watch_progress();
  begin_tagged();
  assert_waits_until(100);
  scene.program.progress_answer = 1;
  assert_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_string_equal(scene.program.error, "Callback aborted");
  assert_got("");
}

/* The same in the second wait, with what broke the body still kept. */
static void a_stop_in_a_later_wait_ends_the_call(void **unused) {
  (void)unused;
  watch_progress();
  begin_tagged();
  assert_waits_until(100);
  pass_time(1000);
  assert_performs();
  transfer_ends(CURLE_COULDNT_CONNECT);
  assert_waits_until(1100);
  scene.program.progress_answer = 1;
  assert_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_got("");
}

static void assert_told(curl_off_t total, curl_off_t now) {
  assert_int_equal(scene.program.progress[0], total);
  assert_int_equal(scene.program.progress[1], now);
}

static void progress_never_goes_back(void **unused) {
  (void)unused;
  watch_progress();
  variables("HOLD_BYTES=off");
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK", "ETag: \"v1\"", "Content-Length: 10");
  body("01234");
  (void)libcurl_progress(10, 7); /* two of them are lost on the way */
  assert_told(10, 7);
  transfer_ends(CURLE_PARTIAL_FILE);
  assert_waits_until(100);
  assert_told(10, 7);
  pass_time(1000);
  assert_performs();
  (void)libcurl_progress(0, 0);
  assert_told(10, 7);
  (void)libcurl_progress(8, 8); /* it may be an error page */
  assert_told(10, 7);
  request_goes_out();
  response("HTTP/1.1 206 Part", "Content-Range: bytes 5-9/10");
  (void)libcurl_progress(5, 1);
  assert_told(10, 7);
  body("567");
  (void)libcurl_progress(5, 3);
  assert_told(10, 8);
  body("89");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

static void it_stands_still_while_a_body_is_repeated(void **unused) {
  (void)unused;
  watch_progress();
  begin_tagged();
  assert_waits_until(100);
  pass_time(1000);
  assert_performs();
  request_goes_out();
  response("HTTP/1.1 200 OK", "ETag: \"v1\"", "Content-Length: 10");
  body("0123");
  (void)libcurl_progress(10, 4);
  assert_told(0, 0); /* as it was told of the first attempt */
  body("456789");
  (void)libcurl_progress(10, 10);
  assert_told(10, 10);
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

/* MAX_TIME is about a call that gets nowhere. */
static void a_long_download_may_break_at_its_end(void **unused) {
  (void)unused;
  variables("HOLD_BYTES=off", "MAX_TIME=5s");
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK", "ETag: \"v1\"", "Content-Length: 10");
  pass_time(3600000);
  body("01234");
  pass_time(3999);
  transfer_ends(CURLE_PARTIAL_FILE);
  assert_retries_at(3600000 + 4999);
  assert_int_equal(options_number(&libcurl.options, CURLOPT_TIMEOUT_MS), 1);
  rest_comes("Content-Range: bytes 5-9/10");
  assert_int_equal(options_number(&libcurl.options, CURLOPT_TIMEOUT_MS), 0);
  assert_ends(CURLE_OK);
}

static void but_not_long_after_its_last_byte(void **unused) {
  (void)unused;
  variables("HOLD_BYTES=off", "MAX_TIME=5s");
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK", "ETag: \"v1\"", "Content-Length: 10");
  body("01234");
  pass_time(4001);
  transfer_ends(CURLE_PARTIAL_FILE);
  assert_ends(CURLE_PARTIAL_FILE);
  assert_int_equal(scene.reason, VERDICT_MAX_TIME);
}

/* The program has the headers, and no byte yet: they come once. */
static void headers_alone_are_gone_on_from(void **unused) {
  static const char *const answers[][3] = {
      {"HTTP/1.1 206 Part", "ETag: \"v1\"", "Content-Range: bytes 0-9/10"},
      {"HTTP/1.1 200 OK", "ETag: \"v1\"", "Content-Length: 10"}};

  (void)unused;
  variables("HOLD_BYTES=off");
  for (size_t i = 0; i < COUNT(answers); i++) {
    call_begins();
    request_goes_out();
    response("HTTP/1.1 200 OK", "ETag: \"v1\"", "Content-Length: 10");
    scene.program.got[0] = 0;
    transfer_ends(CURLE_RECV_ERROR);
    assert_retries_at(scene.now + 1000);
    assert_string_equal(options_range(&libcurl.options), "0-");
    request_goes_out();
    response(answers[i][0], answers[i][1], answers[i][2]);
    body("0123456789");
    transfer_ends(CURLE_OK);
    assert_ends(CURLE_OK);
    assert_got("[0123456789]");
  }
}

static void a_body_that_is_empty_is_whole(void **unused) {
  (void)unused;
  variables("HOLD_BYTES=off");
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK", "ETag: \"v1\"");
  assert_got("<HTTP/1.1 200 OK><ETag: \"v1\"><>");
  transfer_ends(CURLE_RECV_ERROR);
  assert_retries_at(1000);
  request_goes_out();
  response("HTTP/1.1 200 OK", "ETag: \"v1\"");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_got("");
}

/* A body that was held when it broke is fetched anew. */
static void what_the_program_has_nothing_of_is_repeated_whole(void **unused) {
  (void)unused;
  begin_broken("ETag: \"v1\"");
  assert_retries_at(1000);
  assert_string_equal(options_range(&libcurl.options), "");
  fine_attempt();
  assert_ends(CURLE_OK);
  assert_got(FINE);
}

static void a_body_that_was_whole_is_not_continued(void **unused) {
  (void)unused;
  variables("HOLD_BYTES=off");
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK", "ETag: \"v1\"", "Content-Length: 5");
  body("01234");
  transfer_ends(CURLE_RECV_ERROR);
  assert_ends(CURLE_RECV_ERROR);
  assert_int_equal(scene.reason, VERDICT_COMMITTED);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(a_pause_at_the_seam_repeats_no_byte),
      SCENE(a_refusal_at_the_seam_is_one),
      SCENE(a_refusal_while_it_is_repeated_ends_the_call),
      SCENE(a_stop_while_it_waits_ends_the_call),
      SCENE(a_stop_in_a_later_wait_ends_the_call),
      SCENE(progress_never_goes_back),
      SCENE(it_stands_still_while_a_body_is_repeated),
      SCENE(a_long_download_may_break_at_its_end),
      SCENE(but_not_long_after_its_last_byte),
      SCENE(headers_alone_are_gone_on_from),
      SCENE(a_body_that_is_empty_is_whole),
      SCENE(what_the_program_has_nothing_of_is_repeated_whole),
      SCENE(a_body_that_was_whole_is_not_continued),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
