/* test_hop_final.c - whether an answer is the last, by what libcurl may still
 * do with it, and what body it announces. */
#include "hop_test.h"

#define GZIP "Content-Encoding: gzip\n"
#define ROUNDS (CURLAUTH_BASIC | CURLAUTH_DIGEST)
#define BOTH (CURLAUTH_BASIC | CURLAUTH_BEARER)

struct finality {
  const char *block;
  enum request_kind request;
  unsigned long http_auth, proxy_auth;
  bool follows;
  bool is_final;
};

static void check_finality(const struct finality *rows, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const struct finality *row = &rows[i];
    begin();
    shadow.request = row->request;
    shadow.http_auth = row->http_auth ? row->http_auth : CURLAUTH_BASIC;
    shadow.proxy_auth = row->proxy_auth ? row->proxy_auth : CURLAUTH_BASIC;
    shadow.follows_location = row->follows;
    exchange(row->block);
    if (is_final() != row->is_final)
      fail_msg("row %d: %s", (int)i, row->block);
    hop_body(&hop);
    assert_true(is_final());
  }
}

static void an_odd_status_is_final(void **unused) {
  static const struct finality rows[] = {
      {"HTTP/1.1 99 x\n\n", REQUEST_GET, 0, 0, true, true},
      {"HTTP/1.1 x\n\n", REQUEST_GET, 0, 0, true, true},
      {"HTTP/1.1 999 x\n\n", REQUEST_GET, 0, 0, true, true},
  };

  (void)unused;
  check_finality(rows, COUNT(rows));
}

static void a_redirect_is_final_when_it_is_not_followed(void **unused) {
  static const struct finality rows[] = {
      {"HTTP/1.1 302 x\nLocation: /\n\n", REQUEST_GET, 0, 0, true, false},
      {"HTTP/1.1 300 x\nLocation: /\n\n", REQUEST_GET, 0, 0, true, false},
      {"HTTP/1.1 399 x\nLocation: /\n\n", REQUEST_GET, 0, 0, true, false},
      {"HTTP/1.1 302 x\nLocation: /\n\n", REQUEST_PUT, 0, 0, true, false},
      {"HTTP/1.1 302 x\nLocation: /\n\n", REQUEST_GET, 0, 0, false, true},
      {"HTTP/1.1 302 x\nLocation:\n\n", REQUEST_GET, 0, 0, true, true},
      {"HTTP/1.1 302 x\nLocation: /\nLocation:\n\n", REQUEST_GET, 0, 0, true,
       false},
      {"HTTP/1.1 302 x\n\n", REQUEST_GET, 0, 0, true, true},
      {"HTTP/1.1 304 x\n\n", REQUEST_GET, 0, 0, true, true},
      {"HTTP/1.1 299 x\nLocation: /\n\n", REQUEST_GET, 0, 0, true, true},
      {"HTTP/1.1 400 x\nLocation: /\n\n", REQUEST_GET, 0, 0, true, true},
      {"HTTP/1.1 201 x\nLocation: /\n\n", REQUEST_POST, 0, 0, true, true},
      /* whatever a login may still do with it */
      {"HTTP/1.1 302 x\n\n", REQUEST_PUT, ROUNDS, ROUNDS, true, true},
  };

  (void)unused;
  check_finality(rows, COUNT(rows));
}

static void a_challenge_is_final_when_no_round_follows(void **unused) {
  static const struct finality rows[] = {
      {"HTTP/1.1 401 x\n\n", REQUEST_GET, 0, 0, false, true},
      {"HTTP/1.1 401 x\n\n", REQUEST_GET, CURLAUTH_BEARER, 0, false, true},
      {"HTTP/1.1 401 x\n\n", REQUEST_GET, CURLAUTH_DIGEST, 0, false, false},
      {"HTTP/1.1 401 x\n\n", REQUEST_GET, CURLAUTH_NTLM, 0, false, false},
      {"HTTP/1.1 401 x\n\n", REQUEST_PUT, CURLAUTH_ANY, 0, false, false},
      {"HTTP/1.1 401 x\n\n", REQUEST_GET, ROUNDS, 0, false, false},
      {"HTTP/1.1 401 x\n\n", REQUEST_GET, 0, ROUNDS, false, true},
      {"HTTP/1.1 407 x\n\n", REQUEST_GET, 0, 0, false, true},
      {"HTTP/1.1 407 x\n\n", REQUEST_GET, 0, ROUNDS, false, false},
      {"HTTP/1.1 407 x\n\n", REQUEST_GET, ROUNDS, 0, false, true},
      {"HTTP/1.1 403 x\n\n", REQUEST_GET, ROUNDS, ROUNDS, false, true},
      /* of several, and of the only one of ONLY, none is sent at first */
      {"HTTP/1.1 401 x\n\n", REQUEST_GET, BOTH, 0, false, false},
      {"HTTP/1.1 401 x\n\n", REQUEST_PUT, BOTH, 0, false, false},
      {"HTTP/1.1 401 x\n\n", REQUEST_PUT, CURLAUTH_ANYSAFE, 0, false, false},
      {"HTTP/1.1 407 x\n\n", REQUEST_PUT, 0, BOTH, false, false},
      {"HTTP/1.1 401 x\n\n", REQUEST_GET, CURLAUTH_BASIC | CURLAUTH_ONLY, 0,
       false, false},
      {"HTTP/1.1 401 x\n\n", REQUEST_PUT, CURLAUTH_NEGOTIATE, 0, false, false},
  };

  (void)unused;
  check_finality(rows, COUNT(rows));
}

/* libcurl repeats the request without Expect. */
static void a_failed_expectation_is_final_where_none_was(void **unused) {
  static const struct finality rows[] = {
      {"HTTP/1.1 417 x\n\n", REQUEST_GET, 0, 0, false, true},
      {"HTTP/1.1 417 x\n\n", REQUEST_HEAD, 0, 0, false, true},
      {"HTTP/1.1 417 x\n\n", REQUEST_POST, 0, 0, false, false},
      {"HTTP/1.1 417 x\n\n", REQUEST_FORM, 0, 0, false, false},
      {"HTTP/1.1 417 x\n\n", REQUEST_PUT, 0, 0, false, false},
      {"HTTP/1.1 416 x\n\n", REQUEST_PUT, 0, 0, false, true},
  };

  (void)unused;
  check_finality(rows, COUNT(rows));
}

/* Digest and NTLM send no body at first: after a 2xx, with a body or not,
 * libcurl goes on (Curl_http_auth_act). */
static void an_upload_may_begin_with_an_empty_round(void **unused) {
  static const struct finality rows[] = {
      {"HTTP/1.1 204 x\n\n", REQUEST_PUT, ROUNDS, 0, false, false},
      {"HTTP/1.1 204 x\n\n", REQUEST_PUT, 0, ROUNDS, false, false},
      {"HTTP/1.1 204 x\n\n", REQUEST_POST, CURLAUTH_NTLM, 0, false, false},
      {"HTTP/1.1 204 x\n\n", REQUEST_FORM, ROUNDS, 0, false, false},
      {"HTTP/1.1 200 x\nContent-Length: 0\n\n", REQUEST_PUT, ROUNDS, 0, false,
       false},
      {"HTTP/1.1 200 x\nContent-Length: 9\n\n", REQUEST_PUT, ROUNDS, 0, false,
       false},
      {OK, REQUEST_POST, CURLAUTH_NEGOTIATE, 0, false, false},
      {OK, REQUEST_FORM, 0, CURLAUTH_NTLM, false, false},
      {OK, REQUEST_PUT, BOTH, BOTH, false, true},
      {OK, REQUEST_PUT, CURLAUTH_BASIC | CURLAUTH_ONLY, 0, false, true},
      {"HTTP/1.1 503 x\nContent-Length: 0\n\n", REQUEST_PUT, ROUNDS, 0, false,
       true},
      {"HTTP/1.1 204 x\n\n", REQUEST_PUT, 0, 0, false, true},
      {"HTTP/1.1 204 x\n\n", REQUEST_PUT, CURLAUTH_BEARER, 0, false, true},
      {"HTTP/1.1 204 x\n\n", REQUEST_GET, ROUNDS, ROUNDS, false, true},
      {"HTTP/1.1 200 x\n\n", REQUEST_HEAD, ROUNDS, ROUNDS, false, true},
  };

  (void)unused;
  check_finality(rows, COUNT(rows));
}

static void some_answers_have_no_body(void **unused) {
  static const struct {
    const char *block;
    enum request_kind request;
    bool ignores_length;
    bool has_no_body;
  } rows[] = {
      {OK, REQUEST_GET, false, false},
      {OK, REQUEST_HEAD, false, true},
      {OK, REQUEST_PUT, false, false},
      {"HTTP/1.1 200 x\nContent-Length: 5\n\n", REQUEST_HEAD, false, true},
      {"HTTP/1.1 204 x\nContent-Length: 5\n\n", REQUEST_GET, false, true},
      {"HTTP/1.1 304 x\nContent-Length: 5\n\n", REQUEST_GET, true, true},
      {"HTTP/1.1 205 x\n\n", REQUEST_GET, false, false},
      {"HTTP/1.1 200 x\nContent-Length: 0\n\n", REQUEST_GET, false, true},
      {"HTTP/1.1 200 x\nContent-Length: 1\n\n", REQUEST_GET, false, false},
      {"HTTP/1.1 200 x\nContent-Length: x\n\n", REQUEST_GET, false, false},
      {"HTTP/1.1 200 x\nContent-Length: 0\n\n", REQUEST_GET, true, false},
      {"HTTP/1.1 200 x\nContent-Length: 0\nTransfer-Encoding: chunked\n\n",
       REQUEST_GET, false, false},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    begin();
    shadow.request = rows[i].request;
    shadow.ignores_length = rows[i].ignores_length;
    exchange(rows[i].block);
    if (hop_has_no_body(&hop, &shadow) != rows[i].has_no_body)
      fail_msg("row %d: %s", (int)i, rows[i].block);
  }
}

static void a_length_is_that_of_what_is_written(void **unused) {
  static const struct {
    const char *fields;
    bool asks, keeps, ignores;
    int64_t length;
  } rows[] = {
      {"", false, false, false, -1},
      {"Content-Length: 5\n", false, false, false, 5},
      {"Content-Length: 0\n", false, false, false, 0},
      {"Content-Length: 5\n", true, false, false, 5},
      {"Content-Length: 5\n", false, false, true, -1},
      {"Content-Length: 5\nTransfer-Encoding: chunked\n", false, false, false,
       -1},
      {"Content-Length: 5\n" GZIP, false, false, false, 5},
      {"Content-Length: 5\n" GZIP, true, false, false, -1},
      {"Content-Length: 5\n" GZIP, true, true, false, 5},
      {"Content-Length: 5\n" GZIP, false, true, false, 5},
      {"Content-Length: 5\nContent-Encoding: Identity\n", true, false, false,
       5},
      {"Content-Length: 5\nContent-Encoding:\n", true, false, false, 5},
      {"Content-Length:\n", false, false, false, -1},
      {"Content-Length: -5\n", false, false, false, -1},
      {"Content-Length: +5\n", false, false, false, -1},
      {"Content-Length: 5x\n", false, false, false, 5},
      {"Content-Length: 9223372036854775799\n", false, false, false,
       INT64_MAX - 8},
      {"Content-Length: 9223372036854775800\n", false, false, false, -1},
      {"Content-Length: 99999999999999999999\n", false, false, false, -1},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    char block[200];
    begin();
    shadow.asks_encoding = rows[i].asks;
    shadow.keeps_encoding = rows[i].keeps;
    shadow.ignores_length = rows[i].ignores;
    snprintf(block, sizeof block, "HTTP/1.1 200 OK\n%s\n", rows[i].fields);
    exchange(block);
    if (hop_announced(&hop, &shadow) != rows[i].length)
      fail_msg("row %d: %s", (int)i, rows[i].fields);
  }
}

static void streams_are_known_by_media_type(void **unused) {
  static const struct {
    const char *type;
    bool is_stream;
  } rows[] = {
      {"text/event-stream", true},
      {"Text/Event-Stream; charset=utf-8", true},
      {"multipart/x-mixed-replace; boundary=x", true},
      {"application/grpc", true},
      {"application/grpc+proto", true},
      {"text/event-strea", false},
      {"text/plain", false},
      {"multipart/byteranges", false},
      {"application/json", false},
      {"", false},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    char block[100];
    begin();
    snprintf(block, sizeof block, "HTTP/1.1 200 OK\nContent-Type: %s\n\n",
             rows[i].type);
    exchange(block);
    assert_int_equal(hop.is_stream, rows[i].is_stream);
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_odd_status_is_final),
      cmocka_unit_test(a_redirect_is_final_when_it_is_not_followed),
      cmocka_unit_test(a_challenge_is_final_when_no_round_follows),
      cmocka_unit_test(a_failed_expectation_is_final_where_none_was),
      cmocka_unit_test(an_upload_may_begin_with_an_empty_round),
      cmocka_unit_test(some_answers_have_no_body),
      cmocka_unit_test(a_length_is_that_of_what_is_written),
      cmocka_unit_test(streams_are_known_by_media_type),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
