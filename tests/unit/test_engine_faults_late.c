/* test_engine_faults_late.c - attempts that FAULTS delays: how long the wait
 * is where other bounds are shorter, and what the late attempt is without. */
#include "scene.h"

static void nothing(void) {}

/* The first attempt is a stub that fails at once, and waits. */
static void stub_fails(void) {
  curl_opensocket_callback open;
  struct curl_sockaddr address = {.family = 1};
  void *pointer =
      options_pointer(&libcurl.options, CURLOPT_OPENSOCKETFUNCTION);

  assert_non_null(pointer);
  memcpy(&open, &pointer, sizeof open);
  assert_int_equal(
      open(options_pointer(&libcurl.options, CURLOPT_OPENSOCKETDATA),
           CURLSOCKTYPE_IPCXN, &address),
      CURL_SOCKET_BAD);
  transfer_ends(CURLE_COULDNT_CONNECT);
}

/* MAX_TIME is for retries: the first attempt waits as long as it is to. */
static void max_time_bounds_the_waits_of_retries(void **unused) {
  (void)unused;
  variables("FAULTS=delay=4s", "MAX_TIME=6s");
  call_begins();
  stub_fails();
  assert_retries_at(4000);
  busy_attempt();
  assert_waits_until(5000);
  pass_time(1000);
  assert_waits_until(6000);
  variables("FAULTS=delay=8s", "MAX_TIME=6s", "MAX_RETRIES=1");
  engine_abandon(scene.call);
  call_begins();
  stub_fails();
  assert_waits_until(scene.now + 8000);
}

/* libcurl calls it at each perform, and has for the stub. */
static void hsts_is_read_once(void **unused) {
  (void)unused;
  variables("FAULTS=delay=2s");
  set(CURLOPT_HSTSREADFUNCTION, nothing);
  call_begins();
  assert_non_null(options_pointer(&libcurl.options, CURLOPT_HSTSREADFUNCTION));
  stub_fails();
  assert_retries_at(2000);
  assert_null(options_pointer(&libcurl.options, CURLOPT_HSTSREADFUNCTION));
  fine_attempt();
  assert_ends(CURLE_OK);
}

static void a_late_attempt_may_use_the_pool(void **unused) {
  (void)unused;
  variables("FAULTS=delay=2s");
  set(CURLOPT_FORBID_REUSE, 1L);
  call_begins();
  assert_int_equal(options_number(&libcurl.options, CURLOPT_FRESH_CONNECT), 1);
  stub_fails();
  assert_retries_at(2000);
  assert_int_equal(options_number(&libcurl.options, CURLOPT_FRESH_CONNECT), 0);
  assert_int_equal(options_number(&libcurl.options, CURLOPT_FORBID_REUSE), 1);
  fine_attempt();
  assert_ends(CURLE_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(max_time_bounds_the_waits_of_retries),
      SCENE(hsts_is_read_once),
      SCENE(a_late_attempt_may_use_the_pool),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
