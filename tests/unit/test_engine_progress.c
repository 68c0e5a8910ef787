/* test_engine_progress.c - the program's progress callback while nothing
 * moves: it is told ten times a second, and may say stop. */
#include "scene.h"

static void progress_is_told_ten_times_a_second(void **unused) {
  (void)unused;
  watch_progress();
  call_begins();
  request_goes_out();
  response("HTTP/1.1 503 Busy", "Content-Length: 4");
  body("busy");
  (void)libcurl_progress(4, 4);
  transfer_ends(CURLE_OK);
  for (unsigned tick = 1; tick <= 9; tick++) {
    assert_waits_until(100 * tick);
    assert_int_equal(scene.program.ticks, 1 + tick);
    assert_int_equal(scene.program.progress[0], 4); /* as it was */
    assert_int_equal(scene.program.progress[1], 4);
    pass_time(100);
  }
  assert_waits_until(1000);
  assert_int_equal(scene.program.ticks, 1 + 10);
  pass_time(100);
  assert_performs();
  assert_int_equal(scene.program.ticks, 1 + 10);
  fine_attempt();
  assert_ends(CURLE_OK);
}

static void a_driver_that_comes_late_is_told_anew(void **unused) {
  (void)unused;
  watch_progress();
  call_begins();
  busy_attempt();
  assert_waits_until(100);
  pass_time(250);
  assert_waits_until(350);
  pass_time(700);
  assert_waits_until(1000);
  pass_time(50);
  assert_performs();
  fine_attempt();
  assert_ends(CURLE_OK);
}

static void who_doesnt_ask_for_progress_isnt_told(void **unused) {
  (void)unused;
  watch_progress();
  set(CURLOPT_NOPROGRESS, 1L);
  call_begins();
  busy_attempt();
  assert_waits_until(1000);
  set(CURLOPT_NOPROGRESS, 0L); /* from now on */
  assert_waits_until(100);
  assert_int_equal(scene.program.ticks, 1);
  set(CURLOPT_XFERINFOFUNCTION, NULL);
  assert_waits_until(1000);
  pass_time(1000);
  assert_performs();
  fine_attempt();
  assert_ends(CURLE_OK);
  assert_int_equal(scene.program.ticks, 1);
}

static unsigned old_ticks;

static int on_old_progress(void *data, double download_total,
                           double download_now, double upload_total,
                           double upload_now) {
  assert_null(data);
  assert_true(download_total == 4 && download_now == 4);
  assert_true(upload_total == 0 && upload_now == 0);
  old_ticks++;
  return 0;
}

static void an_old_progress_callback_is_told_too(void **unused) {
  (void)unused;
  old_ticks = 0;
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_PROGRESSFUNCTION, on_old_progress);
  call_begins();
  request_goes_out();
  (void)libcurl_progress(4, 4);
  assert_int_equal(old_ticks, 1);
  transfer_ends(CURLE_RECV_ERROR);
  assert_waits_until(100);
  assert_int_equal(old_ticks, 2);
  pass_time(1000);
  assert_performs();
  fine_attempt();
  assert_ends(CURLE_OK);
}

/* Whichever of the two options is set last. */
static void a_callback_taken_away_in_the_call_is_gone(void **unused) {
  const struct options *options = &libcurl.options;

  (void)unused;
  for (int is_xferinfo_last = 0; is_xferinfo_last < 2; is_xferinfo_last++) {
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_PROGRESSFUNCTION, on_old_progress);
    call_begins();
    request_goes_out();
    response("HTTP/1.1 200 OK", "Content-Length: 4");
    set(CURLOPT_PROGRESSFUNCTION, NULL);
    if (is_xferinfo_last)
      set(CURLOPT_XFERINFOFUNCTION, NULL);
    body("fine");
    transfer_ends(CURLE_OK);
    assert_ends(CURLE_OK);
    assert_null(options_pointer(options, CURLOPT_PROGRESSFUNCTION));
    assert_null(options_pointer(options, CURLOPT_XFERINFOFUNCTION));
    assert_true(options_has_meter(options));
  }
}

/* Nor when an attempt is discarded. */
static void progress_never_goes_back(void **unused) {
  (void)unused;
  watch_progress();
  call_begins();
  request_goes_out();
  response("HTTP/1.1 503 Busy", "Content-Length: 8");
  body("busybusy");
  (void)libcurl_progress(8, 8);
  transfer_ends(CURLE_OK);
  assert_waits_until(100);
  pass_time(1000);
  assert_performs();
  (void)libcurl_progress(0, 0);
  assert_int_equal(scene.program.progress[0], 8);
  assert_int_equal(scene.program.progress[1], 8);
  (void)libcurl_progress(9, 9);
  assert_int_equal(scene.program.progress[0], 9);
  assert_int_equal(scene.program.progress[1], 9);
  fine_attempt();
  assert_ends(CURLE_OK);
}

/* The answer that was to be repeated is the one at hand. */
static void a_program_that_says_stop_gets_what_was_held(void **unused) {
  (void)unused;
  watch_progress();
  call_begins();
  busy_attempt();
  assert_waits_until(100);
  pass_time(100);
  scene.program.progress_answer = 1;
  assert_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_int_equal(scene.reason, VERDICT_REFUSED);
  assert_string_equal(scene.program.error, "Callback aborted");
  assert_got(BUSY);
  assert_int_equal(info(CURLINFO_RESPONSE_CODE), 503);
}

static void a_stop_at_the_first_tick_counts(void **unused) {
  (void)unused;
  watch_progress();
  call_begins();
  transfer_ends(CURLE_COULDNT_CONNECT);
  scene.program.progress_answer = 1;
  assert_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_got("");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(progress_is_told_ten_times_a_second),
      SCENE(a_driver_that_comes_late_is_told_anew),
      SCENE(who_doesnt_ask_for_progress_isnt_told),
      SCENE(an_old_progress_callback_is_told_too),
      SCENE(a_callback_taken_away_in_the_call_is_gone),
      SCENE(progress_never_goes_back),
      SCENE(a_program_that_says_stop_gets_what_was_held),
      SCENE(a_stop_at_the_first_tick_counts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
