/* test_engine_first.c - what METHODS is told of a call's first request. */
#include "scene.h"

#include "engine/facts.h"

static struct outcome facts(CURLcode code) {
  struct outcome outcome;

  facts_collect(scene.call, code, &outcome);
  return outcome;
}

static void leave_call(void) { engine_abandon(scene.call); }

static void content_type_says_whether_git_reads(void **unused) {
#define GIT "application/x-git-upload-pack-request"
  static const struct {
    char first[64], last[64];
    bool is_read;
  } rows[] = {
      {"X: y", "Content-Type: " GIT, true},
      {"content-type:APPLICATION/X-Git-Upload-Pack-Request", "X: y", true},
      {"X: y", "Content-Type: " GIT " ;x=y", true},
      {"X: y", "Content-Type: " GIT "s", false},
      {"X: y", "Content-Type: application/x-git-receive-pack-request", false},
      {"X: y", "Content-Type: text/plain; " GIT, false},
      {"X: y", "Accept: " GIT, false},
      {"X: y", "Content-Type:", false},
      {"Content-Type:", "Content-Type: " GIT, true},
      {"Content-Type: " GIT, "Content-Type: text/plain", false},
      {"Content-Type: text/plain", "Content-Type: " GIT, false},
  };
#undef GIT

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    char lines[2][64];
    struct curl_slist last = {lines[1], NULL};
    struct curl_slist first = {lines[0], &last};
    memcpy(lines[0], rows[i].first, sizeof lines[0]);
    memcpy(lines[1], rows[i].last, sizeof lines[1]);
    set(CURLOPT_HTTPHEADER, &first);
    call_begins();
    if (facts(CURLE_RECV_ERROR).is_git_read != rows[i].is_read)
      fail_msg("%s, %s", rows[i].first, rows[i].last);
    leave_call();
  }
}

/* What libcurl says after a redirect is where it led. */
static void url_and_method_are_those_of_the_first_request(void **unused) {
  struct outcome outcome;

  (void)unused;
  set(CURLOPT_POSTFIELDS, "body");
  call_begins();
  libcurl_says_text(CURLINFO_EFFECTIVE_METHOD, "POST");
  request_goes_out();
  outcome = facts(CURLE_OK);
  assert_string_equal(outcome.url, "http://host/path");
  assert_false(outcome.has_other_method);
  libcurl_says(CURLINFO_REDIRECT_COUNT, 1);
  libcurl_says_text(CURLINFO_EFFECTIVE_URL, "http://other/");
  outcome = facts(CURLE_OK);
  assert_string_equal(outcome.url, "http://host/path");
  assert_string_equal(outcome.method, "POST");
  assert_false(outcome.has_other_method); /* 307 */
  libcurl_says_text(CURLINFO_EFFECTIVE_METHOD, "GET");
  assert_true(facts(CURLE_OK).has_other_method); /* 303 */
  libcurl_says_text(CURLINFO_EFFECTIVE_METHOD, NULL);
  assert_true(facts(CURLE_OK).has_other_method); /* before 7.72 */
  leave_call();
}

static CURLUcode say_url(const CURLU *handle, CURLUPart part, char **text,
                         unsigned flags) {
  static char url[] = "http://first/";

  (void)handle;
  (void)part;
  (void)flags;
  *text = url;
  return CURLUE_OK;
}

static void forget(void *text) { (void)text; }

static void a_url_of_libcurls_own_is_known_until_a_redirect(void **unused) {
  char handle;

  (void)unused;
  libcurl.library.url_get = say_url;
  libcurl.library.free = forget;
  set(CURLOPT_CURLU, &handle);
  call_begins();
  libcurl_says_text(CURLINFO_EFFECTIVE_URL, "http://first/");
  assert_string_equal(facts(CURLE_OK).url, "http://first/");
  libcurl_says(CURLINFO_REDIRECT_COUNT, 1);
  assert_null(facts(CURLE_OK).url);
  leave_call();
}

static void repetition_inside_a_transfer_follows_no_status(void **unused) {
  static const struct {
    const char *setting;
    bool is_allowed;
  } rows[] = {{"METHODS=GET", true},
              {"METHODS=GET:5xx", false},
              {"METHODS=GET@http://host/*", true},
              {"METHODS=GET@http://other/*", false},
              {"METHODS=all,!GET:503", true}};

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    variables(rows[i].setting);
    call_begins();
    libcurl_says_text(CURLINFO_EFFECTIVE_METHOD, "GET");
    request_goes_out();
    if (facts_may_repeat(scene.call) != rows[i].is_allowed)
      fail_msg("%s", rows[i].setting);
    leave_call();
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(content_type_says_whether_git_reads),
      SCENE(url_and_method_are_those_of_the_first_request),
      SCENE(a_url_of_libcurls_own_is_known_until_a_redirect),
      SCENE(repetition_inside_a_transfer_follows_no_status),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
