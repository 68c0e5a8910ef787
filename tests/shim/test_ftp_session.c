/* test_ftp_session.c - what libcurl remembers of an FTP session that another
 * handle of the same multi has ended. */
#define _GNU_SOURCE
#include "ftp.h"
#include "setup.h"

#include <stdlib.h>
#include <string.h>

static CURL *handle_at(const char *url) {
  CURL *curl = curl_easy_init();

  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_all);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
  return curl;
}

static CURLcode perform_in(CURLM *multi, CURL *curl) {
  CURLcode code = CURLE_FAILED_INIT;
  CURLMsg *message;
  int running = 1, left;

  assert_int_equal(curl_multi_add_handle(multi, curl), CURLM_OK);
  while (running && curl_multi_perform(multi, &running) == CURLM_OK)
    curl_multi_poll(multi, NULL, 0, 1000, NULL);
  while ((message = curl_multi_info_read(multi, &left)))
    code = message->data.result;
  curl_multi_remove_handle(multi, curl);
  return code;
}

/* Up to some 8.x libcurl keeps a pointer to CURLINFO_FTP_ENTRY_PATH in the
 * handle whose session it was, also when another one's end freed it: valgrind
 * and the sanitizer see who reads it. */
static void path_of_a_session_that_another_ended_is_not_read(void **state) {
  CURLM *multi = curl_multi_init();
  struct url later = url_of("path", "503,200");
  CURL *first, *second;
  char url[64];
  int port;

  (void)state;
  port = ftp_start(0);
  assert_true(port);
  snprintf(url, sizeof url, "ftp://127.0.0.1:%d/f", port);
  first = handle_at(url);
  second = handle_at(url);
  curl_easy_setopt(second, CURLOPT_FORBID_REUSE, 1L);
  assert_int_equal(perform_in(multi, first), CURLE_OK);
  assert_int_equal(perform_in(multi, second), CURLE_OK);
  assert_int_equal(ftp_count("USER"), 1);
  assert_int_equal(ftp_count("RETR"), 2);
  curl_easy_setopt(first, CURLOPT_URL, later.text);
  assert_int_equal(perform_in(multi, first), CURLE_OK);
  assert_int_equal(server_count("path"), 2);
  curl_easy_cleanup(first);
  curl_easy_cleanup(second);
  curl_multi_cleanup(multi);
  ftp_stop();
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(path_of_a_session_that_another_ended_is_not_read),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms", NULL};
  static const struct setup setup = {policy, tests, NULL};

  return setup_main(argc, argv, &setup);
}
