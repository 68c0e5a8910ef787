/* test_engine_answer.c - what libcurl says of an answer, where it needs to be
 * understood: lengths, Retry-After of a proxy, peers. */
#include "scene.h"

#include "engine/account.h"
#include "engine/connection.h"
#include "engine/facts.h"
#include "engine/retry_after.h"

static void leave_call(void) { engine_abandon(scene.call); }

/* FTP's ASCII type: SIZE counts other bytes than those that come. */
static void a_text_has_no_announced_length(void **unused) {
  (void)unused;
  set(CURLOPT_URL, "ftp://host/file;type=a");
  call_begins();
  libcurl_says(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, 10);
  assert_int_equal(facts_announced(scene.call), -1);
  libcurl_says_text(CURLINFO_EFFECTIVE_URL, "ftp://host/file;type=i");
  assert_int_equal(facts_announced(scene.call), 10);
  leave_call();
  set(CURLOPT_TRANSFERTEXT, 1L);
  call_begins();
  libcurl_says_text(CURLINFO_EFFECTIVE_URL, "ftp://host/file");
  assert_int_equal(facts_announced(scene.call), -1);
  leave_call();
}

/* Of the replies to CONNECT, or of the response; NULL: no more. */
static const char *const *retry_after;
static unsigned retry_after_origin = CURLH_CONNECT;

static CURLHcode fake_header(CURL *curl, const char *name, size_t index,
                             unsigned origin, int request,
                             struct curl_header **found) {
  static struct curl_header header;

  assert_ptr_equal(curl, &libcurl.handle);
  assert_string_equal(name, "Retry-After");
  assert_int_equal(origin, retry_after_origin);
  assert_int_equal(request, -1);
  header.amount = 0;
  while (retry_after[header.amount])
    header.amount++;
  if (index >= header.amount)
    return header.amount ? CURLHE_BADINDEX : CURLHE_MISSING;
  header.value = (char *)(uintptr_t)retry_after[index];
  *found = &header;
  return CURLHE_OK;
}

/* RFC 9110, 10.2.3: seconds, or a date, which here is a number too. */
static void a_proxys_retry_after_is_that_of_its_last_reply(void **unused) {
  static const struct {
    const char *values[3];
    int64_t ms;
  } rows[] = {
      {{NULL}, 0},
      {{"7"}, 7000},
      {{"7", "9"}, 9000},
      {{"9", "0"}, 0},
      {{"99999999999999999999"}, INT64_MAX / 1000 * 1000},
      {{"9999999999999999"}, INT64_MAX / 1000 * 1000},
      {{" 1007"}, 7000}, /* a date */
      {{" 900"}, 0},     /* a past one */
      {{"-1"}, 0},
  };

  (void)unused;
  call_begins();
  libcurl.library.easy_header = NULL;
  assert_int_equal(retry_after_ms(scene.call, true), 0);
  libcurl.library.easy_header = fake_header;
  for (size_t i = 0; i < COUNT(rows); i++) {
    retry_after = rows[i].values;
    if (retry_after_ms(scene.call, true) != rows[i].ms)
      fail_msg("row %zu: %lld ms", i,
               (long long)retry_after_ms(scene.call, true));
  }
  leave_call();
}

/* libcurl says what any answer on the way to the last one had. */
static void a_redirects_retry_after_is_not_the_answers(void **unused) {
  static const char *const none[] = {NULL}, *const some[] = {"7", NULL};

  (void)unused;
  call_begins();
  libcurl_says(CURLINFO_RETRY_AFTER, 7);
  libcurl.library.easy_header = NULL; /* before 7.84 */
  assert_int_equal(retry_after_ms(scene.call, false), 7000);
  libcurl.library.easy_header = fake_header;
  retry_after_origin = CURLH_HEADER;
  retry_after = some;
  assert_int_equal(retry_after_ms(scene.call, false), 7000);
  retry_after = none;
  assert_int_equal(retry_after_ms(scene.call, false), 0);
  retry_after_origin = CURLH_CONNECT;
  leave_call();
}

static void a_peer_has_its_port(void **unused) {
  static const char *const rows[][2] = {{"127.0.0.1", "127.0.0.1:80"},
                                        {"::1", "[::1]:80"},
                                        {"", ""},
                                        {NULL, ""}};
  char text[64];

  (void)unused;
  call_begins();
  libcurl_says(CURLINFO_PRIMARY_PORT, 80);
  for (size_t i = 0; i < COUNT(rows); i++) {
    libcurl_says_text(CURLINFO_PRIMARY_IP, rows[i][0]);
    connection_peer(scene.call, text, sizeof text);
    assert_string_equal(text, rows[i][1]);
  }
  leave_call();
}

/* Before libcurl knows, by what it was asked for (CURLOPT_HTTP_VERSION(3)). */
static void a_connection_that_may_be_shared_is_taken_for_it(void **unused) {
  static const struct {
    long asked;
    const char *scheme;
    bool is_shared;
  } rows[] = {
      {CURL_HTTP_VERSION_NONE, "http", false},
      {CURL_HTTP_VERSION_NONE, "https", true},
      {CURL_HTTP_VERSION_2TLS, "HTTPS", true},
      {CURL_HTTP_VERSION_1_0, "https", false},
      {CURL_HTTP_VERSION_1_1, "https", false},
      {CURL_HTTP_VERSION_2_0, "http", true},
      {CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE, "http", true},
      {CURL_HTTP_VERSION_3, "https", true},
  };

  (void)unused;
  scene.is_in_multi = true;
  for (size_t i = 0; i < COUNT(rows); i++) {
    set(CURLOPT_HTTP_VERSION, rows[i].asked);
    call_begins();
    scene.siblings.calls = 2;
    libcurl_says_text(CURLINFO_SCHEME, rows[i].scheme);
    libcurl_says(CURLINFO_HTTP_VERSION, 0);
    assert_int_equal(connection_is_multiplexed(scene.call), rows[i].is_shared);
    libcurl_says(CURLINFO_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    assert_false(connection_is_multiplexed(scene.call));
    libcurl_says(CURLINFO_HTTP_VERSION, CURL_HTTP_VERSION_2_0);
    assert_true(connection_is_multiplexed(scene.call));
    scene.siblings.calls = 1; /* with nobody */
    assert_false(connection_is_multiplexed(scene.call));
    leave_call();
  }
}

/* --- which calls are ours --------------------------------------------------
 */

static CURLUcode url_says = CURLUE_OK;

static CURLUcode fake_url_get(const CURLU *url, CURLUPart part, char **text,
                              unsigned flags) {
  (void)url, (void)part, (void)flags;
  if (!url_says)
    *text = copy_of("http://host/path", sizeof "http://host/path");
  return url_says;
}

static struct call *begun(void) {
  return engine_begin(&scene.handle, &scene.policy, NULL);
}

/* Old libcurls can't be asked for a URL handle's text, and it may have none.
 */
static void an_unknown_url_is_passed_through(void **unused) {
  static char url; /* a CURLU is never looked into */

  (void)unused;
  libcurl.library.free = free;
  set(CURLOPT_CURLU, &url);
  assert_null(begun());
  libcurl.library.url_get = fake_url_get;
  url_says = CURLUE_NO_HOST;
  assert_null(begun());
  url_says = CURLUE_OK;
  scene.call = begun();
  assert_non_null(scene.call);
  leave_call();
}

/* --- the proxy -------------------------------------------------------------
 */

/* Whether the failed attempt is told as the proxy's. */
static bool is_at_proxy(CURLcode code, const char *message) {
  struct attempt_event event;

  transfer_fails(code, message);
  account_take(scene.call, &event);
  if (!event.place.proxy[0])
    assert_false(event.place.at_proxy);
  return event.place.proxy[0] != 0;
}

static void begin_by_proxy(void) {
  set(CURLOPT_PROXY, "proxy.test:3128");
  call_begins();
}

/* From 8.7 on libcurl says, up to 8.9 not of what it never got through to;
 * else it is known by the port. */
static void an_attempt_went_by_the_proxy(void **unused) {
  static const struct {
    unsigned version;
    int64_t used; /* CURLINFO_USED_PROXY; -1: it is too old */
    const char *peer;
    CURLcode code;
    const char *message;
    bool is_proxys;
  } rows[] = {
      {0x080a00, 1, "192.0.2.1", CURLE_RECV_ERROR, "", true},
      {0x080a00, 0, "192.0.2.1", CURLE_RECV_ERROR, "", false},
      {0x080901, 1, NULL, CURLE_COULDNT_CONNECT, "", true},
      {0x080901, 0, NULL, CURLE_COULDNT_RESOLVE_PROXY, "", true},
      {0x080901, 0, NULL, CURLE_COULDNT_CONNECT, "Failed, port 3128 after",
       true},
      {0x080901, 0, NULL, CURLE_COULDNT_CONNECT, "Failed, port 80 after",
       false},
      {0x075801, -1, "192.0.2.1", CURLE_RECV_ERROR, "", true},
      {0x075801, -1, NULL, CURLE_COULDNT_RESOLVE_PROXY, "", true},
      {0x075801, -1, NULL, CURLE_COULDNT_RESOLVE_HOST, "", false},
      {0x075801, -1, NULL, CURLE_COULDNT_CONNECT, "Failed, port 3128 after",
       true},
      {0x075801, -1, NULL, CURLE_COULDNT_CONNECT, "Failed, port 80 after",
       false},
      {0x075801, -1, NULL, CURLE_COULDNT_CONNECT, "3128", false},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    begin_by_proxy();
    libcurl.library.version = rows[i].version;
    if (rows[i].used >= 0)
      libcurl_says(CURLINFO_USED_PROXY, rows[i].used);
    libcurl_says_text(CURLINFO_PRIMARY_IP, rows[i].peer);
    libcurl_says(CURLINFO_PRIMARY_PORT, rows[i].peer ? 3128 : 0);
    if (is_at_proxy(rows[i].code, rows[i].message) != rows[i].is_proxys)
      fail_msg("row %zu", i);
    leave_call();
  }
}

static void a_version_has_its_name(void **unused) {
  static const struct {
    long version;
    const char *name;
  } rows[] = {{0, NULL},
              {CURL_HTTP_VERSION_1_0, "1.0"},
              {CURL_HTTP_VERSION_1_1, "1.1"},
              {CURL_HTTP_VERSION_2_0, "2"},
              {CURL_HTTP_VERSION_3, "3"},
              {1000, NULL}};
  struct attempt_event event;

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    call_begins();
    libcurl_says(CURLINFO_HTTP_VERSION, rows[i].version);
    transfer_ends(CURLE_OK);
    account_take(scene.call, &event);
    if (rows[i].name)
      assert_string_equal(event.http_version, rows[i].name);
    else
      assert_null(event.http_version);
    leave_call();
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(a_text_has_no_announced_length),
      SCENE(a_proxys_retry_after_is_that_of_its_last_reply),
      SCENE(a_redirects_retry_after_is_not_the_answers),
      SCENE(a_peer_has_its_port),
      SCENE(a_connection_that_may_be_shared_is_taken_for_it),
      SCENE(an_unknown_url_is_passed_through),
      SCENE(an_attempt_went_by_the_proxy),
      SCENE(a_version_has_its_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
