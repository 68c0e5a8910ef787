/* test_entry_lacks.c - a libcurl that lacks a function, as old and trimmed
 * ones do: the program gets an error, as from libcurl, and no jump to nowhere.
 */
#include "entry_scene.h"

/* No function at all. */
static int begin(void **unused) {
  (void)unused;
  (void)entry_begin(0x075801);
  libcurl.library = (struct library){.version = 0x070a00};
  return 0;
}

static int end(void **unused) {
  (void)unused;
  return 0;
}

static void no_handle_is_made(void **unused) {
  (void)unused;
  assert_null(entry_easy_init(ENTERED));
  assert_null(entry_easy_duphandle(ENTERED, the_easy()));
  assert_null(entry_multi_init(ENTERED));
}

static void an_easy_handle_is_left_alone(void **unused) {
  struct curl_header *header = NULL;
  long number = 7;

  (void)unused;
  entry_easy_cleanup(ENTERED, the_easy());
  entry_easy_reset(ENTERED, the_easy());
  assert_int_equal(
      entry_easy_setopt(ENTERED, the_easy(), CURLOPT_VERBOSE, NULL),
      CURLE_FAILED_INIT);
  assert_int_equal(
      entry_easy_getinfo(ENTERED, the_easy(), CURLINFO_RESPONSE_CODE, &number),
      CURLE_FAILED_INIT);
  assert_int_equal(number, 7);
  assert_int_equal(entry_easy_perform(ENTERED, the_easy()), CURLE_FAILED_INIT);
  assert_int_equal(entry_easy_pause(ENTERED, the_easy(), CURLPAUSE_ALL),
                   CURLE_FAILED_INIT);
  assert_int_equal(entry_easy_header(ENTERED, the_easy(), "A", 0, CURLH_HEADER,
                                     -1, &header),
                   CURLHE_NOT_BUILT_IN);
  assert_null(
      entry_easy_nextheader(ENTERED, the_easy(), CURLH_HEADER, -1, NULL));
}

static void a_multi_handle_is_left_alone(void **unused) {
  CURLM *multi = the_multi();
  int number = 7;

  (void)unused;
  assert_int_equal(entry_multi_cleanup(ENTERED, multi), CURLM_INTERNAL_ERROR);
  assert_int_equal(entry_multi_add_handle(ENTERED, multi, the_easy()),
                   CURLM_INTERNAL_ERROR);
  assert_int_equal(entry_multi_remove_handle(ENTERED, multi, the_easy()),
                   CURLM_INTERNAL_ERROR);
  assert_int_equal(
      entry_multi_setopt(ENTERED, multi, CURLMOPT_MAXCONNECTS, NULL),
      CURLM_INTERNAL_ERROR);
  assert_null(entry_multi_info_read(ENTERED, multi, &number));
  assert_int_equal(entry_multi_notify_enable(ENTERED, multi, 0),
                   CURLM_INTERNAL_ERROR);
  assert_int_equal(entry_multi_notify_disable(ENTERED, multi, 0),
                   CURLM_INTERNAL_ERROR);
}

static void it_is_not_driven(void **unused) {
  CURLM *multi = the_multi();
  int number = 7;

  (void)unused;
  assert_int_equal(entry_multi_perform(ENTERED, multi, &number),
                   CURLM_INTERNAL_ERROR);
  assert_int_equal(entry_multi_socket_action(ENTERED, multi,
                                             CURL_SOCKET_TIMEOUT, 0, &number),
                   CURLM_INTERNAL_ERROR);
  assert_int_equal(entry_multi_socket_all(ENTERED, multi, &number),
                   CURLM_INTERNAL_ERROR);
  assert_int_equal(entry_multi_socket(ENTERED, multi, 3, &number),
                   CURLM_INTERNAL_ERROR);
  assert_int_equal(number, 7);
}

static void it_is_not_waited_for(void **unused) {
  CURLM *multi = the_multi();
  fd_set reading, writing, exceptional;
  curl_off_t count = 7;
  unsigned size = 7;
  long timeout = 7;
  int number = 7;

  (void)unused;
  assert_int_equal(entry_multi_timeout(ENTERED, multi, &timeout),
                   CURLM_INTERNAL_ERROR);
  assert_int_equal(entry_multi_wait(ENTERED, multi, NULL, 0, 1000, &number),
                   CURLM_INTERNAL_ERROR);
  assert_int_equal(entry_multi_poll(ENTERED, multi, NULL, 0, 1000, &number),
                   CURLM_INTERNAL_ERROR);
  assert_int_equal(entry_multi_fdset(ENTERED, multi, &reading, &writing,
                                     &exceptional, &number),
                   CURLM_INTERNAL_ERROR);
  assert_int_equal(entry_multi_waitfds(ENTERED, multi, NULL, 0, &size),
                   CURLM_INTERNAL_ERROR);
  assert_int_equal(
      entry_multi_get_offt(ENTERED, multi, (CURLMinfo_offt)1, &count),
      CURLM_INTERNAL_ERROR);
  assert_true(timeout == 7 && number == 7 && size == 7 && count == 7);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void) {
  static const struct CMUnitTest all[] = {
      TEST(no_handle_is_made),
      TEST(an_easy_handle_is_left_alone),
      TEST(a_multi_handle_is_left_alone),
      TEST(it_is_not_driven),
      TEST(it_is_not_waited_for),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}
