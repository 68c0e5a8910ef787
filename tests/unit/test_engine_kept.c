/* test_engine_kept.c - the outcome that is kept while a retry is made: when
 * the program gets it after all, and when it is gone. */
#include "scene.h"

/* A POST that may be repeated; libcurl alone knows whether its form can be
 * rewound. */
static void begin_form(void) {
  variables("METHODS=all");
  set(CURLOPT_MIMEPOST, "a form");
  call_begins();
}

static void a_503_is_given_when_the_retry_cant_rewind(void **unused) {
  (void)unused;
  begin_form();
  busy_attempt();
  assert_retries_at(1000);
  transfer_fails(CURLE_SEND_FAIL_REWIND, "can't rewind");
  assert_ends(CURLE_OK);
  assert_int_equal(scene.reason, VERDICT_NO_REWIND);
  assert_got(BUSY);
  assert_string_equal(scene.program.error, "");
}

static void its_getinfo_is_given_with_it(void **unused) {
  char url[] = "http://other/place";

  (void)unused;
  begin_form();
  libcurl_says_text(CURLINFO_EFFECTIVE_URL, url);
  libcurl_says(CURLINFO_HTTP_CONNECTCODE, 201);
  busy_attempt();
  assert_retries_at(1000);
  memset(url, 'x', 5);
  libcurl_says(CURLINFO_NUM_CONNECTS, 7);
  transfer_ends(CURLE_SEND_FAIL_REWIND);
  assert_ends(CURLE_OK);
  assert_int_equal(info(CURLINFO_RESPONSE_CODE), 503);
  assert_int_equal(info(CURLINFO_SIZE_DOWNLOAD_T), 4);
  assert_int_equal(info(CURLINFO_HTTP_CONNECTCODE), 201);
  assert_int_equal(info(CURLINFO_NUM_CONNECTS), 1);
  assert_string_equal(info_text(CURLINFO_EFFECTIVE_URL), "http://other/place");
  assert_got(BUSY);
}

/* The next call's getinfo is its own. */
static void the_next_call_knows_nothing_of_it(void **unused) {
  (void)unused;
  begin_form();
  busy_attempt();
  assert_retries_at(1000);
  transfer_ends(CURLE_SEND_FAIL_REWIND);
  assert_ends(CURLE_OK);
  assert_got(BUSY);
  call_begins();
  fine_attempt();
  assert_ends(CURLE_OK);
  assert_int_equal(info(CURLINFO_RESPONSE_CODE), 200);
  assert_got(FINE);
}

static void it_is_no_success_to_the_budget(void **unused) {
  (void)unused;
  begin_form();
  busy_attempt();
  assert_retries_at(1000);
  transfer_ends(CURLE_SEND_FAIL_REWIND);
  assert_ends(CURLE_OK);
  assert_int_equal(tokens(), 100 - 5);
}

static void a_failure_is_given_with_its_text(void **unused) {
  (void)unused;
  begin_form();
  request_goes_out();
  transfer_fails(CURLE_RECV_ERROR, "reset");
  assert_retries_at(1000);
  transfer_fails(CURLE_SEND_FAIL_REWIND, "can't rewind");
  assert_ends(CURLE_RECV_ERROR);
  assert_string_equal(scene.program.error, "reset");
}

/* Of several it is the last one before the attempt. */
static void the_latest_is_given(void **unused) {
  (void)unused;
  begin_form();
  busy_attempt();
  assert_retries_at(1000);
  request_goes_out();
  response("HTTP/1.1 502 Bad", "Content-Length: 3");
  body("bad");
  transfer_ends(CURLE_OK);
  assert_retries_at(3000);
  transfer_ends(CURLE_SEND_FAIL_REWIND);
  assert_ends(CURLE_OK);
  assert_got("<HTTP/1.1 502 Bad><Content-Length: 3><>[bad]");
  assert_int_equal(info(CURLINFO_RESPONSE_CODE), 502);
}

static void it_is_gone_with_the_next_answer(void **unused) {
  (void)unused;
  begin_form();
  set(CURLOPT_HTTPAUTH, CURLAUTH_DIGEST);
  busy_attempt();
  assert_retries_at(1000);
  request_goes_out();
  response("HTTP/1.1 401 Who", "Content-Length: 0");
  transfer_ends(CURLE_SEND_FAIL_REWIND);
  assert_ends(CURLE_SEND_FAIL_REWIND);
  assert_got("<HTTP/1.1 401 Who><Content-Length: 0><>");
  assert_int_equal(info(CURLINFO_RESPONSE_CODE), 401);
}

static void what_is_no_answer_yet_leaves_it(void **unused) {
  static const struct {
    const char *line;
    bool is_of_proxy;  /* it comes before the request */
    const char *shown; /* at once: what comes next may be refused */
  } rows[] = {{"HTTP/1.1 200 Connected", true, "<HTTP/1.1 200 Connected><>"},
              {"HTTP/1.1 407 Who", true, "<HTTP/1.1 407 Who><>"},
              {"HTTP/1.1 502 Bad", true, ""},
              {"HTTP/1.1 100 Continue", false, ""},
              {"HTTP/1.1 103 Hints", false, ""}};

  (void)unused;
  begin_form();
  for (size_t i = 0; i < COUNT(rows); i++) {
    if (i)
      call_begins();
    busy_attempt();
    assert_retries_at(scene.now + 1000);
    if (!rows[i].is_of_proxy)
      request_goes_out();
    response(rows[i].line);
    assert_got(rows[i].shown);
    transfer_ends(CURLE_SEND_FAIL_REWIND);
    assert_ends(CURLE_OK);
    assert_got(BUSY);
  }
}

/* It isn't shown to a program that said stop. */
static void a_refusal_of_the_program_comes_before_it(void **unused) {
  (void)unused;
  watch_progress();
  begin_form();
  busy_attempt();
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

/* --- an end of ours, or one that comes of the retry ------------------------
 */

static void stall(void) {
  pass_time(5000);
  assert_int_equal(libcurl_progress(0, 0), 1);
  transfer_ends(CURLE_ABORTED_BY_CALLBACK);
}

static void a_stall_doesnt_replace_it(void **unused) {
  (void)unused;
  variables("STALL_TIMEOUT=5s", "MAX_RETRIES=1");
  call_begins();
  busy_attempt();
  assert_retries_at(1000);
  stall();
  assert_ends(CURLE_OK);
  assert_int_equal(scene.reason, VERDICT_EXHAUSTED);
  assert_got(BUSY);
  assert_int_equal(info(CURLINFO_RESPONSE_CODE), 503);
}

static void nor_do_several(void **unused) {
  (void)unused;
  variables("STALL_TIMEOUT=5s", "MAX_RETRIES=2");
  call_begins();
  busy_attempt();
  assert_retries_at(1000);
  stall();
  assert_retries_at(6000 + 2000);
  stall();
  assert_ends(CURLE_OK);
  assert_got(BUSY);
  assert_int_equal(info(CURLINFO_RESPONSE_CODE), 503);
}

/* A connection that was dead is repeated at once, as if it had not been. */
static void nor_does_a_dead_connection(void **unused) {
  (void)unused;
  variables("STALL_TIMEOUT=5s", "MAX_RETRIES=1");
  call_begins();
  busy_attempt();
  assert_retries_at(1000);
  request_goes_out();
  libcurl_says(CURLINFO_NUM_CONNECTS, 0);
  transfer_ends(CURLE_RECV_ERROR);
  assert_performs();
  stall();
  assert_ends(CURLE_OK);
  assert_got(BUSY);
}

static void max_time_ends_the_retry_not_the_answer(void **unused) {
  (void)unused;
  variables("MAX_TIME=5s");
  call_begins();
  busy_attempt();
  assert_retries_at(1000);
  pass_time(4000);
  transfer_ends(CURLE_OPERATION_TIMEDOUT);
  assert_ends(CURLE_OK);
  assert_int_equal(scene.reason, VERDICT_MAX_TIME);
  assert_got(BUSY);
}

static void the_programs_own_timeout_is_its_end(void **unused) {
  (void)unused;
  set(CURLOPT_TIMEOUT_MS, 5000L);
  call_begins();
  busy_attempt();
  assert_retries_at(1000);
  pass_time(4000);
  transfer_ends(CURLE_OPERATION_TIMEDOUT);
  assert_ends(CURLE_OPERATION_TIMEDOUT);
  assert_got("");
}

/* LOCALPORT: the connection before still holds it. */
static void a_port_that_is_taken_is_no_answer(void **unused) {
  (void)unused;
  for (long port = 0; port <= 5000; port += 5000) {
    set(CURLOPT_LOCALPORT, port);
    call_begins();
    busy_attempt();
    assert_retries_at(scene.now + 1000);
    transfer_ends(CURLE_INTERFACE_FAILED);
    assert_ends(port ? CURLE_OK : CURLE_INTERFACE_FAILED);
    assert_got(port ? BUSY : "");
  }
}

static void another_failure_of_the_retry_is_its_own(void **unused) {
  (void)unused;
  variables("MAX_RETRIES=1");
  call_begins();
  busy_attempt();
  assert_retries_at(1000);
  transfer_ends(CURLE_COULDNT_CONNECT);
  assert_ends(CURLE_COULDNT_CONNECT);
  assert_got("");
  assert_int_equal(info(CURLINFO_RESPONSE_CODE), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(a_503_is_given_when_the_retry_cant_rewind),
      SCENE(its_getinfo_is_given_with_it),
      SCENE(the_next_call_knows_nothing_of_it),
      SCENE(it_is_no_success_to_the_budget),
      SCENE(a_failure_is_given_with_its_text),
      SCENE(the_latest_is_given),
      SCENE(it_is_gone_with_the_next_answer),
      SCENE(what_is_no_answer_yet_leaves_it),
      SCENE(a_refusal_of_the_program_comes_before_it),
      SCENE(a_stall_doesnt_replace_it),
      SCENE(nor_do_several),
      SCENE(nor_does_a_dead_connection),
      SCENE(max_time_ends_the_retry_not_the_answer),
      SCENE(the_programs_own_timeout_is_its_end),
      SCENE(a_port_that_is_taken_is_no_answer),
      SCENE(another_failure_of_the_retry_is_its_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
