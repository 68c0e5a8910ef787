/* test_engine_resume.c - a body that broke off after the program had a part of
 * it goes on with a later attempt: no byte twice, none missing, no seam. */
#include "resume_scene.h"

#define HEAD "<HTTP/1.1 200 OK><ETag: \"v1\"><Content-Length: 10><>[01234]"

/* The header lines that the attempt sends. */
static void assert_sends(const char *first, const char *second) {
  const struct curl_slist *list =
      options_pointer(&libcurl.options, CURLOPT_HTTPHEADER);
  const char *lines[] = {first, second};

  for (size_t i = 0; i < COUNT(lines); i++) {
    if (!lines[i]) {
      assert_null(list);
      return;
    }
    assert_non_null(list);
    assert_string_equal(list->data, lines[i]);
    list = list->next;
  }
}

static void the_rest_is_asked_for_and_goes_on(void **unused) {
  struct curl_slist own = {(char[]){"X: y"}, NULL};

  (void)unused;
  set(CURLOPT_HTTPHEADER, &own);
  variables("HOLD_BYTES=off");
  call_begins();
  break_after("ETag: \"v1\"");
  assert_got(HEAD);
  assert_retries_at(1000);
  assert_string_equal(options_range(&libcurl.options), "5-");
  assert_sends("If-Range: \"v1\"", "X: y");
  rest_comes("Content-Range: bytes 5-9/10");
  assert_ends(CURLE_OK);
  assert_int_equal(scene.reason, VERDICT_SUCCESS);
  assert_got("[56789]");
}

static void headers_in_the_body_are_no_part_of_it(void **unused) {
  (void)unused;
  set(CURLOPT_HEADER, 1L);
  begin_tagged();
  assert_retries_at(1000);
  assert_string_equal(options_range(&libcurl.options), "5-");
  rest_comes("Content-Range: bytes 5-9/10");
  assert_ends(CURLE_OK);
  assert_got("[56789]");
}

static void getinfo_is_of_one_response(void **unused) {
  (void)unused;
  variables("HOLD_BYTES=off");
  call_begins();
  libcurl_says(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, 10);
  break_after("ETag: \"v1\"");
  assert_retries_at(1000);
  libcurl_says(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, 5);
  rest_comes("Content-Range: bytes 5-9/10");
  assert_ends(CURLE_OK);
  assert_int_equal(info(CURLINFO_RESPONSE_CODE), 200);
  assert_int_equal(info(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T), 10);
  assert_int_equal(info(CURLINFO_SIZE_DOWNLOAD_T), 10);
  assert_string_equal(info_text(CURLINFO_EFFECTIVE_URL), "http://host/path");
  call_begins();
  fine_attempt();
  assert_ends(CURLE_OK);
  assert_int_equal(info(CURLINFO_SIZE_DOWNLOAD_T), 4);
}

static void it_may_break_more_than_once(void **unused) {
  (void)unused;
  begin_tagged();
  assert_retries_at(1000);
  request_goes_out();
  response("HTTP/1.1 206 Part", "Content-Range: bytes 5-9/10");
  body("56");
  transfer_ends(CURLE_RECV_ERROR);
  assert_retries_at(1000 + 2000);
  assert_string_equal(options_range(&libcurl.options), "7-");
  request_goes_out();
  response("HTTP/1.1 206 Part", "Content-Range: bytes 7-9/10");
  body("789");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_got("[56][789]");
  assert_int_equal(info(CURLINFO_SIZE_DOWNLOAD_T), 10);
}

/* MAX_RETRIES and BUDGET are about a call that gets nowhere. */
static void who_got_on_begins_its_retries_anew(void **unused) {
  static const struct {
    size_t length;
    bool is_anew;
  } rows[] = {{65535, false}, {65536, true}};

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    variables("HOLD_BYTES=off", "MAX_RETRIES=1", "BUDGET=5");
    call_begins();
    request_goes_out();
    response("HTTP/1.1 200 OK", "ETag: \"v1\"", "Content-Length: 999999");
    body("01234");
    transfer_ends(CURLE_PARTIAL_FILE);
    assert_retries_at(scene.now + 1000);
    assert_int_equal(tokens(), 0);
    request_goes_out();
    response("HTTP/1.1 206 Part", "Content-Range: bytes 5-999998/999999");
    body_of(rows[i].length);
    transfer_ends(CURLE_PARTIAL_FILE);
    if (rows[i].is_anew) {
      assert_retries_at(scene.now + 1000);
      transfer_ends(CURLE_COULDNT_CONNECT);
    }
    assert_ends(CURLE_PARTIAL_FILE);
    assert_int_equal(scene.reason, VERDICT_EXHAUSTED);
    scene_end(NULL);
    scene_begin(NULL);
  }
}

static void the_programs_own_range_is_moved_on(void **unused) {
  (void)unused;
  variables("HOLD_BYTES=off");
  set(CURLOPT_RANGE, "100-109");
  call_begins();
  request_goes_out();
  response("HTTP/1.1 206 Part", "ETag: \"v1\"",
           "Content-Range: bytes 100-109/200");
  body("01234");
  transfer_ends(CURLE_PARTIAL_FILE);
  assert_retries_at(1000);
  assert_string_equal(options_range(&libcurl.options), "105-109");
  scene.program.got[0] = 0;
  rest_comes("Content-Range: bytes 105-109/200");
  assert_ends(CURLE_OK);
  assert_got("[56789]");
}

static void its_own_resume_from_is_moved_on(void **unused) {
  (void)unused;
  variables("HOLD_BYTES=off");
  set(CURLOPT_RESUME_FROM, 100L);
  call_begins();
  request_goes_out();
  response("HTTP/1.1 206 Part", "ETag: \"v1\"",
           "Content-Range: bytes 100-109/110");
  body("01234");
  transfer_ends(CURLE_PARTIAL_FILE);
  assert_retries_at(1000);
  assert_int_equal(options_number(&libcurl.options, CURLOPT_RESUME_FROM_LARGE),
                   105);
  assert_string_equal(options_range(&libcurl.options), "");
  scene.program.got[0] = 0;
  rest_comes("Content-Range: bytes 105-109/110");
  assert_ends(CURLE_OK);
  assert_got("[56789]");
}

/* --- everything once more --------------------------------------------------
 */

/* `line` of the response, `range` that is asked for. The first bytes are
 * skipped wherever a piece ends. */
static void assert_skips(const char *line, const char *range) {
  static const struct {
    const char *pieces[4];
    const char *got;
  } rows[] = {{{"0123456789"}, "[56789]"},
              {{"012", "345678", "9"}, "[5678][9]"},
              {{"01234", "56789"}, "[56789]"},
              {{"0123", "4", "5", "6789"}, "[5][6789]"}};

  variables("HOLD_BYTES=off", "BUDGET=off");
  for (size_t i = 0; i < COUNT(rows); i++) {
    begin_broken(line);
    assert_retries_at(scene.now + 1000);
    assert_string_equal(options_range(&libcurl.options), range);
    request_goes_out();
    response("HTTP/1.1 200 OK", line, "Content-Length: 10");
    for (size_t n = 0; n < 4 && rows[i].pieces[n]; n++)
      body(rows[i].pieces[n]);
    transfer_ends(CURLE_OK);
    assert_ends(CURLE_OK);
    assert_got(rows[i].got);
    assert_int_equal(info(CURLINFO_SIZE_DOWNLOAD_T), 10);
  }
}

static void it_is_skipped_on_the_word_of_a_strong_tag(void **unused) {
  (void)unused;
  assert_skips("ETag: \"v1\"", "5-");
}

static void it_is_skipped_when_its_bytes_prove_equal(void **unused) {
  (void)unused;
  assert_skips("X: y", "");
  assert_skips("ETag: W/\"v1\"", "");
}

/* It begins at its first byte each time. */
static void a_repetition_may_break_off_too(void **unused) {
  static const char *const lines[] = {"ETag: \"v1\"", "X: y"};

  (void)unused;
  variables("HOLD_BYTES=off");
  for (size_t i = 0; i < COUNT(lines); i++) {
    begin_broken(lines[i]);
    for (int64_t retry = 1; retry <= 2; retry++) {
      assert_retries_at(scene.now + retry * 1000);
      request_goes_out();
      response("HTTP/1.1 200 OK", lines[i], "Content-Length: 10");
      body("0123");
      if (retry == 1)
        transfer_ends(CURLE_RECV_ERROR);
    }
    body("456789");
    transfer_ends(CURLE_OK);
    assert_ends(CURLE_OK);
    assert_got("[56789]");
  }
}

/* Dates are seconds here: the second before is strong (RFC 9110, 8.8.2.2). */
static void a_date_is_a_validator_when_it_is_old_enough(void **unused) {
  static const struct {
    const char *date;
    const char *range;
  } rows[] = {{"Date: 1000", ""}, {"Date: 1001", "5-"}};

  (void)unused;
  variables("HOLD_BYTES=off", "BUDGET=off");
  for (size_t i = 0; i < COUNT(rows); i++) {
    call_begins();
    request_goes_out();
    response("HTTP/1.1 200 OK", "Last-Modified: 1000", rows[i].date,
             "Content-Length: 10");
    body("01234");
    scene.program.got[0] = 0;
    transfer_ends(CURLE_PARTIAL_FILE);
    assert_retries_at(scene.now + 1000);
    assert_string_equal(options_range(&libcurl.options), rows[i].range);
    request_goes_out();
    if (rows[i].range[0]) {
      assert_sends("If-Range: 1000", NULL);
      response("HTTP/1.1 206 Part", "Content-Range: bytes 5-9/10",
               "Last-Modified: 1000");
    } else {
      response("HTTP/1.1 200 OK", "Content-Length: 10");
      body("01234");
    }
    body("56789");
    transfer_ends(CURLE_OK);
    assert_ends(CURLE_OK);
    assert_got("[56789]");
  }
}

static void a_file_of_ftp_is_skipped_by_its_bytes(void **unused) {
  (void)unused;
  variables("HOLD_BYTES=2");
  set(CURLOPT_URL, "ftp://host/file");
  call_begins();
  for (int attempt = 1; attempt <= 2; attempt++) {
    libcurl_says_text(CURLINFO_SCHEME, "ftp");
    libcurl_says(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, 10);
    (void)libcurl_header("220 hello");
    request_goes_out();
    (void)libcurl_header("150 it comes");
    body(attempt == 1 ? "01234" : "0123456789");
    transfer_ends(attempt == 1 ? CURLE_RECV_ERROR : CURLE_OK);
    if (attempt == 1)
      assert_retries_at(1000);
  }
  assert_ends(CURLE_OK);
  assert_got("<220 hello><150 it comes>[01234][56789]");
}

/* --- not every body can be continued ---------------------------------------
 */

static void what_cant_be_continued_ends_with_its_failure(void **unused) {
  static const struct {
    const char *variable;
    const char *line;
    enum verdict_reason reason;
  } rows[] = {
      {"RESUME=off", "ETag: \"v1\"", VERDICT_COMMITTED},
      {"DRY_RUN=1", "ETag: \"v1\"", VERDICT_COMMITTED},
      {"RESUME=auto", "Content-Type: multipart/byteranges", VERDICT_COMMITTED},
      {"RESUME=auto", "Content-Type: text/event-stream", VERDICT_COMMITTED},
      {"ON=503", "ETag: \"v1\"", VERDICT_FINAL}};

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    variables(rows[i].variable, "HOLD_BYTES=off");
    begin_broken(rows[i].line);
    assert_ends(CURLE_PARTIAL_FILE);
    assert_int_equal(scene.reason, rows[i].reason);
    assert_string_equal(scene.program.error, "broke");
  }
}

static void only_the_answer_to_a_get_is_continued(void **unused) {
  static const CURLoption options[] = {CURLOPT_POSTFIELDS,
                                       CURLOPT_CUSTOMREQUEST};

  (void)unused;
  variables("METHODS=all", "HOLD_BYTES=off");
  for (size_t i = 0; i < COUNT(options); i++) {
    set(options[i], "REPORT");
    begin_broken("ETag: \"v1\"");
    assert_ends(CURLE_PARTIAL_FILE);
    assert_int_equal(scene.reason, VERDICT_COMMITTED);
    set(options[i], NULL);
    set(CURLOPT_HTTPGET, 1L);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(the_rest_is_asked_for_and_goes_on),
      SCENE(headers_in_the_body_are_no_part_of_it),
      SCENE(getinfo_is_of_one_response),
      SCENE(it_may_break_more_than_once),
      SCENE(who_got_on_begins_its_retries_anew),
      SCENE(the_programs_own_range_is_moved_on),
      SCENE(its_own_resume_from_is_moved_on),
      SCENE(it_is_skipped_on_the_word_of_a_strong_tag),
      SCENE(it_is_skipped_when_its_bytes_prove_equal),
      SCENE(a_repetition_may_break_off_too),
      SCENE(a_date_is_a_validator_when_it_is_old_enough),
      SCENE(a_file_of_ftp_is_skipped_by_its_bytes),
      SCENE(what_cant_be_continued_ends_with_its_failure),
      SCENE(only_the_answer_to_a_get_is_continued),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
