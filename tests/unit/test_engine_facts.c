/* test_engine_facts.c - what the policy is told about an attempt. */
#include "scene.h"

#include "engine/facts.h"

static struct outcome facts(CURLcode code) {
  struct outcome outcome;

  facts_collect(scene.call, code, &outcome);
  return outcome;
}

static void leave_call(void) { engine_abandon(scene.call); }

/* --- the request -----------------------------------------------------------
 */

static void header_fields_say_whether_it_may_be_repeated(void **unused) {
  static const struct {
    char line[32];
    bool is_key, is_precondition;
  } rows[] = {{"Idempotency-Key: 1", true, false},
              {"idempotency-KEY:1", true, false},
              {"X-Idempotency-Key:\t1", true, false},
              {"Idempotency-Key:", false, false}, /* it is taken off */
              {"Idempotency-Key: ", false, false},
              {"Idempotency-Keys: 1", false, false},
              {"Idempotency-Key;", false, false},
              {"If-Match: \"1\"", false, true},
              {"If-None-Match: *", false, true},
              {"If-Unmodified-Since: 1", false, true},
              {"If-Modified-Since: 1", false, false},
              {"If-Range: \"1\"", false, false}};

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    char line[32];
    struct curl_slist last = {line, NULL};
    struct curl_slist first = {(char[]){"X: y"}, &last};
    struct outcome outcome;
    memcpy(line, rows[i].line, sizeof line);
    set(CURLOPT_HTTPHEADER, &first);
    call_begins();
    outcome = facts(CURLE_RECV_ERROR);
    if (outcome.has_idempotency_key != rows[i].is_key ||
        outcome.has_precondition != rows[i].is_precondition)
      fail_msg("%s: key %d, precondition %d", rows[i].line,
               outcome.has_idempotency_key, outcome.has_precondition);
    leave_call();
  }
}

static void a_time_condition_is_a_precondition(void **unused) {
  (void)unused;
  set(CURLOPT_TIMECONDITION, (long)CURL_TIMECOND_IFUNMODSINCE);
  call_begins();
  assert_true(facts(CURLE_RECV_ERROR).has_precondition);
  set(CURLOPT_TIMECONDITION, (long)CURL_TIMECOND_IFMODSINCE);
  assert_false(facts(CURLE_RECV_ERROR).has_precondition);
  leave_call();
}

/* Those of ftp; http ignores them, or they are the method. */
static void commands_beside_the_transfer_are_told_of(void **unused) {
  static const CURLoption options[] = {CURLOPT_QUOTE, CURLOPT_PREQUOTE,
                                       CURLOPT_POSTQUOTE,
                                       CURLOPT_CUSTOMREQUEST, CURLOPT_APPEND};

  (void)unused;
  for (size_t i = 0; i < COUNT(options); i++)
    for (int is_ftp = 0; is_ftp < 2; is_ftp++) {
      set(CURLOPT_URL, is_ftp ? "ftp://host/file" : "http://host/file");
      set(options[i], "DELE file");
      call_begins();
      assert_int_equal(facts(CURLE_RECV_ERROR).has_side_commands, is_ftp);
      set(options[i], NULL);
      assert_false(facts(CURLE_RECV_ERROR).has_side_commands);
      leave_call();
    }
}

/* A redirect may lead to ftp; a proxy that speaks HTTP is all of ftp:// that
 * libcurl sees. Before it is connected the URL says which it is. */
static void commands_are_those_of_the_hops_protocol(void **unused) {
  static const struct {
    const char *url, *scheme;
    bool has_commands;
  } rows[] = {{"http://host/", "http", false}, {"http://host/", "ftp", true},
              {"http://host/", "ftps", true},  {"https://host/", "sftp", true},
              {"http://host/", "FTP", true}, /* libcurl before 8.0 */
              {"ftp://host/", "ftp", true},    {"ftp://host/", "http", false},
              {"ftp://host/", "https", false}, {"ftp://host/", NULL, true},
              {"http://host/", NULL, false}};

  (void)unused;
  set(CURLOPT_APPEND, 1L);
  for (size_t i = 0; i < COUNT(rows); i++) {
    set(CURLOPT_URL, rows[i].url);
    call_begins();
    libcurl_says_text(CURLINFO_SCHEME, rows[i].scheme);
    if (facts(CURLE_RECV_ERROR).has_side_commands != rows[i].has_commands)
      fail_msg("%s, %s", rows[i].url, rows[i].scheme ? rows[i].scheme : "-");
    leave_call();
  }
}

/* Also when libcurl says by now what came after its replies. */
static void replies_of_ftp_say_that_it_was_spoken(void **unused) {
  (void)unused;
  set(CURLOPT_APPEND, 1L);
  set(CURLOPT_FOLLOWLOCATION, 1L);
  call_begins();
  request_goes_out();
  response("HTTP/1.1 302 There", "Location: ftp://host/file");
  assert_false(facts(CURLE_RECV_ERROR).has_side_commands);
  libcurl_says_text(CURLINFO_SCHEME, "ftp");
  (void)libcurl_header("220 hello");
  libcurl_says_text(CURLINFO_SCHEME, NULL);
  assert_true(facts(CURLE_RECV_ERROR).has_side_commands);
  leave_call();
}

/* APPE, or a file that is opened to append. */
static void an_upload_that_is_continued_is_one_of_them(void **unused) {
  (void)unused;
  set(CURLOPT_URL, "sftp://host/file");
  set(CURLOPT_RESUME_FROM, 5L);
  call_begins();
  assert_false(facts(CURLE_RECV_ERROR).has_side_commands);
  leave_call();
  upload("01234");
  call_begins();
  assert_true(facts(CURLE_RECV_ERROR).has_side_commands);
  leave_call();
}

static void the_programs_own_means_are_told_of(void **unused) {
  (void)unused;
  call_begins();
  assert_false(facts(CURLE_RECV_ERROR).has_own_socket);
  assert_false(facts(CURLE_RECV_ERROR).has_own_port);
  assert_true(facts(CURLE_RECV_ERROR).can_rewind);
  set(CURLOPT_OPENSOCKETFUNCTION, facts);
  set(CURLOPT_LOCALPORT, 5000L);
  set(CURLOPT_TRAILERFUNCTION, facts);
  assert_true(facts(CURLE_RECV_ERROR).has_own_port);
  assert_false(facts(CURLE_COULDNT_RESOLVE_HOST).has_own_socket);
  request_goes_out();
  assert_true(facts(CURLE_RECV_ERROR).has_own_socket);
  assert_true(facts(CURLE_RECV_ERROR).can_rewind); /* it has no trailers */
  leave_call();
  upload("01234");
  call_begins();
  request_goes_out();
  assert_false(facts(CURLE_RECV_ERROR).can_rewind);
  leave_call();
}

/* --- the answer ------------------------------------------------------------
 */

/* A 401 that libcurl acted on isn't what a refused connection means. */
static void only_a_final_status_is_one(void **unused) {
  static const struct {
    const char *line, *field;
    CURLcode code;
    int status;
  } rows[] = {{"HTTP/1.1 503 Busy", "X: y", CURLE_RECV_ERROR, 503},
              {"HTTP/1.1 200 OK", "X: y", CURLE_PARTIAL_FILE, 200},
              {"HTTP/1.1 401 Who", "X: y", CURLE_COULDNT_CONNECT, 0},
              {"HTTP/1.1 401 Who", "X: y", CURLE_OK, 401},
              {"HTTP/1.1 302 There", "Location: /", CURLE_COULDNT_CONNECT, 0},
              {"HTTP/1.1 302 There", "X: y", CURLE_RECV_ERROR, 302},
              {"HTTP/1.1 100 Go on", "X: y", CURLE_RECV_ERROR, 0}};

  (void)unused;
  set(CURLOPT_HTTPAUTH, CURLAUTH_DIGEST);
  set(CURLOPT_FOLLOWLOCATION, 1L);
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct outcome outcome;
    call_begins();
    request_goes_out();
    response(rows[i].line, rows[i].field);
    outcome = facts(rows[i].code);
    if (outcome.status != rows[i].status)
      fail_msg("%s, %d: %d", rows[i].line, (int)rows[i].code, outcome.status);
    assert_false(outcome.is_ftp);
    assert_true(outcome.has_header);
    leave_call();
  }
}

/* With FAILONERROR. Up to 7.74 no line of the block is handed over: the last
 * ones are another block's. */
static void a_status_that_ends_the_transfer_is_libcurls(void **unused) {
  static const char *const lines[] = {
      "HTTP/1.1 503 Busy", "HTTP/1.1 302 There",
      "HTTP/1.1 200 Connection established", NULL};

  (void)unused;
  for (size_t i = 0; i < COUNT(lines); i++) {
    call_begins();
    request_goes_out();
    if (lines[i])
      response(lines[i], "Location: /");
    libcurl_says(CURLINFO_RESPONSE_CODE, 503);
    assert_int_equal(facts(CURLE_HTTP_RETURNED_ERROR).status, 503);
    leave_call();
  }
}

static void the_reply_of_ftp_is_libcurls_last(void **unused) {
  struct outcome outcome;

  (void)unused;
  set(CURLOPT_URL, "ftp://host/file");
  call_begins();
  (void)libcurl_header("220 hello");
  request_goes_out();
  (void)libcurl_header("421 too many");
  libcurl_says(CURLINFO_RESPONSE_CODE, 421);
  outcome = facts(CURLE_OPERATION_TIMEDOUT);
  assert_true(outcome.is_ftp);
  assert_int_equal(outcome.status, 421);
  leave_call();
}

static void the_proxys_answers_are_its_own(void **unused) {
  struct outcome outcome;

  (void)unused;
  call_begins();
  response("HTTP/1.1 503 Busy");
  libcurl_says(CURLINFO_HTTP_CONNECTCODE, 503);
  libcurl_says(CURLINFO_PROXY_ERROR, CURLPX_REPLY_HOST_UNREACHABLE);
  outcome = facts(CURLE_RECV_ERROR);
  assert_int_equal(outcome.status, 0);
  assert_int_equal(outcome.connect_status, 503);
  assert_int_equal(outcome.proxy_error, 0);
  assert_int_equal(facts(CURLE_PROXY).proxy_error,
                   CURLPX_REPLY_HOST_UNREACHABLE);
  leave_call();
}

/* --- the connection --------------------------------------------------------
 */

static void what_was_sent_is_known_from_the_prerequest(void **unused) {
  (void)unused;
  call_begins();
  assert_true(facts(CURLE_RECV_ERROR).nothing_sent);
  request_goes_out();
  assert_false(facts(CURLE_COULDNT_CONNECT).nothing_sent);
  leave_call();
}

static void and_without_it_from_the_code(void **unused) {
  (void)unused;
  libcurl.library.version = 0x074f01;
  call_begins();
  assert_true(facts(CURLE_COULDNT_RESOLVE_PROXY).nothing_sent);
  assert_true(facts(CURLE_COULDNT_RESOLVE_HOST).nothing_sent);
  assert_true(facts(CURLE_COULDNT_CONNECT).nothing_sent);
  assert_false(facts(CURLE_SSL_CONNECT_ERROR).nothing_sent);
  assert_false(facts(CURLE_RECV_ERROR).nothing_sent);
  libcurl_says(CURLINFO_HTTP_CONNECTCODE, 502);
  assert_false(facts(CURLE_COULDNT_CONNECT).nothing_sent);
  leave_call();
}

static void connects_are_asked_for_after_a_failure(void **unused) {
  (void)unused;
  call_begins();
  libcurl_says(CURLINFO_NUM_CONNECTS, 0);
  assert_int_equal(facts(CURLE_OK).connects, 1);
  assert_int_equal(facts(CURLE_RECV_ERROR).connects, 0);
  leave_call();
}

/* It came as 6 before 8.18. */
static void a_refused_name_is_a_refusal(void **unused) {
  static const struct {
    unsigned version;
    CURLcode code;
    bool was_refused;
  } rows[] = {{0x075801, CURLE_COULDNT_RESOLVE_HOST, true},
              {0x0811ff, CURLE_COULDNT_RESOLVE_PROXY, true},
              {0x081200, CURLE_COULDNT_RESOLVE_HOST, false},
              {0x075801, CURLE_COULDNT_CONNECT, false}};

  (void)unused;
  call_begins();
  assert_false(facts(CURLE_COULDNT_RESOLVE_HOST).was_refused);
  set(CURLOPT_RESOLVER_START_FUNCTION, facts);
  for (size_t i = 0; i < COUNT(rows); i++) {
    libcurl.library.version = rows[i].version;
    assert_int_equal(facts(rows[i].code).was_refused, rows[i].was_refused);
  }
  leave_call();
}

/* libcurl says 0 (7.88, 8.22); the empty line never came. */
static void headers_that_break_off_are_no_success(void **unused) {
  (void)unused;
  call_begins();
  request_goes_out();
  (void)libcurl_header("HTTP/1.1 200 OK");
  (void)libcurl_header("Content-Length: 4");
  assert_int_equal(facts(CURLE_OK).code, CURLE_PARTIAL_FILE);
  assert_int_equal(facts(CURLE_RECV_ERROR).code, CURLE_RECV_ERROR);
  assert_false(facts_has_succeeded(scene.call));
  transfer_ends(CURLE_OK);
  assert_retries_at(1000);
  leave_call();
}

static void headers_that_break_off_after_a_503_are_a_503(void **unused) {
  int status;

  (void)unused;
  call_begins();
  request_goes_out();
  (void)libcurl_header("HTTP/1.1 503 Busy");
  assert_int_equal(facts_class(scene.call, &status), CLASS_STATUS);
  assert_int_equal(status, 503);
  leave_call();
}

/* libcurl keeps the status of a challenge that it went on from. */
static void an_answered_challenge_refuses_no_tunnel(void **unused) {
  static const struct {
    long status;
    const char *text;
    int says;
  } rows[] = {
      {407, "Recv failure: Connection reset by peer", 0},
      {407, "CONNECT tunnel failed, response 407", 407},
      {407, "Received HTTP code 407 from proxy after CONNECT", 407},
      {407, "", 407}, /* there is nothing to tell by */
      {407, NULL, 407},
      {503, "Recv failure: Connection reset by peer", 503},
      {200, "Recv failure: Connection reset by peer", 200},
      {0, "Proxy CONNECT aborted", 0},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++)
    assert_int_equal(facts_connect_status(rows[i].status, rows[i].text),
                     rows[i].says);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(header_fields_say_whether_it_may_be_repeated),
      SCENE(a_time_condition_is_a_precondition),
      SCENE(headers_that_break_off_are_no_success),
      SCENE(headers_that_break_off_after_a_503_are_a_503),
      SCENE(commands_beside_the_transfer_are_told_of),
      SCENE(commands_are_those_of_the_hops_protocol),
      SCENE(replies_of_ftp_say_that_it_was_spoken),
      SCENE(an_upload_that_is_continued_is_one_of_them),
      SCENE(the_programs_own_means_are_told_of),
      SCENE(only_a_final_status_is_one),
      SCENE(a_status_that_ends_the_transfer_is_libcurls),
      SCENE(the_reply_of_ftp_is_libcurls_last),
      SCENE(the_proxys_answers_are_its_own),
      SCENE(what_was_sent_is_known_from_the_prerequest),
      SCENE(and_without_it_from_the_code),
      SCENE(connects_are_asked_for_after_a_failure),
      SCENE(a_refused_name_is_a_refusal),
      SCENE(an_answered_challenge_refuses_no_tunnel),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
