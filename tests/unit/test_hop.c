/* test_hop.c - which request of an attempt is answered: prerequests, interim
 * responses, CONNECT, redirects, FTP, and what begins a block. */
#include "hop_test.h"

#define CONNECTED "HTTP/1.1 200 Connection established\n\n"
#define MOVED "HTTP/1.1 302 Found\nLocation: /x\n\n"

static void an_attempt_has_sent_nothing_before_a_prerequest(void **unused) {
  (void)unused;
  begin();
  assert_false(hop.was_sent || hop.has_header || is_final());
  assert_int_equal(hop.state, HOP_CONNECTING);
  assert_int_equal(hop.length, -1);
  feed(CONNECTED);
  assert_false(hop.was_sent);
  assert_true(hop.has_header);
  hop_prerequest(&hop);
  assert_true(hop.was_sent);
  assert_int_equal(hop.state, HOP_WAITING);
  assert_int_equal(hop.status, 0);
  assert_false(is_final());
}

static void a_block_has_a_first_line_fields_and_an_end(void **unused) {
  (void)unused;
  begin();
  hop_prerequest(&hop);
  assert_int_equal(feed("HTTP/1.1 404 Not Found"), HOP_FIRST_LINE);
  assert_int_equal(field.name, FIELD_OTHER);
  assert_int_equal(hop.status, 404);
  assert_int_equal(feed("ETag: \"x\""), HOP_LINE);
  assert_int_equal(field.name, FIELD_ETAG);
  assert_int_equal(field.length, 3);
  assert_int_equal(feed("X: 1"), HOP_LINE);
  assert_int_equal(field.name, FIELD_OTHER);
  assert_int_equal(feed("HTTP/1.1 200 OK"), HOP_LINE);
  assert_int_equal(hop.status, 404);
  assert_int_equal(hop.state, HOP_IN_BLOCK);
  assert_false(is_final());
  assert_int_equal(hop_line(&hop, "\n", 0, &field), HOP_LINE);
  assert_int_equal(hop.state, HOP_IN_BLOCK);
  assert_int_equal(feed("\n"), HOP_BLOCK_END);
  assert_int_equal(hop.state, HOP_AFTER_BLOCK);
  assert_true(is_final());
}

static void a_line_may_end_otherwise(void **unused) {
  (void)unused;
  begin();
  hop_prerequest(&hop);
  assert_int_equal(feed_line("HTTP/1.0 200 OK\n", 16), HOP_FIRST_LINE);
  assert_int_equal(feed_line("Content-Length: 15", 18), HOP_LINE);
  assert_int_equal(hop.length, 15);
  assert_int_equal(feed_line("\n", 1), HOP_BLOCK_END);
  assert_true(is_final());
}

static void interim_responses_are_no_answer(void **unused) {
  static const char *const blocks[] = {
      "HTTP/1.1 100 Continue\n\n",
      "HTTP/1.1 102 Processing\n\n",
      "HTTP/1.1 103 Early Hints\nLocation: /x\n\n",
      "HTTP/2 199 \n\n",
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(blocks); i++) {
    begin();
    exchange(blocks[i]);
    assert_int_equal(hop.state, HOP_WAITING);
    assert_false(is_final());
    assert_int_equal(feed(blocks[i]), HOP_BLOCK_END);
    assert_int_equal(hop.state, HOP_WAITING);
    feed(OK);
    assert_int_equal(hop.status, 200);
    assert_false(hop.is_connect || hop.has_location);
    assert_true(is_final());
  }
}

static void another_protocol_is_an_answer_but_not_h2c(void **unused) {
  (void)unused;
  begin();
  exchange("HTTP/1.1 101 Switching\nUpgrade: websocket\n\n");
  assert_int_equal(hop.state, HOP_AFTER_BLOCK);
  assert_true(is_final());
  begin();
  exchange("HTTP/1.1 101 Switching\n\n");
  assert_true(is_final());
  begin();
  exchange("HTTP/1.1 101 Switching\nUpgrade: H2C\n\n");
  assert_int_equal(hop.state, HOP_WAITING);
  assert_false(is_final());
  feed("HTTP/2 200 \n\n");
  assert_false(hop.is_connect || hop.is_h2c);
  assert_true(is_final());
}

static void replies_to_connect_are_no_answer(void **unused) {
  static const char *const replies[] = {CONNECTED, "HTTP/1.1 407 Who?\n\n",
                                        "HTTP/1.1 503 No\n\n",
                                        "HTTP/1.1 100 Continue\n\n"};

  (void)unused;
  for (size_t i = 0; i < COUNT(replies); i++) {
    begin();
    assert_int_equal(feed(replies[i]), HOP_BLOCK_END);
    assert_true(hop.is_connect);
    assert_int_equal(hop.state, HOP_CONNECTING);
    assert_false(is_final());
    assert_int_equal(feed(CONNECTED), HOP_BLOCK_END);
    assert_true(hop.is_connect);
    assert_false(is_final());
    hop_prerequest(&hop);
    assert_false(hop.is_connect);
    feed(OK);
    assert_false(hop.is_connect);
    assert_true(is_final());
    /* and for a redirect to another host */
    assert_int_equal(feed(CONNECTED), HOP_BLOCK_END);
    assert_true(hop.is_connect);
    assert_false(is_final());
    hop_body(&hop); /* libcurl shows none of a proxy's */
    assert_false(is_final());
    exchange(OK);
    assert_true(is_final());
  }
}

static void each_hop_of_a_chain_is_answered(void **unused) {
  (void)unused;
  begin();
  shadow.follows_location = true;
  for (int i = 0; i < 3; i++) {
    exchange(MOVED);
    assert_int_equal(hop.status, 302);
    assert_int_equal(hop.state, HOP_AFTER_BLOCK);
    assert_false(is_final());
    hop_prerequest(&hop);
    assert_int_equal(hop.status, 0);
    assert_int_equal(hop.state, HOP_WAITING);
  }
  assert_int_equal(feed(OK), HOP_BLOCK_END);
  assert_true(is_final());
  assert_true(hop.was_sent);
}

static void a_block_forgets_the_one_before(void **unused) {
  (void)unused;
  begin();
  exchange("HTTP/1.1 401 Who?\nContent-Length: 5\n"
           "Transfer-Encoding: chunked\nContent-Encoding: gzip\n"
           "Content-Type: text/event-stream\nUpgrade: h2c\nLocation: /x\n\n");
  assert_int_equal(hop.length, 5);
  assert_true(hop.is_chunked && hop.is_encoded && hop.is_stream);
  assert_true(hop.is_h2c && hop.has_location);
  hop_body(&hop);
  assert_true(hop.is_shown_final);
  hop_prerequest(&hop);
  assert_false(hop.is_shown_final);
  feed(OK);
  assert_int_equal(hop.length, -1);
  assert_false(hop.is_chunked || hop.is_encoded || hop.is_stream);
  assert_false(hop.is_h2c || hop.has_location || hop.is_shown_final);
}

/* libcurl < 7.80: what isn't seen counts as sent, no block as CONNECT's. */
static void without_prerequests_each_block_is_an_answer(void **unused) {
  (void)unused;
  begin_with(false, false);
  shadow.follows_location = true;
  assert_int_equal(hop.state, HOP_WAITING);
  assert_false(hop.was_sent);
  feed("HTTP/1.1 100 Continue\n\n");
  assert_int_equal(hop.state, HOP_WAITING);
  feed(MOVED);
  assert_false(hop.is_connect || is_final());
  hop_body(&hop); /* of a redirect it is not shown, but it may be */
  assert_true(is_final());
  assert_int_equal(feed("HTTP/1.1 302 Found"), HOP_FIRST_LINE);
  assert_int_equal(feed("Location: /y\n\n"), HOP_BLOCK_END);
  assert_false(hop.is_connect || is_final());
  feed(OK);
  assert_false(hop.is_connect);
  assert_true(is_final());
}

static void trailers_change_nothing(void **unused) {
  struct hop before;

  (void)unused;
  begin();
  exchange("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n");
  hop_body(&hop);
  before = hop;
  assert_int_equal(feed("Content-Length: 9"), HOP_LINE);
  assert_int_equal(field.name, FIELD_OTHER);
  assert_int_equal(feed("\n"), HOP_LINE);
  assert_memory_equal(&hop, &before, sizeof hop);
}

static void a_body_may_come_without_a_block(void **unused) {
  (void)unused;
  begin();
  hop_prerequest(&hop);
  hop_body(&hop);
  assert_int_equal(hop.state, HOP_AFTER_BLOCK);
  assert_int_equal(hop.status, 0);
  assert_false(hop.has_header);
  assert_true(is_final());
  assert_int_equal(hop_announced(&hop, &shadow), -1);
  assert_false(hop_has_no_body(&hop, &shadow));
}

static void replies_of_ftp_are_no_blocks(void **unused) {
  (void)unused;
  begin_with(true, true);
  assert_int_equal(feed("220 Welcome"), HOP_LINE);
  assert_true(hop.is_ftp && hop.has_header);
  hop_prerequest(&hop);
  assert_int_equal(feed("150 Here it comes"), HOP_LINE);
  assert_int_equal(feed("Content-Length: 5"), HOP_LINE);
  assert_int_equal(field.name, FIELD_OTHER);
  assert_int_equal(feed("HTTP/1.1 404 as a joke"), HOP_LINE);
  assert_int_equal(feed("\n"), HOP_LINE);
  assert_int_equal(hop.status, 0);
  assert_false(is_final());
  shadow.request = REQUEST_HEAD;
  assert_false(hop_has_no_body(&hop, &shadow));
  shadow.request = REQUEST_GET;
  hop_body(&hop);
  assert_true(is_final());
  assert_false(hop_has_no_body(&hop, &shadow));
}

/* An HTTP proxy answers for it, or makes a tunnel. */
static void ftp_behind_a_proxy_has_blocks(void **unused) {
  (void)unused;
  begin_with(true, true);
  exchange("HTTP/1.1 200 OK\nContent-Length: 5\n\n");
  assert_false(hop.is_ftp);
  assert_int_equal(hop_announced(&hop, &shadow), 5);
  assert_true(is_final());
  begin_with(true, true);
  assert_int_equal(feed(CONNECTED), HOP_BLOCK_END);
  assert_true(hop.is_connect);
  assert_false(hop.is_ftp);
  assert_int_equal(feed("220 Welcome"), HOP_LINE);
  assert_true(hop.is_ftp);
}

static void without_an_ftp_url_a_line_is_a_block(void **unused) {
  (void)unused;
  begin();
  hop_prerequest(&hop);
  assert_int_equal(feed("220 Welcome"), HOP_FIRST_LINE);
  assert_false(hop.is_ftp);
}

static void a_status_is_a_number_of_three_digits(void **unused) {
  static const struct {
    const char *line;
    int status;
  } rows[] = {
      {"HTTP/1.1 200 OK", 200},
      {"HTTP/1.1 200", 200},
      {"HTTP/1.0 404 Not Found", 404},
      {"HTTP/2 204 ", 204},
      {"HTTP/3 503", 503},
      {"http/1.1 500 x", 500},
      {"HTTP/1.1   404 x", 404},
      {"HTTP/1.1 404x", 404},
      {"HTTP/1.1 999", 999},
      {"HTTP/1.1 1", 1},
      {"HTTP/1.1 1000", 0},
      {"HTTP/1.1 000", 0},
      {"HTTP/1.1 ", 0},
      {"HTTP/1.1", 0},
      {"HTTP/1.1 x", 0},
      {"HTTP/1.1 -200", 0},
      {"HTTP/1.1\t200", 0},
      {"HTTP/1.1 4294967496", 0},
      {"HTTP/1.1 18446744073709551816", 0},
      /* HTTP200ALIASES */
      {"ICY 200 OK", 200},
      {"ICY 404", 200},
      {"HTTP 404", 200},
      {"HTTQ/1.1 404", 200},
      {"HTUP/1.1 404", 200},
      {"HXTP/1.1 404", 200},
      {"XTTP/1.1 404", 200},
      {"x", 200},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    begin();
    hop_prerequest(&hop);
    assert_int_equal(feed(rows[i].line), HOP_FIRST_LINE);
    if (hop.status != rows[i].status)
      fail_msg("\"%s\" is %d", rows[i].line, hop.status);
  }
  begin();
  hop_prerequest(&hop);
  feed_line("HTTP/", 5);
  assert_int_equal(hop.status, 200);
  begin();
  hop_prerequest(&hop);
  feed_line("HTTP/1.1 ", 9);
  assert_int_equal(hop.status, 0);
}

/* libcurl never does it: no first line, and no answer. */
static void an_empty_line_begins_no_block(void **unused) {
  (void)unused;
  begin();
  hop_prerequest(&hop);
  assert_int_equal(hop_line(&hop, "", 0, &field), HOP_LINE);
  assert_int_equal(hop.state, HOP_WAITING);
  assert_int_equal(feed("HTTP/1.1 200 OK"), HOP_FIRST_LINE);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_attempt_has_sent_nothing_before_a_prerequest),
      cmocka_unit_test(a_block_has_a_first_line_fields_and_an_end),
      cmocka_unit_test(a_line_may_end_otherwise),
      cmocka_unit_test(interim_responses_are_no_answer),
      cmocka_unit_test(another_protocol_is_an_answer_but_not_h2c),
      cmocka_unit_test(replies_to_connect_are_no_answer),
      cmocka_unit_test(each_hop_of_a_chain_is_answered),
      cmocka_unit_test(a_block_forgets_the_one_before),
      cmocka_unit_test(without_prerequests_each_block_is_an_answer),
      cmocka_unit_test(trailers_change_nothing),
      cmocka_unit_test(a_body_may_come_without_a_block),
      cmocka_unit_test(replies_of_ftp_are_no_blocks),
      cmocka_unit_test(ftp_behind_a_proxy_has_blocks),
      cmocka_unit_test(without_an_ftp_url_a_line_is_a_block),
      cmocka_unit_test(a_status_is_a_number_of_three_digits),
      cmocka_unit_test(an_empty_line_begins_no_block),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
