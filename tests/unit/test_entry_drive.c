/* test_entry_drive.c - retries in a program's event loop, where libcurl
 * refuses something, or the program leaves by longjmp(). */
#include "entry_scene.h"

#include <setjmp.h>

static int begin(void **unused) {
  (void)unused;
  return entry_begin_added(0x081600);
}

/* The second is over: the retry is due. */
static void come_to_retry(void) {
  program_comes_to_wait();
  entry_scene.now += 1000;
}

static void end_well(void) {
  entry_scene.plays = plays_fine;
  assert_int_equal(program_drives(), 0);
  program_reads(the_easy(), CURLE_OK);
}

static CURLMcode drive(void) {
  int running;

  return entry_multi_perform(ENTERED, the_multi(), &running);
}

/* In a callback of another transfer's, as 8.22 does: so it is for later. */
static void a_retry_that_libcurl_refuses_now_is_made_later(void **unused) {
  (void)unused;
  come_to_retry();
  entry_scene.removal = CURLM_RECURSIVE_API_CALL;
  assert_int_equal(program_drives(), 1);
  entry_scene.removal = CURLM_OK;
  assert_int_equal(program_drives(), 1);
  assert_int_equal(entry_scene.running, 0); /* it is no busy loop */
  entry_scene.now += 50;
  assert_int_equal(program_drives(), 1);
  assert_int_equal(entry_scene.running, 1);
  end_well();
}

/* Its timer callback said no. */
static void a_retry_that_the_program_refuses_ends_both(void **unused) {
  (void)unused;
  come_to_retry();
  entry_scene.addition = CURLM_ABORTED_BY_CALLBACK;
  assert_int_equal(drive(), CURLM_ABORTED_BY_CALLBACK);
  program_reads(the_easy(), CURLE_ABORTED_BY_CALLBACK);
  entry_scene.addition = CURLM_OK;
  assert_int_equal(drive(), CURLM_OK);
}

static void a_retry_without_memory_says_so(void **unused) {
  (void)unused;
  come_to_retry();
  entry_scene.addition = CURLM_OUT_OF_MEMORY;
  assert_int_equal(drive(), CURLM_OUT_OF_MEMORY);
  program_reads(the_easy(), CURLE_OUT_OF_MEMORY);
}

/* --- out of a callback of ours ---------------------------------------------
 */

static jmp_buf outside;

static void leave(void) { longjmp(outside, 1); }

static void drive_and_leave(void) {
  entry_scene.plays = plays_unsized;
  entry_scene.on_write = leave;
  if (!setjmp(outside))
    (void)program_drives();
  entry_scene.on_write = NULL;
}

static void what_a_longjmp_left_ends(void **unused) {
  (void)unused;
  drive_and_leave();
  entry_scene.plays = plays_nothing;
  assert_int_equal(program_drives(), 0);
  program_reads(the_easy(), CURLE_ABORTED_BY_CALLBACK);
}

static void what_a_longjmp_left_can_be_removed(void **unused) {
  (void)unused;
  drive_and_leave();
  assert_int_equal(entry_multi_remove_handle(ENTERED, the_multi(), the_easy()),
                   CURLM_OK);
  program_adds();
  end_well();
}

/* --- handles ---------------------------------------------------------------
 */

/* In a callback, for one. */
static void a_multi_handle_that_libcurl_keeps_is_kept(void **unused) {
  (void)unused;
  come_to_retry();
  entry_scene.refusal = CURLM_RECURSIVE_API_CALL;
  assert_int_equal(entry_multi_cleanup(ENTERED, the_multi()),
                   CURLM_RECURSIVE_API_CALL);
  entry_scene.refusal = CURLM_OK;
  assert_int_equal(program_drives(), 1);
  end_well();
}

/* Its former owner was freed where we couldn't see it. */
static void an_address_that_comes_back_is_a_new_multi_handle(void **unused) {
  (void)unused;
  come_to_retry();
  program_makes_multi();
  assert_null(table_find(the_easy())->member);
  assert_int_equal(program_drives(), 0); /* nothing waits there */
  assert_int_equal(table_find_multi(the_multi())->members, 0);
}

/* --- refusals in callbacks of ours -----------------------------------------
 */

static bool is_guarded;
static size_t refusals;

/* libcurl's own answers, in a callback that it didn't call. */
static void use_the_multi_handle(void) {
  CURLMcode added =
      is_guarded ? CURLM_RECURSIVE_API_CALL : CURLM_ADDED_ALREADY;
  CURLMcode removed = is_guarded ? CURLM_RECURSIVE_API_CALL : CURLM_OK;
  struct curl_waitfd fd;
  unsigned count;
  long timeout;
  int running;

  refusals++;
  assert_int_equal(entry_multi_add_handle(ENTERED, the_multi(), the_easy()),
                   added);
  assert_int_equal(entry_multi_remove_handle(ENTERED, the_multi(), the_easy()),
                   CURLM_RECURSIVE_API_CALL);
  assert_int_equal(entry_multi_remove_handle(ENTERED, the_multi(), the_copy()),
                   removed);
  assert_int_equal(entry_multi_perform(ENTERED, the_multi(), &running),
                   CURLM_RECURSIVE_API_CALL);
  assert_int_equal(entry_multi_waitfds(ENTERED, the_multi(), &fd, 1, &count),
                   CURLM_RECURSIVE_API_CALL);
  assert_int_equal(entry_multi_timeout(ENTERED, the_multi(), &timeout),
                   CURLM_RECURSIVE_API_CALL);
  assert_int_equal(entry_multi_cleanup(ENTERED, the_multi()),
                   CURLM_RECURSIVE_API_CALL);
}

static void in_a_hand_over_libcurls_answers_are_given(void **unused) {
  static const unsigned versions[] = {0x075801, 0x081600};

  (void)unused;
  for (size_t i = 0; i < COUNT(versions); i++) {
    (void)entry_end(NULL);
    (void)entry_begin(versions[i]);
    program_makes_easy();
    program_makes_multi();
    assert_ptr_equal(entry_easy_duphandle(ENTERED, the_easy()), the_copy());
    program_adds();
    is_guarded = versions[i] == 0x081600;
    refusals = 0;
    entry_scene.plays = plays_unsized;
    entry_scene.on_write = use_the_multi_handle;
    assert_int_equal(program_drives(), 0);
    assert_int_equal(refusals, 1);
    program_reads(the_easy(), CURLE_OK);
    entry_easy_cleanup(ENTERED, the_copy());
  }
}

static CURLcode paused;

static int pause_in_timer(CURLM *multi, long timeout, void *data) {
  (void)multi, (void)timeout, (void)data;
  paused = entry_easy_pause(ENTERED, the_easy(), CURLPAUSE_RECV);
  return 0;
}

/* From 8.22 on, as in libcurl's own call of it. */
static void a_timer_callback_of_ours_may_not_pause(void **unused) {
  (void)unused;
  assert_int_equal(entry_multi_setopt(ENTERED, the_multi(),
                                      CURLMOPT_TIMERFUNCTION,
                                      (void *)(uintptr_t)pause_in_timer),
                   CURLM_OK);
  paused = CURLE_OK;
  come_to_retry();
  assert_int_equal(paused, CURLE_RECURSIVE_API_CALL);
}

static int on_timer(CURLM *multi, long timeout, void *data) {
  (void)multi, (void)timeout, (void)data;
  return 0;
}

static void a_timer_callback_that_libcurl_refuses_is_none(void **unused) {
  (void)unused;
  entry_scene.refusal = CURLM_UNKNOWN_OPTION;
  assert_int_equal(entry_multi_setopt(ENTERED, the_multi(),
                                      CURLMOPT_TIMERFUNCTION,
                                      (void *)(uintptr_t)on_timer),
                   CURLM_UNKNOWN_OPTION);
  assert_null(table_find_multi(the_multi())->timer.callback);
}

/* As an addition in a callback does when there is no memory for it. */
static void pass_through_meanwhile(void) {
  libcurl_is_done(the_copy(), CURLE_OK);
  table_find_multi(the_multi())->policy = NULL;
}

static void what_is_passed_through_meanwhile_has_its_message(void **unused) {
  (void)unused;
  assert_int_equal(entry_multi_remove_handle(ENTERED, the_multi(), the_easy()),
                   CURLM_OK);
  entry_scene.plays = pass_through_meanwhile;
  assert_int_equal(program_drives(), 1); /* it has to come back */
  program_reads(the_copy(), CURLE_OK);
}

/* A body that begins, and whose HOLD_TIME is over at once. */
static void plays_a_head(void) {
  libcurl_performs();
  assert_int_equal(libcurl_prerequest(), CURL_PREREQFUNC_OK);
  assert_true(libcurl_header("HTTP/1.1 200 OK") > 0);
  assert_true(libcurl_header("") > 0);
}

static int rounds;
static void *called_in_tick; /* of the one that was added */

/* Out of a notification, or of a timer callback before 7.82. */
static void plays_an_addition(void) {
  if (!rounds++)
    assert_int_equal(entry_multi_add_handle(ENTERED, the_multi(), the_copy()),
                     CURLM_OK);
  else
    called_in_tick =
        options_pointer(&libcurl.options_of_copy, CURLOPT_WRITEFUNCTION);
}

static void what_a_callback_adds_is_begun_before_a_tick(void **unused) {
  int running;

  (void)unused;
  assert_ptr_equal(entry_easy_duphandle(ENTERED, the_easy()), the_copy());
  entry_scene.plays = plays_a_head;
  assert_int_equal(program_drives(), 1);
  entry_scene.now += 2000;
  entry_scene.plays = plays_an_addition;
  rounds = 0;
  assert_int_equal(entry_multi_socket_action(ENTERED, the_multi(),
                                             CURL_SOCKET_TIMEOUT, 0, &running),
                   CURLM_OK);
  assert_int_equal(rounds, 2);
  assert_int_equal(running, 2);
  assert_ptr_not_equal(called_in_tick, options_pointer(&entry_scene.options,
                                                       CURLOPT_WRITEFUNCTION));
  entry_easy_cleanup(ENTERED, the_copy());
}

/* Looking at one is looking at all: they come back less often. */
static void many_do_not_keep_each_other_busy(void **unused) {
  static const struct {
    int others;
    long ms;
  } rows[] = {{0, 50}, {1000, 100}, {100000, 1000}};

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    long timeout = -1;
    (void)entry_end(NULL);
    (void)begin(NULL);
    entry_scene.policy.hold_time_ms = 1;
    table_find_multi(the_multi())->members += rows[i].others;
    entry_scene.plays = plays_a_head;
    assert_int_equal(program_drives(), 1);
    assert_int_equal(entry_multi_timeout(ENTERED, the_multi(), &timeout),
                     CURLM_OK);
    assert_int_equal(timeout, rows[i].ms);
    table_find_multi(the_multi())->members -= rows[i].others;
  }
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, entry_end)

int main(void) {
  static const struct CMUnitTest all[] = {
      TEST(a_retry_that_libcurl_refuses_now_is_made_later),
      TEST(a_retry_that_the_program_refuses_ends_both),
      TEST(a_retry_without_memory_says_so),
      TEST(what_a_longjmp_left_ends),
      TEST(what_a_longjmp_left_can_be_removed),
      TEST(a_multi_handle_that_libcurl_keeps_is_kept),
      TEST(an_address_that_comes_back_is_a_new_multi_handle),
      TEST(in_a_hand_over_libcurls_answers_are_given),
      TEST(a_timer_callback_of_ours_may_not_pause),
      TEST(a_timer_callback_that_libcurl_refuses_is_none),
      TEST(what_is_passed_through_meanwhile_has_its_message),
      TEST(what_a_callback_adds_is_begun_before_a_tick),
      TEST(many_do_not_keep_each_other_busy),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}
