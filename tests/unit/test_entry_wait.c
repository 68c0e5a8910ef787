/* test_entry_wait.c - what a program with a loop of its own asks of later
 * libcurls: what to wait for (curl_multi_waitfds(), 8.8), how many transfers
 * there are (curl_multi_get_offt(), 8.16); and of old ones, to wait at all.
 * Transfers that wait for a retry run, and it is woken for them. */
#include "entry_scene.h"

#include <errno.h>
#include <time.h>

/* CURLMINFO_XFERS_... */
enum { CURRENT = 1, RUNNING, PENDING, DONE, ADDED };

static int begin(void **unused) {
  (void)unused;
  return entry_begin_added(0x081600);
}

static CURLMcode waitfds(struct curl_waitfd *fds, unsigned size,
                         unsigned *count) {
  return entry_multi_waitfds(ENTERED, the_multi(), fds, size, count);
}

/* --- curl_multi_waitfds() --------------------------------------------------
 */

static void a_waiting_retry_has_a_descriptor(void **unused) {
  struct curl_waitfd fds[3] = {{-1, 0, 0}, {-1, 0, 0}, {-1, 0, 0}};
  unsigned count = 0;

  (void)unused;
  program_comes_to_wait();
  assert_int_equal(waitfds(fds, 3, &count), CURLM_OK);
  assert_int_equal(count, 1);
  assert_true(fds[0].fd >= 3);
  assert_int_equal(fds[0].events, CURL_WAIT_POLLIN);
  entry_scene.descriptors = 2; /* of other transfers */
  assert_int_equal(waitfds(fds, 3, &count), CURLM_OK);
  assert_int_equal(count, 3);
  assert_int_equal(fds[0].fd, 100);
  assert_int_equal(fds[1].fd, 101);
  assert_true(fds[2].fd >= 3 && fds[2].fd < 100);
}

static void without_one_it_is_libcurls_alone(void **unused) {
  struct curl_waitfd fds[2] = {{-1, 0, 0}, {-1, 0, 0}};
  unsigned count = 0;

  (void)unused;
  assert_int_equal(program_drives(), 1);
  entry_scene.descriptors = 1;
  assert_int_equal(waitfds(fds, 2, &count), CURLM_OK);
  assert_int_equal(count, 1);
  assert_int_equal(fds[1].fd, -1);
}

/* As libcurl says, and how many it would take. */
static void too_small_an_array_is_said_so(void **unused) {
  struct curl_waitfd fds[2] = {{-1, 0, 0}, {-1, 0, 0}};
  unsigned count = 0;

  (void)unused;
  program_comes_to_wait();
  entry_scene.descriptors = 2;
  assert_int_equal(waitfds(fds, 2, &count), CURLM_OUT_OF_MEMORY);
  assert_int_equal(count, 3);
  assert_int_equal(fds[1].fd, 101); /* what fits is there */
  entry_scene.descriptors = 3;
  assert_int_equal(waitfds(fds, 2, &count), CURLM_OUT_OF_MEMORY);
  assert_int_equal(count, 4);
  assert_int_equal(waitfds(fds, 2, NULL), CURLM_OUT_OF_MEMORY);
}

static void a_program_may_only_count(void **unused) {
  unsigned count = 0;

  (void)unused;
  program_comes_to_wait();
  entry_scene.descriptors = 2;
  assert_int_equal(waitfds(NULL, 0, &count), CURLM_OK);
  assert_int_equal(count, 3);
}

static void what_libcurl_refuses_is_refused(void **unused) {
  struct curl_waitfd fd = {-1, 0, 0};
  unsigned count = 7;

  (void)unused;
  program_comes_to_wait();
  assert_int_equal(waitfds(NULL, 0, NULL), CURLM_BAD_FUNCTION_ARGUMENT);
  entry_scene.refusal = CURLM_RECURSIVE_API_CALL;
  assert_int_equal(waitfds(&fd, 1, &count), CURLM_RECURSIVE_API_CALL);
  assert_int_equal(count, 7);
  assert_int_equal(fd.fd, -1);
}

/* DISABLE=1. */
static void passed_through_it_is_libcurls(void **unused) {
  struct curl_waitfd fds[2] = {{-1, 0, 0}, {-1, 0, 0}};
  unsigned count = 0;

  (void)unused;
  entry_scene.policy.multi = false;
  (void)program_drives();
  entry_scene.descriptors = 1;
  assert_int_equal(waitfds(fds, 2, &count), CURLM_OK);
  assert_int_equal(count, 1);
}

/* --- curl_multi_get_offt() -------------------------------------------------
 */

static curl_off_t counted(int info, curl_off_t by_libcurl) {
  curl_off_t value = -1;

  entry_scene.counted = by_libcurl;
  assert_int_equal(
      entry_multi_get_offt(ENTERED, the_multi(), (CURLMinfo_offt)info, &value),
      CURLM_OK);
  return value;
}

/* libcurl is done with it, the program isn't told. */
static void what_waits_runs_and_is_not_done(void **unused) {
  (void)unused;
  assert_int_equal(counted(RUNNING, 1), 1);
  program_comes_to_wait();
  assert_int_equal(counted(RUNNING, 0), 1);
  assert_int_equal(counted(DONE, 1), 0);
  assert_int_equal(counted(CURRENT, 1), 1);
  assert_int_equal(counted(PENDING, 0), 0);
}

static void a_retry_is_no_new_transfer(void **unused) {
  (void)unused;
  program_comes_to_wait();
  assert_int_equal(counted(ADDED, 1), 1);
  entry_scene.now += 1000;
  assert_int_equal(program_drives(), 1);
  assert_int_equal(counted(ADDED, 2), 1);
  entry_scene.plays = plays_fine;
  assert_int_equal(program_drives(), 0);
  assert_int_equal(counted(ADDED, 2), 1);
  assert_int_equal(counted(RUNNING, 0), 0);
  assert_int_equal(counted(DONE, 1), 1);
}

static void a_count_that_libcurl_refuses_is_refused(void **unused) {
  curl_off_t value = 0;

  (void)unused;
  program_comes_to_wait();
  entry_scene.counted = -1;
  entry_scene.refusal = CURLM_UNKNOWN_OPTION;
  assert_int_equal(entry_multi_get_offt(ENTERED, the_multi(),
                                        (CURLMinfo_offt)RUNNING, &value),
                   CURLM_UNKNOWN_OPTION);
  assert_int_equal(value, -1);
}

/* --- curl_multi_wait() before 7.66.0 ---------------------------------------
 */

#define SHORT_MS 60

/* How long it really took. */
static long waited(CURLMcode code, struct curl_waitfd *extra) {
  struct timespec before, after;
  int ready = -1;

  clock_gettime(CLOCK_MONOTONIC, &before);
  errno = 7;
  assert_int_equal(entry_multi_wait(ENTERED, the_multi(), extra, extra ? 1 : 0,
                                    SHORT_MS, &ready),
                   code);
  assert_int_equal(errno, 7);
  clock_gettime(CLOCK_MONOTONIC, &after);
  assert_true(code || ready == 0);
  return (after.tv_sec - before.tv_sec) * 1000 +
         (after.tv_nsec - before.tv_nsec) / 1000000;
}

/* That libcurl comes back at once, and has no poll that doesn't. */
static void without_a_poll_a_wait_is_slept(void **unused) {
  (void)unused;
  libcurl.library.multi_poll = NULL;
  assert_true(waited(CURLM_OK, NULL) < SHORT_MS);
  program_comes_to_wait();
  assert_true(waited(CURLM_OK, NULL) >= SHORT_MS - 1);
}

/* It has waited for them, or has something to do. */
static void what_libcurl_waits_for_is_not_slept_over(void **unused) {
  struct curl_waitfd extra = {0, 0, 0};

  (void)unused;
  libcurl.library.multi_poll = NULL;
  program_comes_to_wait();
  entry_scene.descriptors = 1;
  assert_true(waited(CURLM_OK, NULL) < SHORT_MS);
  entry_scene.descriptors = 0;
  assert_true(waited(CURLM_OK, &extra) < SHORT_MS);
  entry_scene.refusal = CURLM_RECURSIVE_API_CALL;
  assert_true(waited(CURLM_RECURSIVE_API_CALL, NULL) < SHORT_MS);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, entry_end)

int main(void) {
  static const struct CMUnitTest all[] = {
      TEST(a_waiting_retry_has_a_descriptor),
      TEST(without_one_it_is_libcurls_alone),
      TEST(too_small_an_array_is_said_so),
      TEST(a_program_may_only_count),
      TEST(what_libcurl_refuses_is_refused),
      TEST(passed_through_it_is_libcurls),
      TEST(what_waits_runs_and_is_not_done),
      TEST(a_retry_is_no_new_transfer),
      TEST(a_count_that_libcurl_refuses_is_refused),
      TEST(without_a_poll_a_wait_is_slept),
      TEST(what_libcurl_waits_for_is_not_slept_over),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}
