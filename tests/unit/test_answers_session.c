/* test_answers_session.c - the TLS connection that a held event came by: for a
 * callback that asks when libcurl has parted from it. CURLINFO_TLS_SSL_PTR(3),
 * CURLINFO_ACTIVESOCKET(3). */
#include "exchange_test.h"

#include "program/answers.h"

/* What the libcurl at hand says; NULL: of no transfer. */
static struct {
  const struct curl_tlssessioninfo *ssl;
  const struct curl_tlssessioninfo *context;
  const char *scheme;
  curl_socket_t socket;
} says;

static int connection, context;
static const struct curl_tlssessioninfo open_ssl = {CURLSSLBACKEND_OPENSSL,
                                                    &connection};
static const struct curl_tlssessioninfo open_context = {CURLSSLBACKEND_OPENSSL,
                                                        &context};
static const struct curl_tlssessioninfo parted = {CURLSSLBACKEND_OPENSSL,
                                                  NULL};
static char libcurl; /* its handle */

static CURLcode fake_getinfo(CURL *curl, CURLINFO id, ...) {
  va_list list;
  void *answer;

  assert_ptr_equal(curl, &libcurl);
  va_start(list, id);
  answer = va_arg(list, void *);
  va_end(list);
  switch (id) {
  case CURLINFO_TLS_SSL_PTR:
    *(const struct curl_tlssessioninfo **)answer = says.ssl;
    break;
  case CURLINFO_TLS_SESSION:
    *(const struct curl_tlssessioninfo **)answer = says.context;
    break;
  case CURLINFO_SCHEME:
    *(const char **)answer = says.scheme;
    break;
  case CURLINFO_ACTIVESOCKET:
    *(curl_socket_t *)answer = says.socket;
    break;
  default:
    return CURLE_UNKNOWN_OPTION;
  }
  return CURLE_OK;
}

static const struct library library = {.easy_getinfo = fake_getinfo};
static const struct info_view view;
static struct answers answers;

/* An answer of https that is handed over when libcurl has left its connection,
 * which is in the handle's own pool. */
static int begin(void **unused) {
  (void)unused;
  answers = (struct answers){.view = &view};
  says.ssl = &open_ssl;
  says.context = &open_context;
  says.scheme = "HTTPS";
  says.socket = 7;
  answers_note_session(&answers, &library, &libcurl);
  says.ssl = says.context = &parted;
  return 0;
}

/* As entry_getinfo_row() asks: libcurl first. */
static CURLcode ask(CURLINFO id, bool is_alone, const void **internals) {
  const struct curl_tlssessioninfo *session = NULL;
  CURLcode code;

  assert_int_equal(fake_getinfo(&libcurl, id, &session), CURLE_OK);
  code = answers_session(&answers, &library, &libcurl, id, &session, is_alone);
  *internals = code || !session ? NULL : session->internals;
  if (!code && session)
    assert_int_equal(session->backend, CURLSSLBACKEND_OPENSSL);
  return code;
}

static void assert_says(CURLcode expected, const void *internals) {
  const void *found;

  assert_int_equal(ask(CURLINFO_TLS_SSL_PTR, true, &found), expected);
  assert_ptr_equal(found, internals);
}

static void a_kept_connection_is_the_answers(void **unused) {
  const void *found;

  (void)unused;
  assert_says(CURLE_OK, &connection);
  assert_int_equal(ask(CURLINFO_TLS_SESSION, true, &found), CURLE_OK);
  assert_ptr_equal(found, &context);
}

static void what_libcurl_still_knows_is_its_word(void **unused) {
  static int another;
  const struct curl_tlssessioninfo now = {CURLSSLBACKEND_OPENSSL, &another};

  (void)unused;
  says.ssl = &now;
  assert_says(CURLE_OK, &another);
  says.ssl = NULL;
  assert_says(CURLE_OK, NULL);
}

static void a_connection_that_may_be_gone_is_an_error(void **unused) {
  static struct info past;
  const void *found;

  (void)unused;
  says.socket = CURL_SOCKET_BAD;
  assert_says(CURLE_UNKNOWN_OPTION, NULL);
  says.socket = 7;
  assert_int_equal(ask(CURLINFO_TLS_SSL_PTR, false, &found),
                   CURLE_UNKNOWN_OPTION); /* another thread's share */
  answers.past = &past;
  assert_says(CURLE_UNKNOWN_OPTION, NULL);
}

/* Of an attempt before, or of a fault: there was none. */
static void https_that_none_is_known_of_is_an_error(void **unused) {
  (void)unused;
  answers_forget(&answers);
  answers.view = &view;
  assert_says(CURLE_UNKNOWN_OPTION, NULL);
  says.scheme = "http";
  assert_says(CURLE_OK, NULL);
  answers.is_disguised = true;
  assert_says(CURLE_UNKNOWN_OPTION, NULL);
}

static void without_tls_libcurl_is_right(void **unused) {
  (void)unused;
  answers_forget(&answers);
  answers.view = &view;
  says.scheme = NULL;
  assert_says(CURLE_OK, NULL);
  says.scheme = "";
  assert_says(CURLE_OK, NULL);
  says.ssl = NULL;
  answers_note_session(&answers, &library, &libcurl);
  assert_null(answers.tls[0]);
  assert_null(answers.tls[1]);
}

static void outside_of_a_delivery_libcurl_is_right(void **unused) {
  (void)unused;
  answers.view = NULL;
  assert_says(CURLE_OK, NULL);
}

#define TEST(test) cmocka_unit_test_setup(test, begin)

int main(void) {
  static const struct CMUnitTest all[] = {
      TEST(a_kept_connection_is_the_answers),
      TEST(what_libcurl_still_knows_is_its_word),
      TEST(a_connection_that_may_be_gone_is_an_error),
      TEST(https_that_none_is_known_of_is_an_error),
      TEST(without_tls_libcurl_is_right),
      TEST(outside_of_a_delivery_libcurl_is_right),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}
