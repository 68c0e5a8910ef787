/* test_again.c - what an attempt that failed left on the handle, or the
 * program on it after an earlier call, isn't in the next attempt. */
#define _GNU_SOURCE
#include "ftp.h"
#include "upload.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* --- AUTOREFERER ----------------------------------------------------------
 */

static const char *const referers[] = {NULL, "http://own.example/"};

/* 7.88 keeps the one of a redirect for the handle's next transfer. */
static void referer_of_a_redirect_is_not_that_of_the_retry(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(referers); i++) {
    CURL *curl;
    char key[32], value[256];
    const char *last = NULL;
    snprintf(key, sizeof key, "referer%zu", i);
    curl = handle_for(key, "302:next,503,302:next,200");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_AUTOREFERER, 1L);
    curl_easy_setopt(curl, CURLOPT_REFERER, referers[i]);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    assert_int_equal(server_count(key), 4);
    server_header(key, 2, "referer", value, sizeof value);
    assert_string_equal(value, referers[i] ? referers[i] : "");
    server_header(key, 3, "referer", value, sizeof value);
    assert_non_null(strstr(value, "302:next"));
    curl_easy_getinfo(curl, CURLINFO_REFERER, &last);
    assert_string_equal(last, value);
    curl_easy_cleanup(curl);
  }
}

/* --- RESUME_FROM ----------------------------------------------------------
 */

/* libcurl says 18 before it sends a byte. */
static void complete_upload_is_not_repeated(void **state) {
  static const enum source sources[] = {SOURCE_READ, SOURCE_READ_SEEK};

  (void)state;
  for (size_t i = 0; i < COUNT(sources); i++) {
    struct upload upload;
    log_forget();
    upload_init(&upload, sources[i], 100, 1);
    upload.is_chunked = false;
    upload_put(&upload, handle_for("complete", "201"));
    curl_easy_setopt(upload.curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)100);
    assert_int_equal(curl_easy_perform(upload.curl), CURLE_PARTIAL_FILE);
    assert_int_equal(server_count("complete"), 0);
    assert_int_equal(log_count("curlretry: "), 0);
    upload_end(&upload);
  }
}

/* --- lists that are freed -------------------------------------------------
 */

/* Memory that kills who reads it once it is given back. */
static void *page(void) {
  void *bytes =
      mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  assert_true(bytes != MAP_FAILED);
  return bytes;
}

static void give_back(void *bytes) {
  assert_int_equal(munmap(bytes, (size_t)sysconf(_SC_PAGESIZE)), 0);
}

/* libcurl reads them for HTTP alone: a program needn't take them off before
 * another transfer. */
static void freed_lists_are_not_read_for_ftp(void **state) {
  struct curl_slist *line = page();
  struct curl_httppost *part = page();
  char text[] = "X-Own: 1", name[] = "name", value[] = "value";
  CURL *curl = handle_for("lists", "200");
  char url[64];
  int port = ftp_start(2);

  (void)state;
  assert_true(port > 0);
  line->data = text;
  part->name = name;
  part->namelength = (long)strlen(name);
  part->contents = value;
  part->flags = CURL_HTTPPOST_PTRNAME | CURL_HTTPPOST_PTRCONTENTS;
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, line);
  curl_easy_setopt(curl, CURLOPT_HTTPPOST, part);
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  give_back(line);
  give_back(part);
  snprintf(url, sizeof url, "ftp://127.0.0.1:%d/file", port);
  curl_easy_setopt(curl, CURLOPT_URL, url);
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  assert_int_equal(ftp_count("RETR"), 3);
  curl_easy_cleanup(curl);
  ftp_stop();
}

/* --- TIMECONDITION ---------------------------------------------------------
 */

/* All but the empty one: there 8.22 says 304 already. */
static size_t check_status(char *bytes, size_t size, size_t count,
                           void *data) {
  long status = 0;

  curl_easy_getinfo(data, CURLINFO_RESPONSE_CODE, &status);
  if (bytes[0] != '\r')
    assert_int_equal(status, 200);
  return size * count;
}

/* libcurl makes a 304 of a 200 that is too old, once its headers are there. */
static void old_answer_is_a_200_while_its_headers_come(void **state) {
  static const char *const plans[] = {"200:lm", "503,200:lm:chunked"};

  (void)state;
  for (size_t i = 0; i < COUNT(plans); i++) {
    CURL *curl = handle_for("old", plans[i]);
    long last = 0;
    curl_easy_setopt(curl, CURLOPT_TIMECONDITION,
                     (long)CURL_TIMECOND_IFMODSINCE);
    curl_easy_setopt(curl, CURLOPT_TIMEVALUE, 2000000000L);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, check_status);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, curl);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &last);
    assert_int_equal(last, 304);
    curl_easy_cleanup(curl);
  }
}

static int tests(void) {
  const struct CMUnitTest all[] = {
      cmocka_unit_test(referer_of_a_redirect_is_not_that_of_the_retry),
      cmocka_unit_test(complete_upload_is_not_repeated),
      cmocka_unit_test(old_answer_is_a_200_while_its_headers_come),
      cmocka_unit_test(freed_lists_are_not_read_for_ftp),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=1ms",
                                       "CURLRETRY_METHODS=all", NULL};
  static const struct setup setup = {.policy = policy, .tests = tests};

  return setup_main(argc, argv, &setup);
}
