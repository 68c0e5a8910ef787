/* test_engine_incident.c - failures of many transfers of a multi handle that
 * are one: the connection they shared has died. */
#include "scene.h"

static int all_tokens;        /* when the test began */
static unsigned version;      /* libcurl's; 0: as the scene has it */
static curl_off_t connection; /* CURLINFO_CONN_ID */
static int64_t http_version;  /* CURLINFO_HTTP_VERSION */

static void assert_taken(int count) {
  assert_int_equal(all_tokens - tokens(), count);
}

/* One of several transfers, on the connection with this local port, fails in
 * this drive call; its retry begins. */
static void fails_on(int64_t port, uint64_t drive) {
  all_tokens = all_tokens ? all_tokens : tokens();
  scene.is_in_multi = true;
  libcurl.library.version = version ? version : libcurl.library.version;
  call_begins();
  libcurl_says(CURLINFO_CONN_ID, connection);
  libcurl_says(CURLINFO_HTTP_VERSION, http_version);
  scene.siblings.calls = 2;
  scene.siblings.drive = drive;
  libcurl_says(CURLINFO_LOCAL_PORT, port);
  request_goes_out();
  transfer_ends(CURLE_RECV_ERROR);
}

static void waits_and_is_left(void) {
  assert_waits_until(scene.now + 1000);
  engine_abandon(scene.call);
}

static int first_of_them(void **unused) {
  all_tokens = 0;
  version = 0;
  http_version = 0;
  return scene_begin(unused);
}

/* A connection with 41 streams dies: each waits for its retry, one pays. */
static void a_death_of_many(void) {
  for (int i = 0; i < 41; i++) {
    fails_on(40000, 1);
    waits_and_is_left();
    assert_taken(5);
  }
}

static void a_death_of_many_is_charged_once(void **unused) {
  (void)unused;
  a_death_of_many();
}

/* ... of them none is left without a retry when the tokens end. */
static void the_last_tokens_pay_for_all(void **unused) {
  (void)unused;
  take_tokens(93);
  a_death_of_many();
}

static void what_could_not_be_paid_is_not_free_for_others(void **unused) {
  (void)unused;
  take_tokens(97);
  for (int i = 0; i < 3; i++) {
    fails_on(40000, 1);
    assert_ends(CURLE_RECV_ERROR);
    assert_int_equal(scene.reason, VERDICT_BUDGET);
    assert_taken(0);
  }
}

static void several_drive_calls_may_tell_of_it(void **unused) {
  (void)unused;
  fails_on(40000, 1);
  waits_and_is_left();
  fails_on(40000, 2);
  waits_and_is_left();
  assert_taken(5);
}

static void another_connection_is_another(void **unused) {
  (void)unused;
  fails_on(40000, 1);
  waits_and_is_left();
  fails_on(40001, 1);
  waits_and_is_left();
  assert_taken(10);
}

/* A Unix socket has no port. */
static void libcurl_from_8_2_on_has_numbers_of_them(void **unused) {
  (void)unused;
  version = 0x080200;
  for (int i = 0; i < 3; i++) {
    connection = i == 2;
    fails_on(0, (uint64_t)i);
    waits_and_is_left();
  }
  assert_taken(10);
}

/* ... but when it is closed, only the last of its transfers has it. */
static void which_may_be_gone(void **unused) {
  (void)unused;
  version = 0x080e01;
  for (int i = 0; i < 3; i++) {
    connection = i == 2 ? 0 : -1;
    fails_on(40000, 1);
    waits_and_is_left();
  }
  assert_taken(5);
}

static void without_a_port_one_drive_call_is_one_incident(void **unused) {
  (void)unused;
  http_version = CURL_HTTP_VERSION_2_0;
  fails_on(0, 1);
  waits_and_is_left();
  fails_on(0, 1);
  waits_and_is_left();
  assert_taken(5);
  fails_on(0, 2);
  waits_and_is_left();
  assert_taken(10);
}

static void but_only_where_they_may_have_shared_one(void **unused) {
  (void)unused;
  http_version = CURL_HTTP_VERSION_1_1;
  fails_on(0, 1);
  waits_and_is_left();
  fails_on(0, 1);
  waits_and_is_left();
  assert_taken(10);
}

/* A connection that lives, and its server resets each stream. */
static void later_it_is_another(void **unused) {
  (void)unused;
  fails_on(40000, 1);
  waits_and_is_left();
  pass_time(999);
  fails_on(40000, 2);
  waits_and_is_left();
  assert_taken(5);
  pass_time(1);
  fails_on(40000, 3);
  waits_and_is_left();
  assert_taken(10);
}

static void a_call_pays_for_its_second_failure(void **unused) {
  (void)unused;
  variables("BASE_DELAY=10ms", "BACKOFF=constant");
  fails_on(40000, 1);
  assert_retries_at(10);
  request_goes_out();
  transfer_ends(CURLE_RECV_ERROR);
  assert_retries_at(20);
  assert_taken(10);
  fine_attempt();
  assert_ends(CURLE_OK);
  assert_taken(0);
}

static void answers_are_charged_each(void **unused) {
  int before;

  (void)unused;
  before = tokens();
  for (int i = 0; i < 2; i++) {
    scene.is_in_multi = true;
    call_begins();
    busy_attempt();
    assert_retries_at(scene.now + 1000);
    engine_abandon(scene.call);
  }
  assert_int_equal(before - tokens(), 10);
}

static void so_are_connections_that_never_were(void **unused) {
  int before;

  (void)unused;
  before = tokens();
  for (int i = 0; i < 2; i++) {
    scene.is_in_multi = true;
    call_begins();
    transfer_ends(CURLE_COULDNT_CONNECT);
    assert_retries_at(scene.now + 1000);
    engine_abandon(scene.call);
  }
  assert_int_equal(before - tokens(), 10);
}

#define INCIDENT(test)                                                        \
  cmocka_unit_test_setup_teardown(test, first_of_them, scene_end)

/* libcurl keeps a dead connection that a paused stream is on. */
static void
the_last_retry_is_not_for_a_connection_that_failed_twice(void **unused) {
  static const struct {
    int64_t ports[3]; /* of the attempts before the last */
    long fresh;
  } rows[] = {{{40000, 40000, 40000}, 1},
              {{40000, 40001, 40001}, 1},
              {{40000, 40000, 40001}, 0},
              {{40000, 40001, 40002}, 0}};

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    int64_t at = scene.now;
    http_version = CURL_HTTP_VERSION_2_0;
    fails_on(rows[i].ports[0], 1);
    for (int j = 1; j <= 3; j++) {
      at += j * 1000 + (j == 3) * 1000;
      assert_waits_until(at);
      scene.call->leads = false; /* another one does */
      assert_retries_at(at);
      if (j == 3)
        break;
      libcurl_says(CURLINFO_LOCAL_PORT, rows[i].ports[j]);
      libcurl_says(CURLINFO_HTTP_VERSION, http_version);
      request_goes_out();
      transfer_ends(CURLE_RECV_ERROR);
    }
    assert_int_equal(options_number(&libcurl.options, CURLOPT_FRESH_CONNECT),
                     rows[i].fresh);
    engine_abandon(scene.call);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      INCIDENT(a_death_of_many_is_charged_once),
      INCIDENT(the_last_tokens_pay_for_all),
      INCIDENT(what_could_not_be_paid_is_not_free_for_others),
      INCIDENT(several_drive_calls_may_tell_of_it),
      INCIDENT(another_connection_is_another),
      INCIDENT(libcurl_from_8_2_on_has_numbers_of_them),
      INCIDENT(which_may_be_gone),
      INCIDENT(without_a_port_one_drive_call_is_one_incident),
      INCIDENT(but_only_where_they_may_have_shared_one),
      INCIDENT(later_it_is_another),
      INCIDENT(a_call_pays_for_its_second_failure),
      INCIDENT(answers_are_charged_each),
      INCIDENT(so_are_connections_that_never_were),
      INCIDENT(the_last_retry_is_not_for_a_connection_that_failed_twice),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
