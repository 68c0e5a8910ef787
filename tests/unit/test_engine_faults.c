/* test_engine_faults.c - failures on purpose, in the engine: waits, what is
 * drawn for which attempt, and that the program's options come back. */
#include "scene.h"

#include <unistd.h>

/* libcurl comes to its connection. False: it got none. */
static bool connects(void) {
  curl_opensocket_callback open;
  struct curl_sockaddr address = {.family = 1};
  void *pointer =
      options_pointer(&libcurl.options, CURLOPT_OPENSOCKETFUNCTION);
  int number;

  assert_non_null(pointer);
  memcpy(&open, &pointer, sizeof open);
  number = open(options_pointer(&libcurl.options, CURLOPT_OPENSOCKETDATA),
                CURLSOCKTYPE_IPCXN, &address);
  if (number != CURL_SOCKET_BAD)
    close(number);
  return number != CURL_SOCKET_BAD;
}

static bool is_led_astray(void) {
  return options_pointer(&libcurl.options, CURLOPT_OPENSOCKETFUNCTION) != NULL;
}

static void fails(void) {
  assert_true(is_led_astray());
  assert_false(connects());
  libcurl_says(CURLINFO_NUM_CONNECTS, 0);
  transfer_ends(CURLE_COULDNT_CONNECT);
}

static void nothing_is_changed_without_faults(void **unused) {
  (void)unused;
  call_begins();
  assert_false(is_led_astray());
  fine_attempt();
  assert_ends(CURLE_OK);
  assert_null(scene.handle.call->faulting);
}

static void a_class_is_its_code(void **unused) {
  static const struct {
    const char *setting;
    CURLcode code;
    const char *text;
  } rows[] = {
      {"FAULTS=dns", CURLE_COULDNT_RESOLVE_HOST,
       "Could not resolve host: host"},
      {"FAULTS=connect", CURLE_COULDNT_CONNECT,
       "Failed to connect to host port 80 after 0 ms: "
       "Couldn't connect to server"},
      {"FAULTS=tls", CURLE_SSL_CONNECT_ERROR,
       "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to host:80"},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    variables(rows[i].setting, "MAX_RETRIES=1");
    call_begins();
    fails();
    assert_retries_at(scene.now + 1000);
    fails();
    assert_ends(rows[i].code);
    assert_string_equal(scene.program.error, rows[i].text);
    assert_int_equal(scene.reason, VERDICT_EXHAUSTED);
    assert_given_back();
  }
}

static void nothing_was_sent_then(void **unused) {
  (void)unused;
  variables("FAULTS=connect:first=1");
  set(CURLOPT_POSTFIELDS, "a=b");
  call_begins();
  fails();
  assert_retries_at(1000);
  assert_false(is_led_astray());
  fine_attempt();
  assert_ends(CURLE_OK);
  assert_got(FINE);
}

/* It connects, sends, hears the end: what libcurl makes of that is what the
 * fault says. */
static void what_ends_after_the_request_was_sent(void **unused) {
  static const struct {
    const char *setting;
    CURLcode code, code_of_libcurl;
    const char *text;
  } rows[] = {
      {"FAULTS=reset", CURLE_RECV_ERROR, CURLE_GOT_NOTHING,
       "Recv failure: Connection reset by peer"},
      {"FAULTS=timeout", CURLE_OPERATION_TIMEDOUT, CURLE_GOT_NOTHING,
       "Operation timed out after 0 milliseconds with 0 bytes received"},
      {"FAULTS=partial", CURLE_PARTIAL_FILE, CURLE_PARTIAL_FILE,
       "libcurl's text"},
      {"FAULTS=partial", CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING,
       "transfer closed with outstanding read data remaining"},
  };

  (void)unused;
  set(CURLOPT_POSTFIELDS, "a=b");
  libcurl_says_text(CURLINFO_EFFECTIVE_METHOD, "POST");
  for (size_t i = 0; i < COUNT(rows); i++) {
    variables(rows[i].setting);
    call_begins();
    assert_true(connects());
    request_goes_out();
    transfer_ends(rows[i].code_of_libcurl);
    assert_ends(rows[i].code);
    assert_string_equal(scene.program.error, rows[i].text);
    assert_int_equal(scene.reason, VERDICT_METHOD); /* it may have arrived */
  }
}

/* ftp meets nobody: what would have been sent counts as sent. */
static void ftp_counts_as_sent(void **unused) {
  (void)unused;
  variables("FAULTS=503,reset");
  set(CURLOPT_URL, "ftp://host/file");
  libcurl_says_text(CURLINFO_SCHEME, "FTP");
  call_begins();
  fails();
  assert_retries_at(1000);
  fails();
  assert_waits_until(3000); /* no dead connection of the pool: not at once */
  engine_abandon(scene.call);

  set(CURLOPT_APPEND, 1L);
  upload("bytes");
  call_begins();
  fails();
  assert_ends(CURLE_RECV_ERROR);
  assert_int_equal(scene.reason, VERDICT_METHOD);
}

static void what_does_not_come_so_far_is_real(void **unused) {
  (void)unused;
  variables("FAULTS=dns");
  call_begins();
  transfer_ends(CURLE_URL_MALFORMAT);
  assert_ends(CURLE_URL_MALFORMAT);
  assert_string_equal(scene.program.error, "libcurl's text");
}

static void the_program_s_refusal_counts_more(void **unused) {
  (void)unused;
  variables("FAULTS=dns");
  watch_progress();
  scene.program.progress_answer = 1;
  call_begins();
  assert_int_equal(libcurl_progress(0, 0), 1);
  assert_false(connects());
  transfer_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_ends(CURLE_ABORTED_BY_CALLBACK);
}

static void the_first_attempt_waits(void **unused) {
  (void)unused;
  variables("FAULTS=delay=2s");
  call_begins();
  fails();
  assert_retries_at(2000);
  assert_false(is_led_astray());
  assert_int_equal(scene.call->now->number, 1);
  assert_int_equal(scene.call->retries, 0);
  fine_attempt();
  assert_ends(CURLE_OK);
  assert_got(FINE);
}

static void each_attempt_waits(void **unused) {
  (void)unused;
  variables("FAULTS=delay=2s");
  call_begins();
  fails();
  assert_retries_at(2000);
  busy_attempt();
  assert_waits_until(3000);
  scene.now = 3000;
  assert_retries_at(5000);
  assert_int_equal(scene.call->retries, 1);
  fine_attempt();
  assert_ends(CURLE_OK);
}

static void a_failure_may_be_late(void **unused) {
  (void)unused;
  variables("FAULTS=delay=500ms,dns", "MAX_RETRIES=0");
  call_begins();
  fails();
  assert_retries_at(500);
  fails();
  assert_ends(CURLE_COULDNT_RESOLVE_HOST);
}

static void the_program_is_asked_while_it_waits(void **unused) {
  (void)unused;
  variables("FAULTS=delay=2s");
  watch_progress();
  call_begins();
  fails();
  assert_waits_until(100);
  assert_int_equal(scene.program.ticks, 1);
  scene.now = 100;
  scene.program.progress_answer = 1;
  assert_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_string_equal(scene.program.error, "Callback aborted");
  assert_int_equal(scene.reason, VERDICT_REFUSED);
}

static void options_set_while_it_waits_end_it(void **unused) {
  (void)unused;
  variables("FAULTS=delay=2s");
  call_begins();
  fails();
  assert_waits_until(2000);
  set(CURLOPT_URL, "http://other/");
  assert_ends(CURLE_ABORTED_BY_CALLBACK);
}

static void the_timeout_goes_on_meanwhile(void **unused) {
  (void)unused;
  variables("FAULTS=delay=2s");
  set(CURLOPT_TIMEOUT_MS, 5000L);
  call_begins();
  fails();
  assert_retries_at(2000);
  assert_int_equal(options_number(&libcurl.options, CURLOPT_TIMEOUT_MS), 3000);
  fine_attempt();
  assert_ends(CURLE_OK);
}

static void a_timeout_ends_the_wait(void **unused) {
  static const char *const scopes[] = {"TIMEOUT_SCOPE=call",
                                       "TIMEOUT_SCOPE=attempt"};

  (void)unused;
  set(CURLOPT_TIMEOUT_MS, 1500L);
  for (size_t i = 0; i < COUNT(scopes); i++) {
    variables("FAULTS=delay=2s:first=1", scopes[i]);
    call_begins();
    fails();
    assert_retries_at(scene.now + 1500);
    assert_true(connects());
    request_goes_out();
    transfer_ends(CURLE_GOT_NOTHING);
    if (i) {
      assert_retries_at(scene.now + 1000);
      fine_attempt();
    }
    assert_ends(i ? CURLE_OK : CURLE_OPERATION_TIMEDOUT);
    if (!i)
      assert_string_equal(
          scene.program.error,
          "Operation timed out after 1500 milliseconds with 0 bytes received");
  }
}

static void breaks_after(const char *first, const char *second) {
  request_goes_out();
  response("HTTP/1.1 200 OK", "Content-Length: 10");
  body(first);
  assert_int_equal(libcurl_body(second, strlen(second)), 0);
  transfer_ends(CURLE_WRITE_ERROR);
}

static void a_body_breaks_after_so_many_bytes(void **unused) {
  static const struct {
    const char *setting;
    CURLcode code;
    const char *text;
  } rows[] = {
      {"FAULTS=reset@5", CURLE_RECV_ERROR,
       "Recv failure: Connection reset by peer"},
      {"FAULTS=partial@5", CURLE_PARTIAL_FILE,
       "transfer closed with 5 bytes remaining to read"},
      {"FAULTS=timeout@5", CURLE_OPERATION_TIMEDOUT,
       "Operation timed out after 0 milliseconds with 5 out of 10 bytes "
       "received"},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    variables(rows[i].setting, "MAX_RETRIES=0");
    call_begins();
    assert_false(is_led_astray());
    breaks_after("abc", "defg");
    assert_ends(rows[i].code);
    assert_got("<HTTP/1.1 200 OK><Content-Length: 10><>[abc][de]");
    assert_string_equal(scene.program.error, rows[i].text);
  }
}

static void a_body_that_ends_before_is_whole(void **unused) {
  (void)unused;
  variables("FAULTS=reset@4");
  call_begins();
  fine_attempt();
  assert_ends(CURLE_OK);
  assert_got(FINE);
}

static void a_broken_body_is_repeated(void **unused) {
  (void)unused;
  variables("FAULTS=reset@5:first=1");
  call_begins();
  breaks_after("abc", "defg");
  assert_retries_at(1000);
  fine_attempt();
  assert_ends(CURLE_OK);
  assert_got(FINE);
}

/* What the program pauses at comes again. */
static void a_pause_is_not_counted(void **unused) {
  (void)unused;
  variables("FAULTS=reset@5", "HOLD_BYTES=off", "MAX_RETRIES=0");
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK", "Content-Length: 10");
  scene.program.pauses_at = "abc";
  assert_int_equal(libcurl_body("abc", 3), CURL_WRITEFUNC_PAUSE);
  scene.program.pauses_at = NULL;
  meanwhile_pause(scene.call, CURLPAUSE_CONT);
  body("abc");
  assert_int_equal(libcurl_body("defg", 4), 0);
  transfer_ends(CURLE_WRITE_ERROR);
  assert_ends(CURLE_RECV_ERROR);
  assert_got("<HTTP/1.1 200 OK><Content-Length: 10><>[abc][de]");
}

static void options_of_the_program_come_back(void **unused) {
  static char data[3];

  (void)unused;
  variables("FAULTS=reset", "MAX_RETRIES=0");
  set(CURLOPT_OPENSOCKETFUNCTION, data);
  set(CURLOPT_OPENSOCKETDATA, data + 1);
  set(CURLOPT_SOCKOPTFUNCTION, data + 1);
  set(CURLOPT_CLOSESOCKETFUNCTION, data + 2);
  set(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2_0);
  set(CURLOPT_FRESH_CONNECT, 0L);
  call_begins();
  assert_ptr_not_equal(
      options_pointer(&libcurl.options, CURLOPT_OPENSOCKETFUNCTION), data);
  assert_null(options_pointer(&libcurl.options, CURLOPT_CLOSESOCKETFUNCTION));
  set(CURLOPT_SOCKOPTFUNCTION, data); /* meanwhile */
  assert_null(options_pointer(&libcurl.options, CURLOPT_SOCKOPTFUNCTION));
  assert_true(connects());
  request_goes_out();
  transfer_ends(CURLE_GOT_NOTHING);
  assert_ends(CURLE_RECV_ERROR);
  assert_given_back();
  assert_int_equal(scene.reason, VERDICT_EXHAUSTED); /* it wasn't asked */
}

static void an_abandoned_one_leaves_nothing(void **unused) {
  (void)unused;
  variables("FAULTS=503");
  call_begins();
  assert_true(connects());
  engine_abandon(scene.call);
  assert_given_back();
  variables("FAULTS=delay=5s");
  call_begins();
  fails();
  assert_waits_until(5000);
  engine_abandon(scene.call);
  assert_given_back();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(nothing_is_changed_without_faults),
      SCENE(a_class_is_its_code),
      SCENE(nothing_was_sent_then),
      SCENE(what_ends_after_the_request_was_sent),
      SCENE(ftp_counts_as_sent),
      SCENE(what_does_not_come_so_far_is_real),
      SCENE(the_program_s_refusal_counts_more),
      SCENE(the_first_attempt_waits),
      SCENE(each_attempt_waits),
      SCENE(a_failure_may_be_late),
      SCENE(the_program_is_asked_while_it_waits),
      SCENE(options_set_while_it_waits_end_it),
      SCENE(the_timeout_goes_on_meanwhile),
      SCENE(a_timeout_ends_the_wait),
      SCENE(a_body_breaks_after_so_many_bytes),
      SCENE(a_body_that_ends_before_is_whole),
      SCENE(a_broken_body_is_repeated),
      SCENE(a_pause_is_not_counted),
      SCENE(options_of_the_program_come_back),
      SCENE(an_abandoned_one_leaves_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
