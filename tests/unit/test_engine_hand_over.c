/* test_engine_hand_over.c - what is held is handed over after the transfer as
 * libcurl would have done it inside: pieces, getinfo, SIGPIPE, pauses. */
#include "scene.h"

#include <signal.h>

/* A response whose end only the transfer's shows. */
static void begin_with(const char *text) {
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK");
  body(text);
  transfer_ends(CURLE_OK);
  assert_got("");
}

static void pieces_are_no_longer_than_libcurls(void **unused) {
  (void)unused;
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK");
  body_of(40000);
  body("a");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_got("<HTTP/1.1 200 OK><>[16384 bytes][16384 bytes][7232 bytes][a]");
}

#define ANSWER "<HTTP/2 201><Content-Length: 0><>"

/* With HTTP/2 the end of the stream is still to come; of a HEAD libcurl
 * doesn't wait for it (lib/http.c). */
static void what_has_no_body_may_yet_fail(void **unused) {
  static const struct {
    long version;
    CURLoption request;
    bool is_held;
  } rows[] = {
      {CURL_HTTP_VERSION_1_1, CURLOPT_HTTPGET, false},
      {CURL_HTTP_VERSION_2_0, CURLOPT_NOBODY, false},
      {CURL_HTTP_VERSION_2_0, CURLOPT_HTTPGET, true},
      {CURL_HTTP_VERSION_3, CURLOPT_UPLOAD, true},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    set(rows[i].request, 1L);
    call_begins();
    request_goes_out();
    libcurl_says(CURLINFO_HTTP_VERSION, rows[i].version);
    response("HTTP/2 201", "Content-Length: 0");
    if (rows[i].is_held) {
      assert_got("");
      transfer_ends(CURLE_RECV_ERROR);
      assert_retries_at(scene.now + 1000);
      request_goes_out();
      response("HTTP/2 201", "Content-Length: 0");
    } else {
      assert_got(ANSWER);
    }
    transfer_ends(CURLE_OK);
    assert_ends(CURLE_OK);
    assert_got(rows[i].is_held ? ANSWER : "");
  }
}

static void empty_pieces_stay(void **unused) {
  (void)unused;
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK");
  body("a");
  body("");
  body("b");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_got("<HTTP/1.1 200 OK><>[a][][b]");
}

static void headers_in_the_body_keep_their_place(void **unused) {
  (void)unused;
  set(CURLOPT_HEADER, 1L);
  begin_with("fine");
  assert_ends(CURLE_OK);
  assert_got("[HTTP/1.1 200 OK]<HTTP/1.1 200 OK>[]<>[fine]");
}

static void and_are_no_part_of_it(void **unused) {
  (void)unused;
  set(CURLOPT_HEADER, 1L);
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK", "Content-Length: 8");
  body("0123");
  assert_got("");
  body("4567");
  assert_got("[HTTP/1.1 200 OK]<HTTP/1.1 200 OK>"
             "[Content-Length: 8]<Content-Length: 8>[]<>[0123][4567]");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

static void trailers_come_last(void **unused) {
  (void)unused;
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK", "Transfer-Encoding: chunked");
  body("fine");
  play_lines((const char *const[]){"X: y", "", NULL});
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_got("<HTTP/1.1 200 OK><Transfer-Encoding: chunked><>[fine]<X: y><>");
}

static void without_a_header_callback_there_are_no_headers(void **unused) {
  (void)unused;
  set(CURLOPT_HEADERFUNCTION, NULL);
  set(CURLOPT_HEADERDATA, NULL);
  begin_with("fine");
  assert_ends(CURLE_OK);
  assert_got("[fine]");
}

/* CURLOPT_HEADERDATA(3): they go where the body goes. */
static void header_data_alone_asks_for_them_too(void **unused) {
  (void)unused;
  set(CURLOPT_HEADERFUNCTION, NULL);
  set(CURLOPT_HEADERDATA,
      options_pointer(&libcurl.options, CURLOPT_WRITEDATA));
  begin_with("fine");
  assert_ends(CURLE_OK);
  assert_got("[HTTP/1.1 200 OK][][fine]");
}

/* --- getinfo ---------------------------------------------------------------
 */

static char told[400];

static void tell_info(void) {
  size_t used = strlen(told);

  snprintf(told + used, sizeof told - used, "%s %d %s %d\n",
           scene.program.event, (int)info(CURLINFO_RESPONSE_CODE),
           info_text(CURLINFO_EFFECTIVE_URL),
           (int)info(CURLINFO_SIZE_DOWNLOAD_T));
}

/* Also where libcurl's own answers are of the next hop by then. */
static void getinfo_is_of_the_hop_that_is_delivered(void **unused) {
  (void)unused;
  told[0] = 0;
  scene.program.on_event = tell_info;
  set(CURLOPT_FOLLOWLOCATION, 1L);
  call_begins();
  (void)libcurl_header("HTTP/1.1 200 Connected");
  libcurl_says(CURLINFO_RESPONSE_CODE, 0); /* it isn't the proxy's */
  (void)libcurl_header("");
  request_goes_out();
  response("HTTP/1.1 302 There", "Location: /there");
  libcurl_says_text(CURLINFO_EFFECTIVE_URL, "http://host/there");
  request_goes_out();
  response("HTTP/1.1 200 OK");
  body("fine");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_string_equal(told, "HTTP/1.1 200 Connected 0 http://host/path 0\n"
                            " 0 http://host/path 0\n"
                            "HTTP/1.1 302 There 302 http://host/path 0\n"
                            "Location: /there 302 http://host/path 0\n"
                            " 302 http://host/path 0\n"
                            "HTTP/1.1 200 OK 200 http://host/there 0\n"
                            " 200 http://host/there 0\n"
                            "fine 200 http://host/there 4\n");
  assert_int_equal(info(CURLINFO_SIZE_DOWNLOAD_T), 4);
}

/* --- SIGPIPE ---------------------------------------------------------------
 */

static bool was_ignored;

static void look_at_sigpipe(void) {
  struct sigaction action;

  assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
  was_ignored = action.sa_handler == SIG_IGN;
}

static void a_closed_pipe_kills_only_who_wants_it(void **unused) {
  struct sigaction action;

  (void)unused;
  scene.program.on_event = look_at_sigpipe;
  for (long no_signal = 0; no_signal < 2; no_signal++) {
    set(CURLOPT_NOSIGNAL, no_signal);
    begin_with("fine");
    assert_ends(CURLE_OK);
    assert_int_equal(was_ignored, !no_signal);
    assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
    assert_true(action.sa_handler == SIG_DFL);
    scene.program.got[0] = 0;
  }
}

/* --- pauses ----------------------------------------------------------------
 */

static void goes_on(void) {
  scene.program.pauses_at = NULL;
  assert_int_equal(meanwhile_pause(scene.call, CURLPAUSE_CONT), CURLE_OK);
  assert_int_equal(libcurl.pauses, 0); /* it has no transfer to pause */
}

static void a_paused_hand_over_waits_for_the_program(void **unused) {
  (void)unused;
  scene.program.pauses_at = "fine";
  begin_with("fine");
  assert_waits_until(100);
  assert_got("<HTTP/1.1 200 OK><>");
  pass_time(100000);
  assert_waits_until(100100);
  goes_on();
  assert_got("");
  assert_ends(CURLE_OK);
  assert_got("[fine]");
}

static void a_pause_that_was_not_lifted_stays(void **unused) {
  (void)unused;
  scene.program.pauses_at = "fine";
  begin_with("fine");
  assert_waits_until(100);
  scene.program.pauses_at = NULL;
  assert_int_equal(meanwhile_pause(scene.call, CURLPAUSE_RECV), CURLE_OK);
  assert_waits_until(100);
  assert_got("<HTTP/1.1 200 OK><>");
  goes_on();
  assert_ends(CURLE_OK);
  assert_got("[fine]");
}

static void pause_between_pieces(void) {
  if (!strcmp(scene.program.event, "first"))
    assert_int_equal(meanwhile_pause(scene.call, CURLPAUSE_RECV), CURLE_OK);
}

/* curl_easy_pause() in the callback, which took the piece: it comes once. */
static void a_callback_may_pause_after_its_piece(void **unused) {
  (void)unused;
  scene.program.on_event = pause_between_pieces;
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK");
  body("first");
  body("second");
  transfer_ends(CURLE_OK);
  assert_waits_until(100);
  assert_got("<HTTP/1.1 200 OK><>[first]");
  goes_on();
  assert_ends(CURLE_OK);
  assert_got("[second]");
}

static void progress_is_told_while_it_pauses(void **unused) {
  (void)unused;
  watch_progress();
  scene.program.pauses_at = "fine";
  begin_with("fine");
  assert_waits_until(100);
  assert_int_equal(scene.program.ticks, 1);
  scene.program.progress_answer = 1;
  assert_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_int_equal(scene.program.ticks, 2);
  assert_string_equal(scene.program.error, "Callback aborted");
  assert_got("<HTTP/1.1 200 OK><>");
}

static int lift_in_progress(void *data, curl_off_t download_total,
                            curl_off_t download_now, curl_off_t upload_total,
                            curl_off_t upload_now) {
  (void)data;
  assert_int_equal(download_total + download_now + upload_total + upload_now,
                   0);
  goes_on();
  return 0;
}

static void the_progress_callback_may_lift_the_pause(void **unused) {
  (void)unused;
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, lift_in_progress);
  scene.program.pauses_at = "fine";
  begin_with("fine");
  assert_ends(CURLE_OK);
  assert_got("<HTTP/1.1 200 OK><>[fine]");
}

static void the_timeout_ends_a_pause(void **unused) {
  static const char *const scopes[] = {"TIMEOUT_SCOPE=call",
                                       "TIMEOUT_SCOPE=attempt"};

  (void)unused;
  for (size_t i = 0; i < COUNT(scopes); i++) {
    int64_t began_at = scene.now;
    variables(scopes[i]);
    set(CURLOPT_TIMEOUT_MS, 5000L);
    scene.program.pauses_at = "fine";
    begin_with("fine");
    pass_time(4999);
    assert_waits_until(began_at + 5099);
    pass_time(1);
    assert_ends(CURLE_OPERATION_TIMEDOUT);
    assert_string_equal(scene.program.error,
                        "Operation timed out while paused");
    assert_got("<HTTP/1.1 200 OK><>");
  }
}

/* An attempt's own begins with it. */
static void the_timeout_of_a_retry_ends_its_pause(void **unused) {
  (void)unused;
  variables("TIMEOUT_SCOPE=attempt");
  set(CURLOPT_TIMEOUT_MS, 5000L);
  scene.program.pauses_at = "fine";
  call_begins();
  busy_attempt();
  assert_retries_at(1000);
  request_goes_out();
  response("HTTP/1.1 200 OK");
  body("fine");
  transfer_ends(CURLE_OK);
  pass_time(4999);
  assert_waits_until(1000 + 5099);
  pass_time(1);
  assert_ends(CURLE_OPERATION_TIMEDOUT);
}

static void max_time_doesnt_end_a_pause(void **unused) {
  (void)unused;
  variables("MAX_TIME=5s");
  scene.program.pauses_at = "fine";
  begin_with("fine");
  assert_waits_until(100);
  pass_time(100000);
  assert_waits_until(100100);
  goes_on();
  assert_ends(CURLE_OK);
}

static void think_again(void) { scene.program.progress_answer = 0; }

static void a_program_that_said_stop_may_not_pause(void **unused) {
  (void)unused;
  watch_progress();
  scene.program.pauses_at = "busy";
  call_begins();
  busy_attempt();
  assert_waits_until(100);
  scene.program.progress_answer = 1;
  scene.program.on_event = think_again;
  assert_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_got("<HTTP/1.1 503 Busy><Content-Length: 4><>");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(pieces_are_no_longer_than_libcurls),
      SCENE(what_has_no_body_may_yet_fail),
      SCENE(empty_pieces_stay),
      SCENE(headers_in_the_body_keep_their_place),
      SCENE(and_are_no_part_of_it),
      SCENE(trailers_come_last),
      SCENE(without_a_header_callback_there_are_no_headers),
      SCENE(header_data_alone_asks_for_them_too),
      SCENE(getinfo_is_of_the_hop_that_is_delivered),
      SCENE(a_closed_pipe_kills_only_who_wants_it),
      SCENE(a_paused_hand_over_waits_for_the_program),
      SCENE(a_pause_that_was_not_lifted_stays),
      SCENE(a_callback_may_pause_after_its_piece),
      SCENE(progress_is_told_while_it_pauses),
      SCENE(the_progress_callback_may_lift_the_pause),
      SCENE(the_timeout_ends_a_pause),
      SCENE(the_timeout_of_a_retry_ends_its_pause),
      SCENE(max_time_doesnt_end_a_pause),
      SCENE(a_program_that_said_stop_may_not_pause),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
