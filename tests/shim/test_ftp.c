/* test_ftp.c - ftp, named, guessed, or led to by a redirect: what adds to a
 * file or is a command of its own is sent once; a 450 is retried whatever
 * follows it; who waits for a reply gets it. */
#define _GNU_SOURCE
#include "ftp.h"
#include "setup.h"

#include <stdlib.h>
#include <string.h>

static struct curl_slist *names; /* every host is here */
static struct curl_slist *commands;

static size_t give(char *buffer, size_t size, size_t count, void *data) {
  size_t *left = data;
  size_t length = *left < size * count ? *left : size * count;

  memset(buffer, 'x', length);
  *left -= length;
  return length;
}

static CURL *handle_at(const char *url) {
  CURL *curl = curl_easy_init();

  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_all);
  curl_easy_setopt(curl, CURLOPT_RESOLVE, names);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
  return curl;
}

static void start(unsigned failures, int *port) {
  char text[128];

  *port = ftp_start(failures);
  assert_true(*port);
  snprintf(text, sizeof text, "ftp.local.test:%d:127.0.0.1", *port);
  curl_slist_free_all(names);
  names = curl_slist_append(NULL, text);
}

/* --- the scheme is guessed ----------------------------------------------- */

static CURLcode append_to(const char *format, int port, const char *protocol) {
  size_t left = 10;
  char url[256];
  CURLcode code;
  CURL *curl;

  snprintf(url, sizeof url, format, port);
  curl = handle_at(url);
  curl_easy_setopt(curl, CURLOPT_DEFAULT_PROTOCOL, protocol);
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_APPEND, 1L);
  curl_easy_setopt(curl, CURLOPT_INFILESIZE, 10L);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
  curl_easy_setopt(curl, CURLOPT_READDATA, &left);
  code = curl_easy_perform(curl);
  curl_easy_cleanup(curl);
  return code;
}

static void append_to_a_guessed_ftp_is_sent_once(void **state) {
  static const struct {
    const char *url, *protocol;
  } rows[] = {
      {"ftp.local.test:%d/f", NULL},
      {"u:p@ftp.local.test:%d/f", NULL},
      {"u@ftp.local.test:%d/f", NULL},
      {"http:p@FTP.local.test:%d/f", NULL},
      {"u\\:p@ftp.local.test:%d/f?a@b", NULL},
      {"u:p@%%66tp.local.test:%d/f", NULL},
      {"u:p@127.0.0.1:%d/f", "ftp"},
      {"http:p@127.0.0.1:%d/f", "FTP"},
  };

  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    int port;
    CURLcode code;
    start(1, &port);
    code = append_to(rows[i].url, port, rows[i].protocol);
    if (code != CURLE_PARTIAL_FILE && code != CURLE_UPLOAD_FAILED)
      fail_msg("%s: %d", rows[i].url, (int)code);
    assert_int_equal(ftp_count("APPE"), 1);
    ftp_stop();
  }
}

/* --- a redirect leads there ---------------------------------------------- */

static CURL *redirected(const char *status, int port) {
  static int number;
  char plan[128], key[32];
  CURL *curl;

  snprintf(plan, sizeof plan,
           "%s:loc=ftp%%3A%%2F%%2Fftp.local.test%%3A%d%%2Ff", status, port);
  snprintf(key, sizeof key, "ftp%d", ++number);
  curl = handle_at(url_of(key, plan).text);
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  return curl;
}

static void command_after_a_redirect_to_ftp_is_sent_once(void **state) {
  static const CURLoption options[] = {CURLOPT_QUOTE, CURLOPT_PREQUOTE,
                                       CURLOPT_POSTQUOTE};

  (void)state;
  commands = curl_slist_append(NULL, "SITE COUNT");
  for (size_t i = 0; i < COUNT(options); i++) {
    int port;
    CURL *curl;
    start(1, &port);
    curl = redirected("302", port);
    curl_easy_setopt(curl, options[i], commands);
    assert_int_not_equal(curl_easy_perform(curl), CURLE_OK);
    assert_int_equal(ftp_count("RETR"), 1);
    assert_true(ftp_count("SITE") <= 1);
    curl_easy_cleanup(curl);
    ftp_stop();
  }
  curl_slist_free_all(commands);
}

static void append_after_a_redirect_to_ftp_is_sent_once(void **state) {
  size_t left = 10;
  int port;
  CURL *curl;

  (void)state;
  start(1, &port);
  curl = redirected("307", port);
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_APPEND, 1L);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
  curl_easy_setopt(curl, CURLOPT_READDATA, &left);
  assert_int_not_equal(curl_easy_perform(curl), CURLE_OK);
  assert_int_equal(ftp_count("APPE"), 1);
  curl_easy_cleanup(curl);
  ftp_stop();
}

static void get_after_a_redirect_to_ftp_is_retried(void **state) {
  int port;
  CURL *curl;

  (void)state;
  start(1, &port);
  curl = redirected("302", port);
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  assert_int_equal(ftp_count("RETR"), 2);
  curl_easy_cleanup(curl);
  ftp_stop();
}

static size_t refuse_location(char *bytes, size_t size, size_t count,
                              void *data) {
  (void)data;
  return strncasecmp(bytes, "location:", 9) != 0 ? size * count : 0;
}

/* libcurl logs in before it tells of the request. */
static void refused_redirect_to_ftp_sends_no_password(void **state) {
  int port;
  CURL *curl;

  (void)state;
  start(0, &port);
  curl = redirected("302", port);
  curl_easy_setopt(curl, CURLOPT_USERPWD, "user:secret");
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, refuse_location);
  assert_int_equal(curl_easy_perform(curl), CURLE_WRITE_ERROR);
  assert_int_equal(ftp_count("USER"), 0);
  assert_int_equal(ftp_count("PASS"), 0);
  curl_easy_cleanup(curl);
  ftp_stop();
}

/* --- through a proxy ----------------------------------------------------- */

static void set_proxy(CURL *curl) {
  struct url url = url_of("x", "x");

  url.text[strcspn(url.text + 7, "/") + 7] = 0;
  curl_easy_setopt(curl, CURLOPT_PROXY, url.text);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "");
}

static void plan_tunnels(void) {
  struct url url = url_of("x", "x");
  CURL *curl;

  strcpy(url.text + strcspn(url.text + 7, "/") + 7, "/_plan/connect");
  curl = handle_at(url.text);
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "PUT");
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "pass");
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  curl_easy_cleanup(curl);
}

static void
command_after_a_redirect_through_a_tunnel_is_sent_once(void **state) {
  int port;
  CURL *curl;

  (void)state;
  plan_tunnels();
  commands = curl_slist_append(NULL, "SITE COUNT");
  start(1, &port);
  curl = redirected("302", port);
  set_proxy(curl);
  curl_easy_setopt(curl, CURLOPT_HTTPPROXYTUNNEL, 1L);
  curl_easy_setopt(curl, CURLOPT_QUOTE, commands);
  assert_int_not_equal(curl_easy_perform(curl), CURLE_OK);
  assert_int_equal(ftp_count("RETR"), 1);
  assert_int_equal(ftp_count("SITE"), 1);
  curl_easy_cleanup(curl);
  curl_slist_free_all(commands);
  ftp_stop();
}

static size_t collect(char *bytes, size_t size, size_t count, void *data) {
  char *text = data;
  size_t used = strlen(text);

  snprintf(text + used, 4096 - used, "%.*s", (int)(size * count), bytes);
  return size * count;
}

/* The proxy speaks HTTP: no command is sent, and there are blocks, trailers.
 */
static void ftp_through_a_proxy_is_http(void **state) {
  struct url url = url_of("proxied", "503:chunked:trailer=X~y,200:body=text:"
                                     "chunked:trailer=X~y");
  char text[4096] = "", other[1100];
  CURL *curl;

  (void)state;
  commands = curl_slist_append(NULL, "SITE COUNT");
  snprintf(other, sizeof other, "ftp%s", url.text + 4);
  curl = handle_at(other);
  set_proxy(curl);
  /* the server knows no ftp:// */
  curl_easy_setopt(curl, CURLOPT_REQUEST_TARGET, url.text);
  curl_easy_setopt(curl, CURLOPT_QUOTE, commands);
  curl_easy_setopt(curl, CURLOPT_HEADER, 1L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, text);
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  assert_int_equal(server_count("proxied"), 2);
  assert_int_equal(strncmp(text, "HTTP/1.1 200", 12), 0);
  assert_null(strstr(text, "503"));
  assert_non_null(strstr(text, "\r\n\r\ntext"));
  curl_easy_cleanup(curl);
  curl_slist_free_all(commands);
}

/* --- the reply that counts ----------------------------------------------- */

static void busy_is_retried_whatever_quit_is_answered(void **state) {
  static const CURLoption options[] = {CURLOPT_FORBID_REUSE,
                                       CURLOPT_FRESH_CONNECT};

  (void)state;
  for (size_t i = 0; i < COUNT(options); i++) {
    char url[64];
    int port;
    CURL *curl;
    start(2, &port);
    snprintf(url, sizeof url, "ftp://127.0.0.1:%d/f", port);
    curl = handle_at(url);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(curl, options[i], 1L);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    assert_int_equal(ftp_count("RETR"), 3);
    curl_easy_cleanup(curl);
    ftp_stop();
  }
}

/* --- an upload that waits for a reply ------------------------------------ */

struct waiter {
  CURL *curl;
  const char *reply;
  bool has_seen;
  unsigned greetings;
  size_t left;
};

static size_t watch(char *bytes, size_t size, size_t count, void *data) {
  struct waiter *waiter = data;

  waiter->greetings += !strncmp(bytes, "220 ", 4);
  if (!strncmp(bytes, waiter->reply, 4) && !waiter->has_seen) {
    waiter->has_seen = true;
    curl_easy_pause(waiter->curl, CURLPAUSE_CONT);
  }
  return size * count;
}

static size_t wait_for_reply(char *buffer, size_t size, size_t count,
                             void *data) {
  struct waiter *waiter = data;

  return waiter->has_seen ? give(buffer, size, count, &waiter->left)
                          : CURL_READFUNC_PAUSE;
}

static void upload_that_waits_for_a_reply_gets_it_once(void **state) {
  struct waiter waiter = {.reply = "150 ", .left = 10};
  char url[64];
  int port;

  (void)state;
  start(1, &port);
  snprintf(url, sizeof url, "ftp://127.0.0.1:%d/f", port);
  waiter.curl = handle_at(url);
  curl_easy_setopt(waiter.curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(waiter.curl, CURLOPT_READFUNCTION, wait_for_reply);
  curl_easy_setopt(waiter.curl, CURLOPT_READDATA, &waiter);
  curl_easy_setopt(waiter.curl, CURLOPT_HEADERFUNCTION, watch);
  curl_easy_setopt(waiter.curl, CURLOPT_HEADERDATA, &waiter);
  curl_easy_setopt(waiter.curl, CURLOPT_FORBID_REUSE, 1L);
  assert_int_equal(curl_easy_perform(waiter.curl), CURLE_OK);
  assert_true(waiter.has_seen);
  assert_int_equal(waiter.greetings, 1);
  assert_int_equal(ftp_count("STOR"), 2);
  assert_int_equal(ftp_count("FILE 10"), 2);
  curl_easy_cleanup(waiter.curl);
  ftp_stop();
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(append_to_a_guessed_ftp_is_sent_once),
      cmocka_unit_test(command_after_a_redirect_to_ftp_is_sent_once),
      cmocka_unit_test(append_after_a_redirect_to_ftp_is_sent_once),
      cmocka_unit_test(get_after_a_redirect_to_ftp_is_retried),
      cmocka_unit_test(refused_redirect_to_ftp_sends_no_password),
      cmocka_unit_test(command_after_a_redirect_through_a_tunnel_is_sent_once),
      cmocka_unit_test(ftp_through_a_proxy_is_http),
      cmocka_unit_test(busy_is_retried_whatever_quit_is_answered),
      cmocka_unit_test(upload_that_waits_for_a_reply_gets_it_once),
  };
  int failed = cmocka_run_group_tests(all, NULL, NULL);

  curl_slist_free_all(names);
  return failed;
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms", NULL};
  static const struct setup setup = {policy, tests, NULL};

  return setup_main(argc, argv, &setup);
}
