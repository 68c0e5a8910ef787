/* test_engine_clock.c - our clocks inside a transfer, looked at when data
 * comes and in libcurl's progress calls: HOLD_TIME, the drain's bounds, and
 * STALL_TIMEOUT. */
#include "scene.h"

/* --- HOLD_TIME -------------------------------------------------------------
 */

#define HELD "<HTTP/1.1 200 OK><>[0123]"

static void begin_held(void) {
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK");
  body("0123");
}

static void the_hold_ends_in_a_progress_call(void **unused) {
  (void)unused;
  begin_held();
  pass_time(999);
  assert_int_equal(libcurl_progress(0, 4), 0);
  assert_got("");
  pass_time(1);
  assert_int_equal(libcurl_progress(0, 4), 0);
  assert_got(HELD);
  body("4567");
  assert_got("[4567]");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

static void the_hold_ends_when_data_comes(void **unused) {
  (void)unused;
  begin_held();
  pass_time(999);
  body("4");
  assert_got("");
  pass_time(1);
  body("5");
  assert_got("<HTTP/1.1 200 OK><>[0123][4][5]");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

static void headers_without_a_body_are_held_no_longer(void **unused) {
  (void)unused;
  variables("HOLD_TIME=250ms");
  call_begins();
  request_goes_out();
  pass_time(5000); /* it counts from the end of the headers */
  response("HTTP/1.1 200 OK");
  pass_time(249);
  assert_int_equal(libcurl_progress(0, 0), 0);
  assert_got("");
  pass_time(1);
  assert_int_equal(libcurl_progress(0, 0), 0);
  assert_got("<HTTP/1.1 200 OK><>");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

static void without_hold_time_no_clock_is_installed(void **unused) {
  (void)unused;
  variables("HOLD_TIME=off");
  begin_held();
  assert_int_equal(options_number(&libcurl.options, CURLOPT_NOPROGRESS), 1);
  pass_time(100000);
  body("4");
  assert_got("");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_got(HELD "[4]");
}

static bool has_clock(void) {
  return options_pointer(&libcurl.options, CURLOPT_XFERINFOFUNCTION) &&
         !options_number(&libcurl.options, CURLOPT_NOPROGRESS);
}

/* HOLD_TIME passes, and another byte comes: it streams. */
static size_t streams(void) {
  assert_true(has_clock());
  pass_time(1000);
  return libcurl_body("4", 1);
}

static void a_body_that_streams_needs_no_clock(void **unused) {
  (void)unused;
  begin_held();
  assert_int_equal(streams(), 1);
  assert_int_equal(options_number(&libcurl.options, CURLOPT_NOPROGRESS), 1);
  assert_null(options_pointer(&libcurl.options, CURLOPT_XFERINFOFUNCTION));
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

static void what_a_pause_leaves_needs_one_again(void **unused) {
  (void)unused;
  scene.program.pauses_at = "0123";
  begin_held();
  assert_int_equal(streams(), CURL_WRITEFUNC_PAUSE);
  assert_true(has_clock());
  engine_abandon(scene.call);
}

/* STALL_TIMEOUT; MAX_TIME of a retry. */
static void other_clocks_go_on_while_it_streams(void **unused) {
  (void)unused;
  for (int i = 0; i < 2; i++) {
    variables(i ? "MAX_TIME=1m" : "STALL_TIMEOUT=5s");
    call_begins();
    busy_attempt();
    assert_waits_until(scene.now + 1000);
    pass_time(1000);
    assert_performs();
    request_goes_out();
    response("HTTP/1.1 200 OK");
    assert_int_equal(streams(), 1);
    assert_true(has_clock());
    transfer_ends(CURLE_OK);
    assert_ends(CURLE_OK);
  }
}

/* A callback of libcurl's can't return it there. */
static void a_refusal_in_a_progress_call_is_one_of_the_piece(void **unused) {
  (void)unused;
  scene.program.refuses = "0123";
  begin_held();
  pass_time(1000);
  assert_int_equal(libcurl_progress(0, 4), 1);
  transfer_fails(CURLE_ABORTED_BY_CALLBACK, "Callback aborted");
  assert_ends(CURLE_WRITE_ERROR);
  assert_string_equal(scene.program.error,
                      "Failure writing output to destination");
  assert_got("<HTTP/1.1 200 OK><>");
}

static void a_pause_in_a_progress_call_is_told_to_libcurl(void **unused) {
  (void)unused;
  scene.program.pauses_at = "0123";
  begin_held();
  pass_time(1000);
  assert_int_equal(libcurl_progress(0, 4), 0);
  assert_got("<HTTP/1.1 200 OK><>");
  assert_int_equal(libcurl.pauses, 1);
  assert_int_equal(libcurl.pause_action, CURLPAUSE_RECV);
  pass_time(1000);
  assert_int_equal(libcurl_progress(0, 4), 0);
  assert_got("");
  scene.program.pauses_at = NULL;
  assert_int_equal(meanwhile_pause(scene.call, CURLPAUSE_CONT), CURLE_OK);
  assert_int_equal(libcurl.pauses, 2);
  assert_int_equal(libcurl.pause_action, CURLPAUSE_CONT);
  assert_got("[0123]");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

static void who_refuses_in_curl_easy_pause_ends_the_transfer(void **unused) {
  (void)unused;
  scene.program.pauses_at = "0123";
  begin_held();
  pass_time(1000);
  assert_int_equal(libcurl_progress(0, 4), 0);
  scene.program.pauses_at = NULL;
  scene.program.refuses = "0123";
  assert_int_equal(meanwhile_pause(scene.call, CURLPAUSE_CONT),
                   CURLE_WRITE_ERROR);
  scene.program.refuses = NULL; /* it isn't asked again */
  assert_int_equal(libcurl_body("4567", 4), 0);
  transfer_ends(CURLE_WRITE_ERROR);
  assert_ends(CURLE_WRITE_ERROR);
  assert_got("<HTTP/1.1 200 OK><>");
}

/* --- the drain of a discarded answer ---------------------------------------
 */

static void begin_drain(const char *length) {
  call_begins();
  request_goes_out();
  response("HTTP/1.1 503 Busy", length);
}

/* The wait took longer than there is time: the program gets what is kept. */
static void miss_the_retry(void) {
  assert_waits_until(scene.now + 1000);
  pass_time(120000);
}

static void a_drain_ends_after_a_second(void **unused) {
  (void)unused;
  begin_drain("Content-Length: 10");
  body("busy");
  pass_time(999);
  assert_int_equal(libcurl_progress(10, 4), 0);
  pass_time(1);
  assert_int_equal(libcurl_progress(10, 4), 1);
  transfer_ends(CURLE_ABORTED_BY_CALLBACK);
  miss_the_retry();
  assert_ends(CURLE_PARTIAL_FILE);
  assert_string_equal(scene.program.error,
                      "response cut at CURLRETRY_DRAIN_BYTES");
  assert_got("<HTTP/1.1 503 Busy><Content-Length: 10><>[busy]");
}

static void an_answer_that_was_whole_by_then_is_not_cut(void **unused) {
  (void)unused;
  begin_drain("Content-Length: 4");
  body("busy");
  pass_time(1000);
  assert_int_equal(libcurl_progress(4, 4), 1);
  transfer_ends(CURLE_ABORTED_BY_CALLBACK);
  miss_the_retry();
  assert_ends(CURLE_OK);
  assert_got(BUSY);
}

static void a_drain_ends_at_drain_bytes(void **unused) {
  static const struct {
    const char *variable;
    const char *length;
    size_t taken; /* pieces of 4 bytes, before the one that ends it */
    CURLcode code;
    const char *got;
  } rows[] = {
      {"DRAIN_BYTES=10", "X: y", 2, CURLE_PARTIAL_FILE, "[busy][busy][bu]"},
      {"DRAIN_BYTES=8", "X: y", 2, CURLE_PARTIAL_FILE, "[busy][busy]"},
      {"DRAIN_BYTES=10", "Content-Length: 11", 0, CURLE_PARTIAL_FILE,
       "[busy]"},
      {"DRAIN_BYTES=2", "Content-Length: 11", 0, CURLE_PARTIAL_FILE, "[bu]"},
      {"DRAIN_BYTES=off", "Content-Length: 4", 0, CURLE_PARTIAL_FILE, ""}};

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    char expected[100];
    variables(rows[i].variable, "BUDGET=off");
    begin_drain(rows[i].length);
    for (size_t n = 0; n < rows[i].taken; n++)
      body("busy");
    assert_int_equal(libcurl_body("busy", 4), 0);
    transfer_ends(CURLE_WRITE_ERROR);
    miss_the_retry();
    assert_ends(rows[i].code);
    snprintf(expected, sizeof expected, "<HTTP/1.1 503 Busy><%s><>%s",
             rows[i].length, rows[i].got);
    assert_got(expected);
  }
}

static void an_answer_of_drain_bytes_is_read_whole(void **unused) {
  (void)unused;
  variables("DRAIN_BYTES=4");
  call_begins();
  busy_attempt();
  miss_the_retry();
  assert_ends(CURLE_OK);
  assert_got(BUSY);
}

/* The request can perhaps not be sent again: nothing of the answer is lost. */
static void the_answer_to_a_form_is_handed_over_instead(void **unused) {
  (void)unused;
  variables("METHODS=all", "DRAIN_BYTES=2", "HOLD_BYTES=6");
  set(CURLOPT_MIMEPOST, "a form");
  for (int is_slow = 0; is_slow < 2; is_slow++) {
    begin_drain("X: y");
    body("busy");
    assert_got("");
    pass_time(is_slow ? 1000 : 0);
    if (is_slow)
      assert_int_equal(libcurl_progress(0, 4), 0);
    else
      body("!!!");
    assert_got(is_slow ? "<HTTP/1.1 503 Busy><X: y><>[busy]"
                       : "<HTTP/1.1 503 Busy><X: y><>[busy][!!!]");
    body("...");
    assert_got("[...]");
    transfer_ends(CURLE_OK);
    assert_ends(CURLE_OK);
    assert_int_equal(scene.reason, VERDICT_NO_REWIND);
  }
}

/* --- STALL_TIMEOUT ---------------------------------------------------------
 */

static void an_attempt_that_stands_still_is_ended(void **unused) {
  (void)unused;
  variables("STALL_TIMEOUT=5s", "RESUME=off");
  begin_held();
  pass_time(4999);
  assert_int_equal(libcurl_progress(0, 4), 0); /* it moved: 4 bytes */
  assert_got(HELD);
  pass_time(4999);
  assert_int_equal(libcurl_progress(0, 4), 0);
  body("4");
  pass_time(4999);
  assert_int_equal(libcurl_progress(0, 4), 0);
  pass_time(1);
  assert_int_equal(libcurl_progress(0, 4), 1);
  transfer_fails(CURLE_ABORTED_BY_CALLBACK, "Callback aborted");
  assert_got("[4]");
  assert_ends(CURLE_OPERATION_TIMEDOUT);
  assert_string_equal(scene.program.error,
                      "No byte moved for as long as CURLRETRY_STALL_TIMEOUT "
                      "or CURLRETRY_MAX_TIME say");
}

static void it_is_retried_as_a_timeout(void **unused) {
  (void)unused;
  variables("STALL_TIMEOUT=5s", "BUDGET=100");
  call_begins();
  request_goes_out();
  pass_time(5000);
  assert_int_equal(libcurl_progress(0, 0), 1);
  transfer_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_retries_at(6000);
  assert_int_equal(tokens(), 90);
  pass_time(4999);
  assert_int_equal(libcurl_progress(0, 0), 0); /* each counts anew */
  fine_attempt();
  assert_ends(CURLE_OK);
}

static void a_paused_transfer_doesnt_stand_still(void **unused) {
  (void)unused;
  variables("STALL_TIMEOUT=5s", "HOLD_BYTES=off", "RESUME=off");
  scene.program.pauses_at = "0123";
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK");
  assert_int_equal(libcurl_body("0123", 4), CURL_WRITEFUNC_PAUSE);
  pass_time(60000);
  assert_int_equal(libcurl_progress(0, 0), 0);
  pass_time(60000);
  scene.program.pauses_at = NULL;
  assert_int_equal(meanwhile_pause(scene.call, CURLPAUSE_CONT), CURLE_OK);
  pass_time(4999);
  assert_int_equal(libcurl_progress(0, 0), 0);
  body("0123");
  pass_time(5000);
  assert_int_equal(libcurl_progress(0, 0), 1);
  transfer_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_ends(CURLE_OPERATION_TIMEDOUT);
}

/* libcurl tells of nothing before it is connected. */
static void it_bounds_connecting(void **unused) {
  static const struct {
    long own_ms;
    long bound_ms;
  } rows[] = {{0, 5000}, {7000, 5000}, {3000, 3000}};

  (void)unused;
  variables("STALL_TIMEOUT=5s");
  for (size_t i = 0; i < COUNT(rows); i++) {
    const struct options *options = &libcurl.options;
    const CURLoption option = CURLOPT_CONNECTTIMEOUT_MS;
    set(option, rows[i].own_ms);
    call_begins();
    assert_int_equal(options_number(options, option), rows[i].bound_ms);
    busy_attempt(); /* a later hop may connect, too */
    assert_int_equal(options_number(options, option), rows[i].bound_ms);
    assert_retries_at(scene.now + 1000);
    assert_int_equal(options_number(options, option), rows[i].bound_ms);
    fine_attempt();
    assert_ends(CURLE_OK);
    assert_int_equal(options_number(options, option), rows[i].own_ms);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(the_hold_ends_in_a_progress_call),
      SCENE(the_hold_ends_when_data_comes),
      SCENE(headers_without_a_body_are_held_no_longer),
      SCENE(without_hold_time_no_clock_is_installed),
      SCENE(a_body_that_streams_needs_no_clock),
      SCENE(what_a_pause_leaves_needs_one_again),
      SCENE(other_clocks_go_on_while_it_streams),
      SCENE(a_refusal_in_a_progress_call_is_one_of_the_piece),
      SCENE(a_pause_in_a_progress_call_is_told_to_libcurl),
      SCENE(who_refuses_in_curl_easy_pause_ends_the_transfer),
      SCENE(a_drain_ends_after_a_second),
      SCENE(an_answer_that_was_whole_by_then_is_not_cut),
      SCENE(a_drain_ends_at_drain_bytes),
      SCENE(an_answer_of_drain_bytes_is_read_whole),
      SCENE(the_answer_to_a_form_is_handed_over_instead),
      SCENE(an_attempt_that_stands_still_is_ended),
      SCENE(it_is_retried_as_a_timeout),
      SCENE(a_paused_transfer_doesnt_stand_still),
      SCENE(it_bounds_connecting),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
