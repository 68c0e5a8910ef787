/* test_engine.c - a call and its attempts: what the program gets of them, and
 * what comes next. */
#include "scene.h"

static void a_held_response_comes_with_its_last_byte(void **unused) {
  (void)unused;
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK", "Content-Length: 10");
  body("01234");
  assert_got("");
  body("56789");
  assert_got("<HTTP/1.1 200 OK><Content-Length: 10><>[01234][56789]");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_got("");
}

static void a_response_too_long_to_hold_streams_through(void **unused) {
  (void)unused;
  variables("HOLD_BYTES=6");
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK");
  body("01234");
  assert_got("");
  body("5");
  assert_got("<HTTP/1.1 200 OK><>[01234][5]");
  body("6");
  assert_got("[6]");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_got("");
}

static void what_has_no_body_comes_with_its_headers(void **unused) {
  static const char *const lines[][2] = {
      {"HTTP/1.1 204 No", "X: y"},
      {"HTTP/1.1 304 Same", "X: y"},
      {"HTTP/1.1 200 OK", "Content-Length: 0"}};

  (void)unused;
  for (size_t i = 0; i < COUNT(lines); i++) {
    char expected[80];
    call_begins();
    request_goes_out();
    response(lines[i][0], lines[i][1]);
    snprintf(expected, sizeof expected, "<%s><%s><>", lines[i][0],
             lines[i][1]);
    assert_got(expected);
    transfer_ends(CURLE_OK);
    assert_ends(CURLE_OK);
  }
}

static void what_must_not_wait_streams_through(void **unused) {
  (void)unused;
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK", "Content-Type: text/event-stream");
  assert_got("<HTTP/1.1 200 OK><Content-Type: text/event-stream><>");
  body("data: 1");
  assert_got("[data: 1]");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

static void a_body_of_unknown_length_comes_after_the_transfer(void **unused) {
  (void)unused;
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK", "Transfer-Encoding: chunked");
  body("fine");
  transfer_ends(CURLE_OK);
  assert_got("");
  assert_ends(CURLE_OK);
  assert_got("<HTTP/1.1 200 OK><Transfer-Encoding: chunked><>[fine]");
}

static void a_503_is_repeated_and_never_seen(void **unused) {
  (void)unused;
  call_begins();
  busy_attempt();
  assert_waits_until(1000);
  pass_time(999);
  assert_waits_until(1000);
  pass_time(1);
  assert_performs();
  fine_attempt();
  assert_ends(CURLE_OK);
  assert_int_equal(scene.reason, VERDICT_SUCCESS);
  assert_got(FINE);
}

static void the_last_of_the_attempts_comes_whole(void **unused) {
  (void)unused;
  variables("MAX_RETRIES=2");
  call_begins();
  busy_attempt();
  assert_retries_at(1000);
  busy_attempt();
  assert_retries_at(3000);
  assert_got("");
  request_goes_out();
  response("HTTP/1.1 503 Busier", "Content-Length: 6");
  assert_got("<HTTP/1.1 503 Busier><Content-Length: 6><>");
  body("bus");
  assert_got("[bus]");
  body("ier");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_int_equal(scene.reason, VERDICT_EXHAUSTED);
  assert_got("[ier]");
}

static void a_status_that_is_not_retried_streams_through(void **unused) {
  (void)unused;
  call_begins();
  request_goes_out();
  response("HTTP/1.1 404 None", "Content-Length: 4");
  assert_got("<HTTP/1.1 404 None><Content-Length: 4><>");
  body("none");
  assert_got("[none]");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_int_equal(scene.reason, VERDICT_FINAL);
}

static void failures_without_an_answer_end_with_the_last_one(void **unused) {
  (void)unused;
  variables("MAX_RETRIES=1");
  call_begins();
  transfer_fails(CURLE_COULDNT_CONNECT, "refused");
  assert_retries_at(1000);
  transfer_fails(CURLE_COULDNT_RESOLVE_HOST, "unknown");
  assert_ends(CURLE_COULDNT_RESOLVE_HOST);
  assert_int_equal(scene.reason, VERDICT_EXHAUSTED);
  assert_string_equal(scene.program.error, "unknown");
  assert_got("");
}

static void a_response_that_breaks_off_comes_as_far_as_it_came(void **unused) {
  (void)unused;
  variables("MAX_RETRIES=1");
  call_begins();
  busy_attempt();
  assert_retries_at(1000);
  request_goes_out();
  response("HTTP/1.1 200 OK", "Content-Length: 10");
  body("01234");
  transfer_fails(CURLE_PARTIAL_FILE, "5 bytes missing");
  assert_ends(CURLE_PARTIAL_FILE);
  assert_got("<HTTP/1.1 200 OK><Content-Length: 10><>[01234]");
  assert_string_equal(scene.program.error, "5 bytes missing");
}

/* Its outcome stands for the request, which was sent once: not the second. */
static void a_sent_post_is_not_repeated(void **unused) {
  (void)unused;
  set(CURLOPT_POSTFIELDS, "x=y");
  call_begins();
  transfer_ends(CURLE_COULDNT_CONNECT); /* nothing was sent */
  assert_retries_at(1000);
  request_goes_out();
  response("HTTP/1.1 503 Busy", "Content-Length: 4");
  assert_got("<HTTP/1.1 503 Busy><Content-Length: 4><>");
  body("busy");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_int_equal(scene.reason, VERDICT_METHOD);
}

/* After POST, 303, GET libcurl says GET. */
static void the_first_request_of_the_call_says_the_method(void **unused) {
  (void)unused;
  set(CURLOPT_POSTFIELDS, "x=y");
  set(CURLOPT_FOLLOWLOCATION, 1L);
  call_begins();
  request_goes_out();
  response("HTTP/1.1 303 There", "Location: /there");
  libcurl_says_text(CURLINFO_EFFECTIVE_METHOD, "GET");
  busy_attempt();
  assert_ends(CURLE_OK);
  assert_int_equal(scene.reason, VERDICT_METHOD);
}

/* DRY_RUN: everything is as without us. */
static void a_dry_run_repeats_nothing(void **unused) {
  (void)unused;
  variables("DRY_RUN=1");
  call_begins();
  request_goes_out();
  response("HTTP/1.1 503 Busy", "Content-Length: 4");
  assert_got("<HTTP/1.1 503 Busy><Content-Length: 4><>");
  body("busy");
  assert_got("[busy]");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_int_equal(scene.reason, VERDICT_RETRY); /* it would be */
  call_begins();
  transfer_ends(CURLE_COULDNT_CONNECT);
  assert_ends(CURLE_COULDNT_CONNECT);
  assert_int_equal(scene.reason, VERDICT_RETRY);
  assert_int_equal(tokens(), 100);
}

/* --- the budget ------------------------------------------------------------
 */

static void a_success_gives_back_what_its_retries_cost(void **unused) {
  (void)unused;
  variables("BUDGET=10");
  call_begins();
  busy_attempt();
  assert_waits_until(1000);
  assert_int_equal(tokens(), 5);
  pass_time(1000);
  assert_performs();
  fine_attempt();
  assert_ends(CURLE_OK);
  assert_int_equal(tokens(), 10);
}

static void only_a_success_gives_tokens(void **unused) {
  (void)unused;
  variables("BUDGET=10");
  call_begins();
  take_tokens(5);
  request_goes_out();
  response("HTTP/1.1 404 None", "Content-Length: 0");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_int_equal(tokens(), 5);
}

static void without_tokens_the_outcome_comes_at_once(void **unused) {
  (void)unused;
  variables("BUDGET=5");
  call_begins();
  busy_attempt();
  assert_retries_at(1000);
  busy_attempt();
  assert_got(BUSY);
  assert_ends(CURLE_OK);
  assert_int_equal(scene.reason, VERDICT_BUDGET);
  assert_int_equal(tokens(), 0);
  call_begins();
  fine_attempt();
  assert_ends(CURLE_OK);
  assert_int_equal(tokens(), 1);
}

/* Another call took the last ones while this one was drained. */
static void tokens_that_are_gone_are_not_taken(void **unused) {
  (void)unused;
  variables("BUDGET=5");
  call_begins();
  request_goes_out();
  response("HTTP/1.1 503 Busy", "Content-Length: 4");
  body("busy");
  take_tokens(1);
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_int_equal(scene.reason, VERDICT_BUDGET);
  assert_got(BUSY);
  assert_int_equal(tokens(), 4);
}

/* --- a connection that was dead --------------------------------------------
 */

static void a_retry_on_a_dead_connection_is_repeated_at_once(void **unused) {
  (void)unused;
  variables("MAX_RETRIES=2", "BUDGET=10");
  call_begins();
  busy_attempt();
  assert_retries_at(1000);
  assert_int_equal(options_number(&libcurl.options, CURLOPT_FRESH_CONNECT), 0);
  request_goes_out();
  libcurl_says(CURLINFO_NUM_CONNECTS, 0);
  transfer_ends(CURLE_RECV_ERROR);
  assert_performs();
  assert_int_equal(options_number(&libcurl.options, CURLOPT_FRESH_CONNECT), 1);
  assert_int_equal(tokens(), 5);
  busy_attempt();
  assert_retries_at(1000 + 2000); /* the second, not the third */
  fine_attempt();
  assert_ends(CURLE_OK);
  assert_got(FINE);
}

/* A server may break each of them. */
static void but_once_between_two_counted_retries(void **unused) {
  (void)unused;
  call_begins();
  transfer_ends(CURLE_COULDNT_CONNECT);
  assert_retries_at(1000);
  for (int64_t counted = 2; counted <= 3; counted++) {
    libcurl_says(CURLINFO_NUM_CONNECTS, 0);
    transfer_ends(CURLE_RECV_ERROR);
    assert_performs();
    libcurl_says(CURLINFO_NUM_CONNECTS, 0);
    transfer_ends(CURLE_RECV_ERROR);
    assert_retries_at(scene.now + (counted == 2 ? 2000 : 4000));
  }
  fine_attempt();
  assert_ends(CURLE_OK);
}

static void the_first_attempt_is_libcurls_own_to_repeat(void **unused) {
  (void)unused;
  call_begins();
  request_goes_out();
  libcurl_says(CURLINFO_NUM_CONNECTS, 0);
  transfer_ends(CURLE_RECV_ERROR);
  assert_retries_at(1000);
  fine_attempt();
  assert_ends(CURLE_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(a_held_response_comes_with_its_last_byte),
      SCENE(a_response_too_long_to_hold_streams_through),
      SCENE(what_has_no_body_comes_with_its_headers),
      SCENE(what_must_not_wait_streams_through),
      SCENE(a_body_of_unknown_length_comes_after_the_transfer),
      SCENE(a_503_is_repeated_and_never_seen),
      SCENE(the_last_of_the_attempts_comes_whole),
      SCENE(a_status_that_is_not_retried_streams_through),
      SCENE(failures_without_an_answer_end_with_the_last_one),
      SCENE(a_response_that_breaks_off_comes_as_far_as_it_came),
      SCENE(a_sent_post_is_not_repeated),
      SCENE(the_first_request_of_the_call_says_the_method),
      SCENE(a_dry_run_repeats_nothing),
      SCENE(a_success_gives_back_what_its_retries_cost),
      SCENE(only_a_success_gives_tokens),
      SCENE(without_tokens_the_outcome_comes_at_once),
      SCENE(tokens_that_are_gone_are_not_taken),
      SCENE(a_retry_on_a_dead_connection_is_repeated_at_once),
      SCENE(but_once_between_two_counted_retries),
      SCENE(the_first_attempt_is_libcurls_own_to_repeat),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
