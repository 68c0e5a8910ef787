/* test_engine_pause.c - the program pauses inside the transfer: libcurl is
 * told, and what a pause leaves behind is handed over, whatever comes of the
 * transfer. */
#include "resume_scene.h"

static void pause_at(const char *piece) { scene.program.pauses_at = piece; }

static CURLcode go_on(void) {
  scene.program.pauses_at = NULL;
  return meanwhile_pause(scene.call, CURLPAUSE_CONT);
}

static void a_paused_piece_comes_again_whole(void **unused) {
  (void)unused;
  variables("HOLD_BYTES=off");
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK");
  pause_at("fine");
  assert_int_equal(libcurl_body("fine", 4), CURL_WRITEFUNC_PAUSE);
  assert_got("<HTTP/1.1 200 OK><>");
  assert_int_equal(go_on(), CURLE_OK);
  assert_int_equal(libcurl.pause_action, CURLPAUSE_CONT);
  body("fine");
  assert_got("[fine]");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

static void the_program_may_pause_from_elsewhere(void **unused) {
  static const int actions[] = {CURLPAUSE_RECV, CURLPAUSE_SEND, CURLPAUSE_ALL,
                                CURLPAUSE_CONT};

  (void)unused;
  call_begins();
  request_goes_out();
  for (size_t i = 0; i < COUNT(actions); i++) {
    assert_int_equal(meanwhile_pause(scene.call, actions[i]), CURLE_OK);
    assert_int_equal(libcurl.pauses, i + 1);
    assert_int_equal(libcurl.pause_action, actions[i]);
  }
  response("HTTP/1.1 200 OK", "Content-Length: 4");
  body("fine");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_got(FINE);
}

/* The hold ends in a progress call; the headers' callback pauses there. What
 * is left: "[0123]". */
static void begin_with_rest(const char *line) {
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK", line);
  body("0123");
  pause_at("0123");
  pass_time(1000);
  assert_int_equal(libcurl_progress(0, 4), 0);
  scene.program.got[0] = 0;
}

static void the_rest_comes_before_what_follows(void **unused) {
  (void)unused;
  begin_with_rest("X: y");
  assert_int_equal(libcurl_body("4567", 4), CURL_WRITEFUNC_PAUSE);
  assert_int_equal(go_on(), CURLE_OK);
  assert_got("[0123]");
  body("4567");
  assert_got("[4567]");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

static void the_rest_outlives_the_transfer(void **unused) {
  (void)unused;
  begin_with_rest("X: y");
  transfer_ends(CURLE_OK);
  assert_waits_until(1100);
  assert_int_equal(go_on(), CURLE_OK);
  assert_ends(CURLE_OK);
  assert_got("[0123]");
}

/* And then the rest of the body is asked for. */
static void the_rest_outlives_a_failure_to_go_on_after(void **unused) {
  (void)unused;
  begin_with_rest("ETag: \"v1\"");
  transfer_ends(CURLE_PARTIAL_FILE);
  assert_waits_until(1100);
  pass_time(500);
  assert_int_equal(go_on(), CURLE_OK);
  assert_retries_at(2500);
  assert_got("[0123]");
  assert_string_equal(options_range(&libcurl.options), "4-");
  request_goes_out();
  response("HTTP/1.1 206 Part", "Content-Range: bytes 4-5/6");
  body("45");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_got("[45]");
}

/* As without us: it ends a paused transfer at once. */
static void a_failure_of_its_own_ends_it_with_the_pause(void **unused) {
  (void)unused;
  begin_with_rest("X: y");
  transfer_ends(CURLE_BAD_CONTENT_ENCODING);
  assert_ends(CURLE_BAD_CONTENT_ENCODING);
  assert_got("");
}

static void who_never_goes_on_gets_what_broke_it(void **unused) {
  (void)unused;
  variables("MAX_TIME=5s");
  begin_with_rest("ETag: \"v1\"");
  transfer_ends(CURLE_PARTIAL_FILE);
  assert_waits_until(1100);
  pass_time(4999);
  assert_waits_until(1000 + 5099);
  pass_time(1);
  assert_ends(CURLE_PARTIAL_FILE);
  assert_got("");
}

/* The program paused while nothing ran: the next attempt's bytes wait. */
static void a_pause_between_attempts_holds_in_the_next(void **unused) {
  (void)unused;
  begin_tagged();
  assert_waits_until(1000);
  assert_int_equal(meanwhile_pause(scene.call, CURLPAUSE_RECV), CURLE_OK);
  assert_int_equal(libcurl.pauses, 0);
  pass_time(1000);
  assert_performs();
  request_goes_out();
  response("HTTP/1.1 206 Part", "Content-Range: bytes 5-9/10");
  assert_int_equal(libcurl_body("56789", 5), CURL_WRITEFUNC_PAUSE);
  assert_int_equal(go_on(), CURLE_OK);
  assert_int_equal(libcurl.pauses, 1);
  body("56789");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_got("[56789]");
}

static CURLcode refuse_to_pause(CURL *curl, int action) {
  assert_ptr_equal(curl, &libcurl.handle);
  (void)action;
  return CURLE_BAD_FUNCTION_ARGUMENT;
}

/* No data comes, and no clock of ours ran before. */
static void the_rest_comes_with_a_progress_call_at_last(void **unused) {
  (void)unused;
  variables("HOLD_BYTES=off", "HOLD_TIME=off");
  call_begins();
  request_goes_out();
  pause_at("HTTP/1.1 200 OK");
  response("HTTP/1.1 200 OK");
  libcurl.library.easy_pause = refuse_to_pause;
  assert_int_equal(go_on(), CURLE_BAD_FUNCTION_ARGUMENT);
  assert_got("");
  assert_int_equal(libcurl_progress(0, 0), 0);
  assert_got("<HTTP/1.1 200 OK><>");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

/* libcurl refuses it before it is connected: then nothing is paused. */
static void a_pause_that_libcurl_refuses_is_none(void **unused) {
  (void)unused;
  libcurl.library.easy_pause = refuse_to_pause;
  call_begins();
  assert_int_equal(meanwhile_pause(scene.call, CURLPAUSE_RECV),
                   CURLE_BAD_FUNCTION_ARGUMENT);
  fine_attempt();
  assert_ends(CURLE_OK);
}

static size_t pause_upload(char *buffer, size_t size, size_t count,
                           void *data) {
  (void)buffer, (void)size, (void)count, (void)data;
  return CURL_READFUNC_PAUSE;
}

static void begin_paused_upload(const char *url) {
  set(CURLOPT_URL, url);
  set(CURLOPT_UPLOAD, 1L);
  set(CURLOPT_READFUNCTION, pause_upload);
  call_begins();
  request_goes_out();
}

/* It gets the response for which it may wait, and doesn't want that yet. */
static void both_directions_may_be_paused(void **unused) {
  (void)unused;
  begin_paused_upload("http://host/path");
  assert_int_equal(libcurl_read(4), CURL_READFUNC_PAUSE);
  pause_at("HTTP/1.1 200 OK");
  response("HTTP/1.1 200 OK");
  assert_int_equal(libcurl.pause_action, CURLPAUSE_ALL);
  assert_got("");
  assert_int_equal(go_on(), CURLE_OK);
  assert_got("<HTTP/1.1 200 OK><>");
  body("0123");
  assert_got("[0123]");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

/* It may wait for the replies of ftp, too. */
static void replies_are_shown_to_who_paused_its_upload(void **unused) {
  (void)unused;
  begin_paused_upload("ftp://host/file");
  assert_int_equal(libcurl_header("220 Welcome"), 13);
  assert_got("");
  assert_int_equal(libcurl_read(4), CURL_READFUNC_PAUSE);
  assert_got("<220 Welcome>");
  assert_int_equal(libcurl_header("226 Done"), 10);
  assert_got("<226 Done>");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

static void a_reply_may_be_refused_then(void **unused) {
  (void)unused;
  begin_paused_upload("ftp://host/file");
  assert_int_equal(libcurl_read(4), CURL_READFUNC_PAUSE);
  scene.program.refuses = "426 Gone";
  assert_int_equal(libcurl_header("426 Gone"), 0);
  transfer_ends(CURLE_WRITE_ERROR);
  assert_ends(CURLE_WRITE_ERROR);
}

static void a_reply_may_be_paused_at(void **unused) {
  (void)unused;
  begin_paused_upload("ftp://host/file");
  assert_int_equal(libcurl_header("220 Welcome"), 13);
  pause_at("220 Welcome");
  assert_int_equal(libcurl_read(4), CURL_READFUNC_PAUSE);
  assert_got("");
  assert_int_equal(go_on(), CURLE_OK);
  assert_got("<220 Welcome>");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(a_paused_piece_comes_again_whole),
      SCENE(the_program_may_pause_from_elsewhere),
      SCENE(the_rest_comes_before_what_follows),
      SCENE(the_rest_outlives_the_transfer),
      SCENE(the_rest_outlives_a_failure_to_go_on_after),
      SCENE(a_failure_of_its_own_ends_it_with_the_pause),
      SCENE(who_never_goes_on_gets_what_broke_it),
      SCENE(a_pause_between_attempts_holds_in_the_next),
      SCENE(the_rest_comes_with_a_progress_call_at_last),
      SCENE(a_pause_that_libcurl_refuses_is_none),
      SCENE(both_directions_may_be_paused),
      SCENE(replies_are_shown_to_who_paused_its_upload),
      SCENE(a_reply_may_be_refused_then),
      SCENE(a_reply_may_be_paused_at),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
