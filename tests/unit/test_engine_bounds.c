/* test_engine_bounds.c - whose bound ended a retry, and what a wait that leads
 * to nothing costs. */
#include "scene.h"

static void connecting_for_stall_timeout_doesnt_replace_an_answer(void **u) {
  (void)u;
  variables("STALL_TIMEOUT=5s", "MAX_TIME=off", "MAX_RETRIES=1");
  call_begins();
  busy_attempt();
  assert_retries_at(1000);
  pass_time(5000);
  transfer_ends(CURLE_OPERATION_TIMEDOUT);
  assert_ends(CURLE_OK);
  assert_got(BUSY);
}

static void max_time_doesnt_replace_an_answer(void **u) {
  (void)u;
  variables("MAX_TIME=10s", "MAX_RETRIES=1");
  call_begins();
  busy_attempt();
  assert_retries_at(1000);
  pass_time(9000);
  transfer_ends(CURLE_OPERATION_TIMEDOUT);
  assert_ends(CURLE_OK);
  assert_got(BUSY);
}

static void the_programs_own_connect_timeout_is_a_failure(void **u) {
  (void)u;
  variables("MAX_RETRIES=1");
  set(CURLOPT_CONNECTTIMEOUT, 3L);
  call_begins();
  busy_attempt();
  assert_retries_at(1000);
  pass_time(3000);
  transfer_ends(CURLE_OPERATION_TIMEDOUT);
  assert_ends(CURLE_OPERATION_TIMEDOUT);
}

static void no_wait_is_begun_that_ends_at_max_time(void **u) {
  (void)u;
  variables("MAX_TIME=1s");
  call_begins();
  busy_attempt();
  assert_ends(CURLE_OK);
  assert_got(BUSY);
  assert_int_equal(scene.reason, VERDICT_MAX_TIME);
}

static void a_retry_that_isnt_made_costs_nothing(void **u) {
  (void)u;
  watch_progress();
  call_begins();
  busy_attempt();
  assert_waits_until(100);
  assert_int_equal(tokens(), 95);
  scene.program.progress_answer = 1;
  assert_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_int_equal(tokens(), 100);
}

/* Its FRESH_CONNECT alone keeps the address that failed. */
static void a_program_that_connects_anew_resolves_anew(void **unused) {
  (void)unused;
  set(CURLOPT_FRESH_CONNECT, 1L);
  call_begins();
  transfer_ends(CURLE_RECV_ERROR);
  assert_retries_at(1000);
  assert_int_equal(options_number(&libcurl.options, CURLOPT_DNS_CACHE_TIMEOUT),
                   0);
  fine_attempt();
  assert_ends(CURLE_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(a_program_that_connects_anew_resolves_anew),
      SCENE(connecting_for_stall_timeout_doesnt_replace_an_answer),
      SCENE(max_time_doesnt_replace_an_answer),
      SCENE(the_programs_own_connect_timeout_is_a_failure),
      SCENE(no_wait_is_begun_that_ends_at_max_time),
      SCENE(a_retry_that_isnt_made_costs_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
