/* test_read_once.c - files that libcurl reads anew for a retry, and that can
 * be read once: the outcome at hand is the program's, at once, and no request
 * without them is made. */
#define _GNU_SOURCE
#include "named.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char netrc[] = "machine 127.0.0.1 login user password secret\n";
static const char auth_plan[] = "503:auth=basic,200:auth=basic";

static void get_with_netrc(enum kind kind, long level, bool is_default) {
  bool is_repeated = kind <= KIND_MISSING;
  struct named named;
  long status = 0, right = 503;
  char key[32], home[80];
  CURL *curl;

  snprintf(key, sizeof key, "netrc-%s-%ld-%d", kind_names[kind], level,
           is_default);
  named_open(&named, kind, netrc);
  curl = handle_for(key, auth_plan);
  curl_easy_setopt(curl, CURLOPT_NETRC, level);
  if (is_default) {
    snprintf(home, sizeof home, "%s-home", named.path);
    mkdir(home, 0700);
    setenv("HOME", home, 1);
    strcat(home, "/.netrc");
    assert_int_equal(symlink(named.path, home), 0);
  } else {
    curl_easy_setopt(curl, CURLOPT_NETRC_FILE, named.path);
  }
  (void)curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (is_repeated)
    right = kind == KIND_REGULAR ? 200 : 401;
  if (status != right)
    fail_msg("%s: status %ld", key, status);
  curl_easy_cleanup(curl);
  if (is_default) {
    unlink(home);
    *strrchr(home, '/') = 0;
    rmdir(home);
  }
  named_close(&named);
}

static void netrc_is_read_again_or_the_outcome_delivered(void **state) {
  (void)state;
  for (enum kind kind = 0; kind < KINDS; kind++)
    if (kind != KIND_MISSING) {
      get_with_netrc(kind, CURL_NETRC_OPTIONAL, false);
      get_with_netrc(kind, CURL_NETRC_REQUIRED, false);
    }
}

static void netrc_of_the_home_too(void **state) {
  char *home = getenv("HOME") ? strdup(getenv("HOME")) : NULL;

  (void)state;
  get_with_netrc(KIND_REGULAR, CURL_NETRC_OPTIONAL, true);
  get_with_netrc(KIND_FIFO, CURL_NETRC_OPTIONAL, true);
  get_with_netrc(KIND_FIFO, CURL_NETRC_REQUIRED, true);
  if (home)
    setenv("HOME", home, 1);
  free(home);
}

/* It is read before the connection is made. */
static void netrc_is_read_also_when_nothing_is_sent(void **state) {
  struct named named;
  CURL *curl;

  (void)state;
  named_open(&named, KIND_PIPE, netrc);
  curl = handle_for("nothing", "200");
  curl_easy_setopt(curl, CURLOPT_URL, url_refused().text);
  curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
  curl_easy_setopt(curl, CURLOPT_NETRC_FILE, named.path);
  log_forget();
  assert_int_equal(curl_easy_perform(curl), CURLE_COULDNT_CONNECT);
  assert_int_equal(log_count("retry "), 0);
  assert_int_equal(log_count("a file can't be read again"), 1);
  curl_easy_cleanup(curl);
  named_close(&named);
}

/* Without NETRC nobody reads it, nor after the program took the name back. */
static void unused_file_is_no_reason(void **state) {
  struct named named;
  long status = 0;
  CURL *curl, *copy;

  (void)state;
  named_open(&named, KIND_PIPE, netrc);
  curl = handle_for("unused", "503,200");
  curl_easy_setopt(curl, CURLOPT_NETRC_FILE, named.path);
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  assert_int_equal(server_count("unused"), 2);
  curl_easy_setopt(curl, CURLOPT_CAINFO, named.path);
  curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
  curl_easy_setopt(curl, CURLOPT_URL, url_of("used", "503,200").text);
  copy = curl_easy_duphandle(curl);
  assert_int_equal(curl_easy_perform(copy), CURLE_OK);
  curl_easy_getinfo(copy, CURLINFO_RESPONSE_CODE, &status);
  assert_int_equal(status, 503);
  curl_easy_cleanup(copy);
  curl_easy_setopt(curl, CURLOPT_CAINFO, NULL);
  curl_easy_setopt(curl, CURLOPT_NETRC_FILE, "/dev/null");
  curl_easy_setopt(curl, CURLOPT_URL, url_of("back", "503,200").text);
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  assert_int_equal(server_count("back"), 2);
  curl_easy_cleanup(curl);
  named_close(&named);
}

/* What was read stays with the handle; only a FIFO would wait for a writer. */
static void cookies_are_sent_again_or_not_at_all(void **state) {
  (void)state;
  for (enum kind kind = 0; kind < KINDS; kind++) {
    struct named named;
    char key[32], first[64], last[64];
    size_t requests;
    CURL *curl;
    snprintf(key, sizeof key, "cookies-%s", kind_names[kind]);
    named_open(&named, kind, "Set-Cookie: a=b; domain=127.0.0.1; path=/\n");
    curl = handle_for(key, "503,200");
    curl_easy_setopt(curl, CURLOPT_COOKIEFILE, named.path);
    curl_easy_setopt(curl, CURLOPT_COOKIEFILE, "");
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    requests = server_count(key);
    assert_int_equal(requests, kind == KIND_FIFO ? 1 : 2);
    server_header(key, 0, "cookie", first, sizeof first);
    server_header(key, requests - 1, "cookie", last, sizeof last);
    assert_string_equal(first, last);
    if (kind != KIND_NULL && kind != KIND_MISSING)
      assert_string_equal(first, "a=b");
    curl_easy_cleanup(curl);
    named_close(&named);
  }
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(netrc_is_read_again_or_the_outcome_delivered),
      cmocka_unit_test(netrc_of_the_home_too),
      cmocka_unit_test(netrc_is_read_also_when_nothing_is_sent),
      cmocka_unit_test(unused_file_is_no_reason),
      cmocka_unit_test(cookies_are_sent_again_or_not_at_all),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms",
                                       "CURLRETRY_METHODS=all",
                                       "CURLRETRY_BUDGET=off", NULL};
  static const struct setup setup = {policy, tests, NULL};

  return setup_main(argc, argv, &setup);
}
