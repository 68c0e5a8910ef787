/* test_engine_refusal.c - what the program's callbacks refuse ends the call
 * with their code, whatever else goes on. */
#include "scene.h"

/* libcurl's text for a piece or a line that was refused after the transfer. */
static void a_refused_piece_ends_the_call_with_libcurls_text(void **unused) {
  static const struct {
    unsigned version;
    const char *refuses;
    const char *text;
  } rows[] = {{0x075801, "fine", "Failure writing output to destination"},
              {0x075801, "HTTP/1.1 200 OK", "Failed writing header"},
              {0x0806ff, "fine", "Failure writing output to destination"},
              {0x080700, "fine",
               "Failure writing output to destination, passed 4 returned 0"},
              {0x081600, "HTTP/1.1 200 OK",
               "Failure writing output to destination, passed 17 returned 0"}};

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    libcurl.library.version = rows[i].version;
    scene.program.refuses = rows[i].refuses;
    call_begins();
    request_goes_out();
    response("HTTP/1.1 200 OK");
    body("fine");
    transfer_ends(CURLE_OK);
    assert_ends(CURLE_WRITE_ERROR);
    assert_string_equal(scene.program.error, rows[i].text);
    assert_got(rows[i].refuses[0] == 'f' ? "<HTTP/1.1 200 OK><>" : "");
  }
}

static void it_is_refused_inside_the_transfer_too(void **unused) {
  (void)unused;
  scene.program.refuses = "fine";
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK", "Content-Length: 4");
  assert_int_equal(libcurl_body("fine", 4), 0);
  transfer_fails(CURLE_WRITE_ERROR, "libcurl's own text");
  assert_ends(CURLE_WRITE_ERROR);
  assert_int_equal(scene.reason, VERDICT_REFUSED);
  assert_string_equal(scene.program.error, "libcurl's own text");
  assert_got("<HTTP/1.1 200 OK><Content-Length: 4><>");
}

/* It was libcurl's 2xx that came to us, and the program that refused it. */
static void a_held_line_is_refused_inside_the_transfer(void **unused) {
  (void)unused;
  scene.program.refuses = "HTTP/1.1 200 OK";
  call_begins();
  request_goes_out();
  (void)libcurl_header("HTTP/1.1 200 OK");
  (void)libcurl_header("Content-Length: 0");
  assert_int_equal(libcurl_header(""), 0);
  transfer_ends(CURLE_WRITE_ERROR);
  assert_ends(CURLE_WRITE_ERROR);
  assert_string_equal(scene.program.error, "Failed writing header");
  assert_got("");
}

static void the_last_answer_may_be_refused(void **unused) {
  (void)unused;
  variables("MAX_RETRIES=1");
  scene.program.refuses = "busy";
  call_begins();
  busy_attempt();
  assert_retries_at(1000);
  request_goes_out();
  response("HTTP/1.1 503 Busy", "Content-Length: 4");
  assert_int_equal(libcurl_body("busy", 4), 0);
  transfer_ends(CURLE_WRITE_ERROR);
  assert_ends(CURLE_WRITE_ERROR);
}

static void a_kept_answer_may_be_refused(void **unused) {
  (void)unused;
  variables("METHODS=all");
  set(CURLOPT_MIMEPOST, "a form");
  scene.program.refuses = "busy";
  call_begins();
  busy_attempt();
  assert_retries_at(1000);
  transfer_ends(CURLE_SEND_FAIL_REWIND);
  assert_ends(CURLE_WRITE_ERROR);
  assert_got("<HTTP/1.1 503 Busy><Content-Length: 4><>");
}

/* The request that it would lead to isn't sent, and getinfo stays that of the
 * block that was refused. */
static void the_way_may_be_refused(void **unused) {
  static const struct {
    const char *refuses, *got;
    int status;
  } rows[] = {
      {"HTTP/1.1 103 Hints", "", 103},
      {"HTTP/1.1 302 There", "<HTTP/1.1 103 Hints><>", 302},
      {"Location: /there", "<HTTP/1.1 103 Hints><><HTTP/1.1 302 There>", 302}};

  (void)unused;
  set(CURLOPT_FOLLOWLOCATION, 1L);
  for (size_t i = 0; i < COUNT(rows); i++) {
    scene.program.refuses = rows[i].refuses;
    call_begins();
    request_goes_out();
    response("HTTP/1.1 103 Hints");
    response("HTTP/1.1 302 There", "Location: /there");
    assert_got("");
    libcurl_says(CURLINFO_RESPONSE_CODE, 0);
    libcurl_says_text(CURLINFO_EFFECTIVE_URL, "http://host/there");
    assert_int_equal(libcurl_prerequest(), CURL_PREREQFUNC_ABORT);
    transfer_ends(CURLE_ABORTED_BY_CALLBACK);
    assert_ends(CURLE_WRITE_ERROR);
    assert_int_equal(scene.reason, VERDICT_REFUSED);
    assert_string_equal(scene.program.error, "Failed writing header");
    assert_got(rows[i].got);
    assert_int_equal(info(CURLINFO_RESPONSE_CODE), rows[i].status);
    assert_string_equal(info_text(CURLINFO_EFFECTIVE_URL), "http://host/path");
  }
}

static void the_prerequest_callback_may_refuse(void **unused) {
  (void)unused;
  guard_requests(CURL_PREREQFUNC_ABORT);
  call_begins();
  assert_int_equal(libcurl_prerequest(), CURL_PREREQFUNC_ABORT);
  transfer_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_int_equal(scene.reason, VERDICT_REFUSED);
}

static void the_progress_callback_may_refuse(void **unused) {
  (void)unused;
  watch_progress();
  scene.program.progress_answer = 1;
  call_begins();
  request_goes_out();
  assert_int_equal(libcurl_progress(4, 0), 1);
  transfer_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_int_equal(scene.reason, VERDICT_REFUSED);
}

static void its_continue_is_no_refusal(void **unused) {
  (void)unused;
  watch_progress();
  scene.program.progress_answer = CURL_PROGRESSFUNC_CONTINUE;
  call_begins();
  assert_int_equal(libcurl_progress(4, 0), CURL_PROGRESSFUNC_CONTINUE);
  busy_attempt();
  assert_waits_until(100);
  pass_time(1000);
  assert_performs();
  fine_attempt();
  assert_ends(CURLE_OK);
}

/* Also while an answer is read to be discarded. */
static void a_refusal_ends_a_drain(void **unused) {
  (void)unused;
  watch_progress();
  call_begins();
  request_goes_out();
  response("HTTP/1.1 503 Busy", "Content-Length: 10");
  body("busy");
  scene.program.progress_answer = 1;
  assert_int_equal(libcurl_progress(10, 4), 1);
  transfer_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_got("<HTTP/1.1 503 Busy><Content-Length: 10><>[busy]");
}

/* The mime parts' callbacks, the socket's. */
static void callbacks_that_arent_ours_refuse_too(void **unused) {
  static const CURLcode codes[] = {CURLE_ABORTED_BY_CALLBACK,
                                   CURLE_READ_ERROR};

  (void)unused;
  variables("ON=all", "METHODS=all");
  for (size_t i = 0; i < COUNT(codes); i++) {
    call_begins();
    request_goes_out();
    transfer_ends(codes[i]);
    assert_ends(codes[i]);
    assert_int_equal(scene.reason, VERDICT_REFUSED);
  }
}

/* curl_easy_reset() in a callback: what the request was is gone. */
static void a_handle_that_was_reset_is_not_repeated(void **unused) {
  (void)unused;
  call_begins();
  request_goes_out();
  shadow_reset(&scene.handle.shadow);
  memset(&scene.program.options, 0, sizeof scene.program.options);
  memset(&libcurl.options, 0, sizeof libcurl.options);
  scene.call->is_abandoned = true;
  transfer_ends(CURLE_RECV_ERROR);
  assert_ends(CURLE_RECV_ERROR);
  assert_int_equal(scene.reason, VERDICT_CHANGED);
}

/* libcurl may have answered the challenge: its first byte of a body shows that
 * it is the answer. */
static void
a_header_that_is_shown_with_the_body_may_be_refused(void **unused) {
  (void)unused;
  set(CURLOPT_HTTPAUTH, CURLAUTH_ANY);
  call_begins();
  request_goes_out();
  response("HTTP/1.1 401 No", "WWW-Authenticate: Digest realm=x");
  assert_got("");
  scene.program.refuses = "HTTP/1.1 401 No";
  assert_int_equal(libcurl_body("no", 2), 0);
  transfer_ends(CURLE_WRITE_ERROR);
  assert_ends(CURLE_WRITE_ERROR);
  assert_got("");
}

static unsigned reads;

static void count_read(void) { reads++; }

/* libcurl may begin the request again by itself. */
static void who_aborted_its_upload_is_not_asked_again(void **unused) {
  (void)unused;
  reads = 0;
  upload(NULL);
  scene.program.on_event = count_read;
  call_begins();
  request_goes_out();
  assert_int_equal(libcurl_read(4), CURL_READFUNC_ABORT);
  libcurl.refused = CURLE_OK;
  assert_int_equal(libcurl_read(4), CURL_READFUNC_ABORT);
  assert_int_equal(reads, 1);
  transfer_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_ends(CURLE_ABORTED_BY_CALLBACK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(a_refused_piece_ends_the_call_with_libcurls_text),
      SCENE(it_is_refused_inside_the_transfer_too),
      SCENE(a_held_line_is_refused_inside_the_transfer),
      SCENE(the_last_answer_may_be_refused),
      SCENE(a_kept_answer_may_be_refused),
      SCENE(the_way_may_be_refused),
      SCENE(the_prerequest_callback_may_refuse),
      SCENE(the_progress_callback_may_refuse),
      SCENE(its_continue_is_no_refusal),
      SCENE(a_refusal_ends_a_drain),
      SCENE(callbacks_that_arent_ours_refuse_too),
      SCENE(a_handle_that_was_reset_is_not_repeated),
      SCENE(a_header_that_is_shown_with_the_body_may_be_refused),
      SCENE(who_aborted_its_upload_is_not_asked_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
