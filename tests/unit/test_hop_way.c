/* test_hop_way.c - where a hop leads: to ftp and back from its replies,
 * through a proxy, by a redirect or a challenge that is met again. */
#include "hop_test.h"

#define CONNECTED "HTTP/1.1 200 Connection established\n\n"

/* A proxy's answer may have trailers. */
static void a_trailer_is_no_reply_of_ftp(void **unused) {
  (void)unused;
  begin_with(true, true);
  exchange("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n");
  hop_body(&hop);
  assert_int_equal(feed("X: y"), HOP_LINE);
  assert_false(hop.is_ftp);
  assert_int_equal(hop.status, 200);
  begin_with(true, true);
  exchange("HTTP/1.1 302 x\nLocation: ftp://h/\n\n");
  exchange(OK);
  assert_int_equal(feed("X: y"), HOP_LINE);
  assert_false(hop.is_ftp);
}

/* libcurl itself tells of the last reply, the one to QUIT. */
static void the_reply_to_quit_is_not_the_transfer_s(void **unused) {
  (void)unused;
  begin_with(true, true);
  feed("220-Welcome\n 999 in a text\n220 Ready");
  assert_int_equal(hop.reply, 220);
  assert_false(hop.has_begun);
  feed("150 Here it comes");
  assert_true(hop.has_begun);
  feed("450-Busy\n221 times\n450 Busy");
  assert_int_equal(hop.reply, 450);
  feed("221-Bye\n221 Bye");
  assert_int_equal(hop.reply, 450);
}

static void the_reply_to_abor_is_not_the_transfer_s(void **unused) {
  static const char *const replies[] = {"225 None", "226 Aborted"};

  (void)unused;
  for (size_t i = 0; i < COUNT(replies); i++) {
    begin_with(true, true);
    feed("220 Ready\n350 Offset\n425 No data");
    feed(replies[i]);
    assert_int_equal(hop.reply, 425);
  }
  begin_with(true, true);
  feed("220 Ready\n350 Offset\n150 Here it comes\n226 Done");
  assert_int_equal(hop.reply, 226);
}

static void a_tunnel_after_a_redirect_may_be_for_ftp(void **unused) {
  (void)unused;
  begin();
  exchange("HTTP/1.1 302 x\nLocation: ftp://h/\n\n");
  assert_int_equal(feed(CONNECTED), HOP_BLOCK_END);
  assert_true(hop.is_connect);
  assert_int_equal(hop.status_before, 302);
  assert_int_equal(feed("220 Welcome"), HOP_LINE);
  assert_true(hop.is_ftp);
  assert_int_equal(hop.reply, 220);
}

/* What tells two blocks on the way apart. */
static void a_block_is_known_by_where_it_leads(void **unused) {
  static const struct {
    const char *one, *other;
    bool is_same;
  } rows[] = {
      {"302 x\nLocation: /a\n\n", "302 y\nDate: 1\nLocation: /a\n\n", true},
      {"302 x\nLocation: /a\n\n", "302 x\nLocation: /b\n\n", false},
      {"302 x\nLocation: /a\n\n", "307 x\nLocation: /a\n\n", false},
      {"401 x\nWWW-Authenticate: Digest realm=\"a\", nonce=\"1\"\n\n",
       "401 x\nWWW-Authenticate: Digest realm=\"a\", nonce=\"2\"\n\n", true},
      {"401 x\nWWW-Authenticate: Digest nonce=\"1\", Realm=\"a\"\n\n",
       "401 x\nWWW-Authenticate: Digest nonce=\"2\", realm=\"b\"\n\n", false},
      {"401 x\nWWW-Authenticate: Digest realm=\"a\"\n\n",
       "401 x\nWWW-Authenticate: Basic realm=\"a\"\n\n", false},
      {"401 x\nWWW-Authenticate: NTLM\n\n",
       "401 x\nWWW-Authenticate: NTLM TlRMTVNTUAACAAAA\n\n", true},
      {"407 x\nProxy-Authenticate: Digest realm=\"a\"\n\n",
       "407 x\nProxy-Authenticate: Digest realm=\"b\"\n\n", false},
      {"401 x\nWWW-Authenticate:\n\n", "401 x\nWWW-Authenticate: \n\n", true},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    char block[200];
    uint64_t one;
    begin();
    snprintf(block, sizeof block, "HTTP/1.1 %s", rows[i].one);
    exchange(block);
    one = hop.identity;
    snprintf(block, sizeof block, "HTTP/1.1 %s", rows[i].other);
    exchange(block);
    if ((one == hop.identity) != rows[i].is_same)
      fail_msg("row %d", (int)i);
  }
}

/* The last challenge, which libcurl has no use for, isn't answered. */
static void challenges_that_were_answered_are_known(void **unused) {
  static const char server[] =
      "HTTP/1.1 401 x\nWWW-Authenticate: Digest nonce=\"1\"\n\n";
  static const char proxy[] =
      "HTTP/1.1 407 x\nProxy-Authenticate: digest nonce=\"1\"\n\n";

  (void)unused;
  begin();
  feed(proxy);
  assert_int_equal(hop_challenge(&hop), CHALLENGE_PROXY);
  assert_int_equal(hop.answered, CHALLENGE_NONE);
  feed(CONNECTED);
  assert_int_equal(hop_challenge(&hop), CHALLENGE_NONE);
  exchange(server);
  assert_int_equal(hop_challenge(&hop), CHALLENGE_SERVER);
  assert_int_equal(hop.answered, CHALLENGE_PROXY);
  hop_prerequest(&hop);
  assert_int_equal(hop_challenge(&hop), CHALLENGE_NONE);
  assert_int_equal(hop.answered, CHALLENGE_PROXY | CHALLENGE_SERVER);
  begin();
  exchange("HTTP/1.1 401 x\nWWW-Authenticate: Basic realm=\"a\"\n\n");
  assert_int_equal(hop_challenge(&hop), CHALLENGE_NONE);
  exchange("HTTP/1.1 403 x\nWWW-Authenticate: Digest nonce=\"1\"\n\n");
  assert_int_equal(hop_challenge(&hop), CHALLENGE_NONE);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_trailer_is_no_reply_of_ftp),
      cmocka_unit_test(the_reply_to_quit_is_not_the_transfer_s),
      cmocka_unit_test(the_reply_to_abor_is_not_the_transfer_s),
      cmocka_unit_test(a_tunnel_after_a_redirect_may_be_for_ftp),
      cmocka_unit_test(a_block_is_known_by_where_it_leads),
      cmocka_unit_test(challenges_that_were_answered_are_known),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
