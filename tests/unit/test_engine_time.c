/* test_engine_time.c - how long a call may take: waits that fit and waits that
 * don't, and what is left for an attempt. */
#include "scene.h"

static void a_wait_past_the_timeout_is_not_begun(void **unused) {
  static const struct {
    CURLoption option;
    long timeout;
    bool fits;
  } rows[] = {{CURLOPT_TIMEOUT_MS, 1000, false},
              {CURLOPT_TIMEOUT_MS, 1001, true},
              {CURLOPT_TIMEOUT, 1, false},
              {CURLOPT_TIMEOUT, 2, true},
              {CURLOPT_TIMEOUT_MS, 0, true}};

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    set(rows[i].option, rows[i].timeout);
    call_begins();
    busy_attempt();
    assert_got(rows[i].fits ? "" : BUSY);
    if (rows[i].fits) {
      assert_retries_at(scene.now + 1000);
      fine_attempt();
    }
    assert_ends(CURLE_OK);
    assert_int_equal(scene.reason,
                     rows[i].fits ? VERDICT_SUCCESS : VERDICT_DEADLINE);
    assert_got(rows[i].fits ? FINE : "");
  }
}

static void the_timeout_of_an_attempt_is_no_bound_of_the_wait(void **unused) {
  (void)unused;
  variables("TIMEOUT_SCOPE=attempt");
  set(CURLOPT_TIMEOUT_MS, 900L);
  call_begins();
  busy_attempt();
  assert_retries_at(1000);
  assert_int_equal(options_number(&libcurl.options, CURLOPT_TIMEOUT_MS), 900);
  fine_attempt();
  assert_ends(CURLE_OK);
}

static void a_wait_past_max_time_is_not_begun(void **unused) {
  (void)unused;
  variables("MAX_TIME=5s");
  for (int late = 0; late < 2; late++) {
    int64_t began_at = scene.now;
    call_begins();
    pass_time(late ? 4001 : 3999);
    busy_attempt();
    assert_got(late ? BUSY : "");
    if (!late) {
      assert_retries_at(began_at + 4999);
      fine_attempt();
    }
    assert_ends(CURLE_OK);
    assert_int_equal(scene.reason, late ? VERDICT_MAX_TIME : VERDICT_SUCCESS);
    assert_got(late ? "" : FINE);
  }
}

/* The machine was suspended, or a signal handler took its time. */
static void a_wait_that_took_too_long_is_judged_again(void **unused) {
  static const struct {
    const char *variable;
    long timeout;
    int64_t woken_at;
    enum verdict_reason reason;
  } rows[] = {{"MAX_TIME=5s", 0, 4999, VERDICT_SUCCESS},
              {"MAX_TIME=5s", 0, 5000, VERDICT_MAX_TIME},
              {"MAX_TIME=off", 0, 500000, VERDICT_SUCCESS},
              {"MAX_TIME=off", 5000, 4999, VERDICT_SUCCESS},
              {"MAX_TIME=off", 5000, 5000, VERDICT_DEADLINE},
              {"TIMEOUT_SCOPE=attempt", 5000, 5000, VERDICT_SUCCESS}};

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    bool is_late = rows[i].reason != VERDICT_SUCCESS;
    int64_t began_at = scene.now;
    variables(rows[i].variable);
    set(CURLOPT_TIMEOUT_MS, rows[i].timeout);
    call_begins();
    busy_attempt();
    assert_waits_until(began_at + 1000);
    pass_time(rows[i].woken_at);
    if (!is_late) {
      assert_performs();
      fine_attempt();
    }
    assert_ends(CURLE_OK);
    assert_int_equal(scene.reason, rows[i].reason);
    assert_got(is_late ? BUSY : FINE);
  }
}

/* And no more than that; once the program has a part of the response, its own
 * timeout alone counts. */
static void a_retry_may_take_what_is_left(void **unused) {
  static const struct {
    const char *variable;
    long timeout;
    long left;
    long left_then;
  } rows[] = {{"MAX_TIME=off", 0, 0, 0},
              {"MAX_TIME=off", 10000, 9000, 9000},
              {"MAX_TIME=5s", 0, 4000, 0},
              {"MAX_TIME=5s", 10000, 4000, 9000},
              {"MAX_TIME=5s", 3000, 2000, 2000},
              {"TIMEOUT_SCOPE=attempt", 10000, 10000, 10000}};

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    const struct options *options = &libcurl.options;
    variables(rows[i].variable, "HOLD_BYTES=off");
    set(CURLOPT_TIMEOUT_MS, rows[i].timeout);
    call_begins();
    assert_int_equal(options_number(options, CURLOPT_TIMEOUT_MS),
                     rows[i].timeout);
    busy_attempt();
    assert_retries_at(scene.now + 1000);
    assert_int_equal(options_number(options, CURLOPT_TIMEOUT_MS),
                     rows[i].left);
    request_goes_out();
    response("HTTP/1.1 200 OK");
    assert_int_equal(options_number(options, CURLOPT_TIMEOUT_MS),
                     rows[i].left_then);
    transfer_ends(CURLE_OK);
    assert_ends(CURLE_OK);
  }
}

/* A byte moved: from then on a progress call looks after MAX_TIME. */
static void a_retry_that_gets_nowhere_is_ended(void **unused) {
  (void)unused;
  variables("MAX_TIME=5s", "HOLD_TIME=off", "HOLD_BYTES=8", "RESUME=off");
  call_begins();
  transfer_ends(CURLE_COULDNT_CONNECT);
  assert_retries_at(1000);
  request_goes_out();
  response("HTTP/1.1 200 OK", "Content-Length: 10");
  body("0123");
  assert_int_equal(options_number(&libcurl.options, CURLOPT_TIMEOUT_MS), 0);
  pass_time(4999);
  assert_int_equal(libcurl_progress(10, 4), 0);
  body("4567");
  assert_got("<HTTP/1.1 200 OK><Content-Length: 10><>[0123][4567]");
  pass_time(4999);
  assert_int_equal(libcurl_progress(10, 8), 0);
  pass_time(5000);
  assert_int_equal(libcurl_progress(10, 8), 1);
  transfer_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_ends(CURLE_OPERATION_TIMEDOUT);
}

static void nor_may_it_connect_for_longer(void **unused) {
  const struct options *options = &libcurl.options;

  (void)unused;
  variables("MAX_TIME=5s");
  call_begins();
  assert_int_equal(options_number(options, CURLOPT_CONNECTTIMEOUT_MS), 0);
  transfer_ends(CURLE_COULDNT_CONNECT);
  assert_retries_at(1000);
  assert_int_equal(options_number(options, CURLOPT_CONNECTTIMEOUT_MS), 5000);
  fine_attempt();
  assert_ends(CURLE_OK);
}

static void the_first_attempt_may_take_as_long_as_it_likes(void **unused) {
  (void)unused;
  variables("MAX_TIME=5s", "HOLD_TIME=off");
  watch_progress();
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK", "Content-Length: 4");
  pass_time(3600000);
  assert_int_equal(libcurl_progress(4, 0), 0);
  body("fine");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

static void a_dead_connection_doesnt_outlive_the_timeout(void **unused) {
  (void)unused;
  set(CURLOPT_TIMEOUT_MS, 2000L);
  call_begins();
  busy_attempt();
  assert_retries_at(1000);
  pass_time(1000);
  request_goes_out();
  libcurl_says(CURLINFO_NUM_CONNECTS, 0);
  transfer_ends(CURLE_RECV_ERROR);
  assert_ends(CURLE_RECV_ERROR);
  assert_int_equal(scene.reason, VERDICT_DEADLINE);
}

static void retry_after_is_waited_out_up_to_a_bound(void **unused) {
  static const struct {
    const char *variable;
    int64_t seconds;
    int64_t wait_ms; /* 0: none */
  } rows[] = {{"RETRY_AFTER=60s", 3, 1000 + 3000},
              {"RETRY_AFTER=60s", 60, 1000 + 60000},
              {"RETRY_AFTER=60s", 61, 0},
              {"RETRY_AFTER=off", 61, 1000}};

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    variables(rows[i].variable);
    call_begins();
    request_goes_out();
    libcurl_says(CURLINFO_RETRY_AFTER, rows[i].seconds);
    response("HTTP/1.1 503 Busy", "Content-Length: 0");
    transfer_ends(CURLE_OK);
    if (rows[i].wait_ms) {
      assert_retries_at(scene.now + rows[i].wait_ms);
      fine_attempt();
    }
    assert_ends(CURLE_OK);
    assert_got(rows[i].wait_ms ? FINE
                               : "<HTTP/1.1 503 Busy><Content-Length: 0><>");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(a_wait_past_the_timeout_is_not_begun),
      SCENE(the_timeout_of_an_attempt_is_no_bound_of_the_wait),
      SCENE(a_wait_past_max_time_is_not_begun),
      SCENE(a_wait_that_took_too_long_is_judged_again),
      SCENE(a_retry_may_take_what_is_left),
      SCENE(a_retry_that_gets_nowhere_is_ended),
      SCENE(nor_may_it_connect_for_longer),
      SCENE(the_first_attempt_may_take_as_long_as_it_likes),
      SCENE(a_dead_connection_doesnt_outlive_the_timeout),
      SCENE(retry_after_is_waited_out_up_to_a_bound),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
