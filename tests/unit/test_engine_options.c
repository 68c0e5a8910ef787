/* test_engine_options.c - what is set on the handle for an attempt, and that
 * outside a call nothing is changed, whatever the program sets meanwhile.
 * assert_ends() compares all of them. */
#include "scene.h"

#include "engine/options.h"

static const struct options *const now = &libcurl.options;

static void nothing(void) {}

/* --- which calls are taken over --------------------------------------------
 */

static void what_isnt_covered_is_left_alone(void **unused) {
  static const struct {
    const char *variable;
    CURLoption option;
    const void *word;
  } rows[] = {{"HOSTS=*", CURLOPT_URL, "smtp://host"},
              {"HOSTS=*", CURLOPT_URL, "imap.host/"},
              {"HOSTS=*", CURLOPT_URL, NULL},
              {"HOSTS=!host", CURLOPT_URL, "http://host/"},
              {"HOSTS=other", CURLOPT_URL, "http://user@HOST:80/"},
              {"HOSTS=*", CURLOPT_CONNECT_ONLY, (void *)1},
              {"HOSTS=*", CURLOPT_WILDCARDMATCH, (void *)1}};

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    scene_end(NULL);
    scene_begin(NULL);
    variables(rows[i].variable);
    set(rows[i].option, rows[i].word);
    assert_null(engine_begin(&scene.handle, &scene.policy, NULL));
    assert_null(call_of(&scene.handle));
    assert_given_back();
  }
}

static void without_a_policy_nothing_is(void **unused) {
  (void)unused;
  assert_null(engine_begin(&scene.handle, NULL, NULL));
  assert_given_back();
}

static void what_is_covered_is_taken_over(void **unused) {
  static const char *const urls[] = {
      "http://host", "HTTPS://host", "ftp://host",   "ftps://host",
      "sftp://host", "host/path",    "ftp.host/path"};

  (void)unused;
  for (size_t i = 0; i < COUNT(urls); i++) {
    set(CURLOPT_URL, urls[i]);
    call_begins();
    assert_ptr_equal(options_pointer(now, CURLOPT_WRITEDATA), scene.call);
    transfer_ends(CURLE_URL_MALFORMAT);
    assert_ends(CURLE_URL_MALFORMAT);
  }
}

/* --- what a retry changes --------------------------------------------------
 */

/* A reset, or a 503. */
static void attempt_fails(bool is_status) {
  if (is_status)
    busy_attempt();
  else
    transfer_ends(CURLE_RECV_ERROR);
}

static void retries_connect_anew_where_that_may_help(void **unused) {
  static const struct {
    const char *variable;
    bool is_status;
    long first, second; /* retry */
  } rows[] = {{"FRESH_CONNECT=auto", false, 1, 1},
              {"FRESH_CONNECT=auto", true, 0, 1},
              {"FRESH_CONNECT=always", true, 1, 1},
              {"FRESH_CONNECT=never", false, 0, 0}};

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    variables(rows[i].variable, "BUDGET=off");
    call_begins();
    assert_int_equal(options_number(now, CURLOPT_FRESH_CONNECT), 0);
    attempt_fails(rows[i].is_status);
    assert_retries_at(scene.now + 1000);
    assert_int_equal(options_number(now, CURLOPT_FRESH_CONNECT),
                     rows[i].first);
    assert_int_equal(options_number(now, CURLOPT_DNS_CACHE_TIMEOUT),
                     rows[i].first ? 0 : 60);
    attempt_fails(rows[i].is_status);
    assert_retries_at(scene.now + 2000);
    assert_int_equal(options_number(now, CURLOPT_FRESH_CONNECT),
                     rows[i].second);
    fine_attempt();
    assert_ends(CURLE_OK);
  }
}

static void the_programs_own_wishes_stay(void **unused) {
  (void)unused;
  variables("BUDGET=off", "FRESH_CONNECT=never");
  set(CURLOPT_FRESH_CONNECT, 1L);
  set(CURLOPT_DNS_CACHE_TIMEOUT, 5L);
  call_begins();
  transfer_ends(CURLE_RECV_ERROR);
  assert_retries_at(1000);
  assert_int_equal(options_number(now, CURLOPT_FRESH_CONNECT), 1);
  assert_int_equal(options_number(now, CURLOPT_DNS_CACHE_TIMEOUT), 5);
  fine_attempt();
  assert_ends(CURLE_OK);
}

static void addresses_are_shuffled_where_it_connects_anew(void **unused) {
  (void)unused;
  variables("BUDGET=off");
  for (int is_status = 0; is_status < 2; is_status++) {
    call_begins();
    attempt_fails(is_status);
    assert_retries_at(scene.now + 1000);
    assert_int_equal(options_number(now, CURLOPT_DNS_SHUFFLE_ADDRESSES),
                     !is_status);
    fine_attempt();
    assert_ends(CURLE_OK);
  }
}

/* A server that serves one at a time would let the retry wait. */
static void the_connection_that_is_left_is_closed_first(void **unused) {
  (void)unused;
  call_begins();
  for (int retry = 0; retry < 2; retry++) {
    request_goes_out();
    response("HTTP/1.1 503 Busy", "Content-Length: 0");
    assert_int_equal(options_number(now, CURLOPT_FORBID_REUSE), retry);
    transfer_ends(CURLE_OK);
    assert_retries_at(scene.now + (retry ? 2000 : 1000));
    assert_int_equal(options_number(now, CURLOPT_FORBID_REUSE), 0);
  }
  fine_attempt();
  assert_ends(CURLE_OK);
}

/* The program may have one descriptor, or one port, to give. */
static void what_the_program_gives_once_is_not_asked_for_twice(void **unused) {
  static const CURLoption options[] = {CURLOPT_OPENSOCKETFUNCTION,
                                       CURLOPT_LOCALPORT};

  (void)unused;
  variables("FRESH_CONNECT=always", "CLOSE_IDLE=1");
  for (size_t i = 0; i < COUNT(options); i++) {
    set(options[i], nothing);
    call_begins();
    busy_attempt();
    assert_retries_at(scene.now + 1000);
    assert_int_equal(options_number(now, CURLOPT_FRESH_CONNECT), 0);
    assert_int_equal(options_number(now, CURLOPT_FORBID_REUSE), 0);
    fine_attempt();
    assert_ends(CURLE_OK);
    set(options[i], NULL);
  }
}

/* RESOLVE's entries with a "+" lie in the cache that would be emptied. */
static void entries_of_resolve_are_not_forgotten(void **unused) {
  (void)unused;
  for (int i = 0; i < 2; i++) {
    set(CURLOPT_RESOLVE, i ? NULL : "a list");
    call_begins();
    transfer_ends(CURLE_RECV_ERROR);
    assert_retries_at(scene.now + 1000);
    assert_int_equal(options_number(now, CURLOPT_FRESH_CONNECT), 1);
    assert_int_equal(options_number(now, CURLOPT_DNS_CACHE_TIMEOUT), 60);
    fine_attempt();
    assert_ends(CURLE_OK);
  }
}

static void idle_connections_are_closed_on_request(void **unused) {
  (void)unused;
  variables("CLOSE_IDLE=1");
  call_begins();
  assert_int_equal(options_number(now, CURLOPT_FORBID_REUSE), 0);
  busy_attempt();
  assert_retries_at(1000);
  assert_int_equal(options_number(now, CURLOPT_FORBID_REUSE), 1);
  fine_attempt();
  assert_ends(CURLE_OK);
}

/* libcurl calls it at each perform. */
static void hsts_is_read_once(void **unused) {
  (void)unused;
  set(CURLOPT_HSTSREADFUNCTION, nothing);
  call_begins();
  assert_non_null(options_pointer(now, CURLOPT_HSTSREADFUNCTION));
  busy_attempt();
  assert_retries_at(1000);
  assert_null(options_pointer(now, CURLOPT_HSTSREADFUNCTION));
  fine_attempt();
  assert_ends(CURLE_OK);
}

static const struct curl_slist *sent_headers(void) {
  return options_pointer(now, CURLOPT_HTTPHEADER);
}

static void attempts_are_numbered_on_request(void **unused) {
  struct curl_slist own = {(char[]){"X: y"}, NULL};
  struct curl_slist other = {(char[]){"X: z"}, NULL};

  (void)unused;
  variables("ATTEMPT_HEADER=Attempt");
  set(CURLOPT_HTTPHEADER, &own);
  call_begins();
  assert_ptr_equal(sent_headers(), &own);
  busy_attempt();
  assert_retries_at(1000);
  assert_string_equal(sent_headers()->data, "Attempt: 2");
  assert_ptr_equal(sent_headers()->next, &own);
  set(CURLOPT_HTTPHEADER, &other); /* and the first may be freed */
  assert_string_equal(sent_headers()->data, "Attempt: 2");
  assert_ptr_equal(sent_headers()->next, &other);
  busy_attempt();
  assert_retries_at(3000);
  assert_string_equal(sent_headers()->data, "Attempt: 3");
  fine_attempt();
  assert_ends(CURLE_OK);
  assert_null(own.next);
  assert_null(other.next);
}

/* --- our clock beside the program's progress -------------------------------
 */

static void libcurls_own_meter_goes_on(void **unused) {
  (void)unused;
  set(CURLOPT_NOPROGRESS, 0L);
  call_begins();
  assert_true(options_has_meter(now));
  assert_int_equal(libcurl_progress(4, 4), CURL_PROGRESSFUNC_CONTINUE);
  busy_attempt();
  assert_retries_at(1000);
  fine_attempt();
  assert_true(options_has_meter(now));
  assert_ends(CURLE_OK);
}

/* Of the two callbacks the one that was set last says whether there is one: at
 * the end libcurl then draws a last newline. */
static void a_meter_beside_a_callback_goes_on(void **unused) {
  (void)unused;
  watch_progress();
  set(CURLOPT_PROGRESSFUNCTION, NULL);
  assert_true(options_has_meter(now));
  call_begins();
  assert_true(options_has_meter(now));
  assert_int_equal(libcurl_progress(4, 4), CURLE_OK);
  fine_attempt();
  assert_ends(CURLE_OK);
  assert_true(options_has_meter(now));
}

static void without_it_there_is_none(void **unused) {
  (void)unused;
  call_begins();
  assert_false(options_has_meter(now));
  busy_attempt();
  assert_false(options_has_meter(now));
  assert_retries_at(1000);
  fine_attempt();
  assert_ends(CURLE_OK);
}

static void it_is_off_until_it_is_needed(void **unused) {
  (void)unused;
  call_begins();
  request_goes_out();
  assert_int_equal(options_number(now, CURLOPT_NOPROGRESS), 1);
  assert_null(options_pointer(now, CURLOPT_XFERINFOFUNCTION));
  response("HTTP/1.1 204 No");
  assert_int_equal(options_number(now, CURLOPT_NOPROGRESS), 1);
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

/* --- other libcurls, other handles -----------------------------------------
 */

/* Before 7.80 there is no prerequest: what isn't proved unsent counts as
 * sent. */
static void an_old_libcurl_has_no_prerequest(void **unused) {
  static const struct {
    CURLcode code;
    bool is_repeated;
  } rows[] = {{CURLE_COULDNT_RESOLVE_HOST, true},
              {CURLE_COULDNT_CONNECT, true},
              {CURLE_RECV_ERROR, false}};

  (void)unused;
  libcurl.library.version = 0x074a00;
  set(CURLOPT_POSTFIELDS, "x=y");
  for (size_t i = 0; i < COUNT(rows); i++) {
    call_begins();
    assert_null(options_pointer(now, CURLOPT_PREREQFUNCTION));
    transfer_ends(rows[i].code);
    if (rows[i].is_repeated) {
      assert_retries_at(scene.now + 1000);
      fine_attempt();
    }
    assert_ends(rows[i].is_repeated ? CURLE_OK : rows[i].code);
  }
}

static void a_copy_made_meanwhile_gets_the_programs_values(void **unused) {
  CURLoption other;

  (void)unused;
  variables("ATTEMPT_HEADER=Attempt", "STALL_TIMEOUT=5s", "CLOSE_IDLE=1");
  watch_progress();
  set(CURLOPT_TIMEOUT, 100L);
  set(CURLOPT_HSTSREADFUNCTION, nothing);
  call_begins();
  busy_attempt();
  assert_waits_until(100);
  pass_time(1000);
  assert_performs();
  libcurl.options_of_copy = libcurl.options;
  options_give_back(scene.call, (CURL *)&libcurl.copy);
  other = options_difference(&libcurl.options_of_copy, &scene.program.options);
  if (other)
    fail_msg("option %d is not the program's", (int)other);
  fine_attempt();
  assert_ends(CURLE_OK);
}

/* A datagram holds less than the largest buffer. */
static void a_fault_is_sent_pieces_of_the_usual_size(void **unused) {
  static const long own[] = {16384, 2000000};

  (void)unused;
  variables("FAULTS=503:first=1");
  for (size_t i = 0; i < COUNT(own); i++) {
    set(CURLOPT_UPLOAD_BUFFERSIZE, own[i]);
    call_begins();
    assert_int_equal(options_number(now, CURLOPT_UPLOAD_BUFFERSIZE),
                     own[i] < 65536 ? own[i] : 65536);
    transfer_ends(CURLE_COULDNT_CONNECT);
    assert_int_equal(options_number(now, CURLOPT_UPLOAD_BUFFERSIZE), own[i]);
    assert_retries_at(scene.now + 1000);
    fine_attempt();
    assert_ends(CURLE_OK);
  }
}

/* It is none of the Unix socket's. */
static void a_fault_is_of_no_version_of_ip(void **unused) {
  (void)unused;
  variables("FAULTS=dns:first=1");
  set(CURLOPT_IPRESOLVE, (long)CURL_IPRESOLVE_V4);
  call_begins();
  assert_int_equal(options_number(now, CURLOPT_IPRESOLVE),
                   CURL_IPRESOLVE_WHATEVER);
  transfer_ends(CURLE_COULDNT_CONNECT);
  assert_int_equal(options_number(now, CURLOPT_IPRESOLVE), CURL_IPRESOLVE_V4);
  assert_retries_at(scene.now + 1000);
  fine_attempt();
  assert_ends(CURLE_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(what_isnt_covered_is_left_alone),
      SCENE(without_a_policy_nothing_is),
      SCENE(what_is_covered_is_taken_over),
      SCENE(retries_connect_anew_where_that_may_help),
      SCENE(the_programs_own_wishes_stay),
      SCENE(addresses_are_shuffled_where_it_connects_anew),
      SCENE(the_connection_that_is_left_is_closed_first),
      SCENE(what_the_program_gives_once_is_not_asked_for_twice),
      SCENE(entries_of_resolve_are_not_forgotten),
      SCENE(idle_connections_are_closed_on_request),
      SCENE(hsts_is_read_once),
      SCENE(attempts_are_numbered_on_request),
      SCENE(libcurls_own_meter_goes_on),
      SCENE(a_meter_beside_a_callback_goes_on),
      SCENE(without_it_there_is_none),
      SCENE(it_is_off_until_it_is_needed),
      SCENE(an_old_libcurl_has_no_prerequest),
      SCENE(a_copy_made_meanwhile_gets_the_programs_values),
      SCENE(a_fault_is_sent_pieces_of_the_usual_size),
      SCENE(a_fault_is_of_no_version_of_ip),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
