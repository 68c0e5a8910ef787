/* test_engine_siblings.c - a call of a multi handle: what it may not do to its
 * siblings, when its clocks are to be looked at, MAX_TIME in libcurl's queue.
 */
#include "scene.h"

#include "engine/callbacks.h"
#include "host/clock.h"

static void begin(void) {
  scene.is_in_multi = true;
  scene.siblings.drive = 1;
  call_begins();
}

/* --- what is shared --------------------------------------------------------
 */

static void assert_next_is(long fresh, long dns) {
  assert_retries_at(1000);
  assert_int_equal(options_number(&libcurl.options, CURLOPT_FRESH_CONNECT),
                   fresh);
  assert_int_equal(options_number(&libcurl.options, CURLOPT_DNS_CACHE_TIMEOUT),
                   dns);
  fine_attempt();
  assert_ends(CURLE_OK);
  assert_given_back();
}

static void no_name_is_taken_from_the_others(void **unused) {
  (void)unused;
  begin();
  request_goes_out();
  transfer_ends(CURLE_RECV_ERROR);
  assert_next_is(1, 60);
}

static void alone_it_resolves_anew(void **unused) {
  (void)unused;
  call_begins();
  request_goes_out();
  transfer_ends(CURLE_RECV_ERROR);
  assert_next_is(1, 0);
}

static void
alone_on_a_multiplexed_connection_it_gets_a_fresh_one(void **unused) {
  (void)unused;
  begin();
  request_goes_out();
  libcurl_says(CURLINFO_HTTP_VERSION, CURL_HTTP_VERSION_2_0);
  transfer_ends(CURLE_HTTP2);
  assert_next_is(1, 60);
}

static void
a_multiplexed_connection_is_no_reason_for_a_fresh_one(void **unused) {
  (void)unused;
  begin();
  scene.siblings.calls++;
  request_goes_out();
  libcurl_says(CURLINFO_HTTP_VERSION, CURL_HTTP_VERSION_2_0);
  transfer_ends(CURLE_HTTP2);
  assert_next_is(0, 60);
}

/* ... and libcurl kept it: the first of those who fail again leaves it. */
static void where_that_does_not_help_the_first_gets_one(void **unused) {
  (void)unused;
  begin();
  scene.siblings.calls++;
  for (int i = 0; i < 2; i++) {
    request_goes_out();
    libcurl_says(CURLINFO_HTTP_VERSION, CURL_HTTP_VERSION_2_0);
    transfer_ends(CURLE_HTTP2);
    assert_retries_at(i ? 3000 : 1000);
    assert_int_equal(options_number(&libcurl.options, CURLOPT_FRESH_CONNECT),
                     i);
    scene.siblings.drive++;
  }
  fine_attempt();
  assert_ends(CURLE_OK);
}

static void always_is_always(void **unused) {
  (void)unused;
  variables("FRESH_CONNECT=always");
  begin();
  scene.siblings.calls++;
  request_goes_out();
  libcurl_says(CURLINFO_HTTP_VERSION, CURL_HTTP_VERSION_2_0);
  transfer_ends(CURLE_HTTP2);
  assert_next_is(1, 60);
}

/* It ended before libcurl knew what it would speak. */
static void nor_is_one_that_may_be(void **unused) {
  (void)unused;
  begin();
  scene.siblings.calls++;
  libcurl_says_text(CURLINFO_SCHEME, "HTTPS");
  request_goes_out();
  transfer_ends(CURLE_RECV_ERROR);
  assert_next_is(0, 60);
}

static void without_http2_https_gets_a_fresh_one(void **unused) {
  (void)unused;
  set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  begin();
  scene.siblings.calls++;
  libcurl_says_text(CURLINFO_SCHEME, "HTTPS");
  request_goes_out();
  transfer_ends(CURLE_RECV_ERROR);
  assert_next_is(1, 60);
}

/* --- clocks ----------------------------------------------------------------
 */

static void assert_watched(bool is_watched) {
  assert_ptr_equal(siblings_next(&scene.siblings),
                   is_watched ? scene.call : NULL);
  assert_null(siblings_next(&scene.siblings));
}

static void assert_due(int64_t ms) {
  assert_int_equal(callbacks_due(scene.call) - clock_now_ms(), ms - scene.now);
}

static void without_a_clock_nobody_looks(void **unused) {
  (void)unused;
  begin();
  request_goes_out();
  assert_watched(false);
  assert_true(callbacks_due(scene.call) == INT64_MAX);
  response("HTTP/1.1 200 OK", "Content-Length: 4");
  body("fine");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_watched(false);
}

static bool has_our_progress(void) {
  return options_pointer(&libcurl.options, CURLOPT_XFERINFOFUNCTION);
}

static void a_hold_is_looked_at_when_it_is_over(void **unused) {
  (void)unused;
  begin();
  request_goes_out();
  pass_time(100);
  response("HTTP/1.1 200 OK");
  assert_watched(true);
  assert_false(has_our_progress()); /* the body may come with it */
  assert_due(1100);
  assert_true(has_our_progress());
  pass_time(1000);
  assert_int_equal(libcurl_progress(0, 0), 0);
  assert_true(callbacks_due(scene.call) == INT64_MAX);
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

static void a_drain_too(void **unused) {
  (void)unused;
  begin();
  request_goes_out();
  response("HTTP/1.1 503 Busy");
  assert_watched(true);
  assert_due(1000);
  transfer_ends(CURLE_OK);
  assert_retries_at(1000);
  fine_attempt();
  assert_ends(CURLE_OK);
}

static void a_stall_is_counted_from_the_last_byte(void **unused) {
  (void)unused;
  variables("STALL_TIMEOUT=3s", "HOLD_TIME=off");
  begin();
  assert_watched(true);
  assert_true(callbacks_due(scene.call) == INT64_MAX); /* in the queue */
  pass_time(5000);
  request_goes_out();
  assert_watched(true); /* it begins now */
  assert_due(8000);
  pass_time(1000);
  response("HTTP/1.1 200 OK");
  assert_due(9000);
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

static void a_change_in_a_wait_is_looked_at(void **unused) {
  (void)unused;
  begin();
  busy_attempt();
  assert_waits_until(1000);
  assert_watched(true); /* of the drain */
  set(CURLOPT_URL, "http://other/");
  assert_watched(true);
  assert_ends(CURLE_OK);
  assert_got(BUSY);
}

static void a_call_that_is_taken_away_is_no_longer_watched(void **unused) {
  (void)unused;
  begin();
  request_goes_out();
  response("HTTP/1.1 200 OK");
  engine_abandon(scene.call);
  assert_watched(false);
  assert_given_back();
}

/* --- MAX_TIME --------------------------------------------------------------
 */

static void the_queue_is_no_part_of_max_time(void **unused) {
  (void)unused;
  variables("MAX_TIME=10s");
  begin();
  pass_time(60000);
  request_goes_out();
  transfer_ends(CURLE_RECV_ERROR);
  assert_retries_at(61000);
  fine_attempt();
  assert_ends(CURLE_OK);
}

static void nor_where_it_could_not_connect(void **unused) {
  (void)unused;
  variables("MAX_TIME=10s");
  begin();
  pass_time(60000);
  transfer_ends(CURLE_COULDNT_CONNECT);
  assert_retries_at(61000);
  transfer_ends(CURLE_COULDNT_CONNECT);
  assert_retries_at(63000);
  pass_time(5000);
  transfer_ends(CURLE_COULDNT_CONNECT); /* 8 s, and 4 to wait */
  assert_ends(CURLE_COULDNT_CONNECT);
  assert_int_equal(scene.reason, VERDICT_MAX_TIME);
}

/* libcurl's timeout would run in the queue. */
static void a_retry_is_not_bounded_by_a_timeout(void **unused) {
  (void)unused;
  variables("MAX_TIME=10s");
  begin();
  busy_attempt();
  assert_retries_at(1000);
  assert_int_equal(options_number(&libcurl.options, CURLOPT_TIMEOUT_MS), 0);
  pass_time(60000);
  request_goes_out();
  assert_due(70000); /* a second of the ten was waited */
  pass_time(9000);
  assert_int_equal(libcurl_progress(0, 0), 1);
  transfer_fails(CURLE_ABORTED_BY_CALLBACK, "Callback aborted");
  assert_ends(CURLE_OK); /* the answer before it */
  assert_got(BUSY);
}

static void attempts_share_max_time(void **unused) {
  (void)unused;
  variables("MAX_TIME=8s", "STALL_TIMEOUT=3s");
  begin();
  for (int i = 0; i < 2; i++) {
    pass_time(60000);
    request_goes_out();
    pass_time(3000);
    assert_int_equal(libcurl_progress(0, 0), 1);
    transfer_fails(CURLE_ABORTED_BY_CALLBACK, "Callback aborted");
    if (!i)
      assert_retries_at(64000);
  }
  assert_ends(CURLE_OPERATION_TIMEDOUT); /* 7 s are over, 2 more to wait */
  assert_int_equal(scene.reason, VERDICT_MAX_TIME);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(no_name_is_taken_from_the_others),
      SCENE(alone_it_resolves_anew),
      SCENE(alone_on_a_multiplexed_connection_it_gets_a_fresh_one),
      SCENE(a_multiplexed_connection_is_no_reason_for_a_fresh_one),
      SCENE(where_that_does_not_help_the_first_gets_one),
      SCENE(always_is_always),
      SCENE(nor_is_one_that_may_be),
      SCENE(without_http2_https_gets_a_fresh_one),
      SCENE(without_a_clock_nobody_looks),
      SCENE(a_hold_is_looked_at_when_it_is_over),
      SCENE(a_drain_too),
      SCENE(a_stall_is_counted_from_the_last_byte),
      SCENE(a_change_in_a_wait_is_looked_at),
      SCENE(a_call_that_is_taken_away_is_no_longer_watched),
      SCENE(the_queue_is_no_part_of_max_time),
      SCENE(nor_where_it_could_not_connect),
      SCENE(a_retry_is_not_bounded_by_a_timeout),
      SCENE(attempts_share_max_time),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
