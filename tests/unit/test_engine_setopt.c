/* test_engine_setopt.c - what the program sets while a call runs: it doesn't
 * reach libcurl where ours is, and is on the handle when the call is over. */
#include "scene.h"

#include "engine/options.h"

#include <unistd.h>

static const struct options *const now = &libcurl.options;

static char thing; /* what pointers point to */
static struct curl_slist list = {(char[]){"X: y"}, NULL};

static void nothing(void) {}

/* Every option that is ever replaced and whose value can be anything, with
 * values that nobody else sets. */
static const struct {
  CURLoption option;
  const void *words[2];
} settings[] = {
    {CURLOPT_PREREQDATA, {&thing, NULL}},
    {CURLOPT_READDATA, {&thing, NULL}},
    {CURLOPT_SEEKDATA, {&thing, NULL}},
    {CURLOPT_XFERINFODATA, {&thing, NULL}},
    {CURLOPT_CONNECTTIMEOUT, {(void *)30L, (void *)0L}},
    {CURLOPT_CONNECTTIMEOUT_MS, {(void *)3000L, (void *)0L}},
    {CURLOPT_TIMEOUT, {(void *)30L, (void *)0L}},
    {CURLOPT_TIMEOUT_MS, {(void *)30001L, (void *)0L}},
    {CURLOPT_FRESH_CONNECT, {(void *)1L, (void *)0L}},
    {CURLOPT_FORBID_REUSE, {(void *)1L, (void *)0L}},
    {CURLOPT_DNS_CACHE_TIMEOUT, {(void *)7L, (void *)60L}},
    {CURLOPT_DNS_SHUFFLE_ADDRESSES, {(void *)1L, (void *)0L}},
    {CURLOPT_HTTPHEADER, {&list, NULL}},
    {CURLOPT_RANGE, {"7-8", NULL}},
    {CURLOPT_RESUME_FROM, {(void *)7L, (void *)0L}},
    {CURLOPT_RESUME_FROM_LARGE, {(void *)8L, (void *)0L}},
};

static void set_all(size_t which) {
  for (size_t i = 0; i < COUNT(settings); i++)
    set(settings[i].option, settings[i].words[which]);
}

/* All that a policy can change, changed. */
static void begin_all(void) {
  variables("ATTEMPT_HEADER=Attempt", "STALL_TIMEOUT=90s", "CLOSE_IDLE=1",
            "METHODS=all");
  upload("");
  watch_progress();
  call_begins();
}

static void empty_busy_attempt(void) {
  request_goes_out();
  response("HTTP/1.1 503 Busy", "Transfer-Encoding: chunked");
  transfer_ends(CURLE_OK);
}

static void in_the_first_attempt(size_t which) {
  begin_all();
  request_goes_out();
  set_all(which);
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

/* It may be meant for the next job. */
static void in_a_wait(size_t which) {
  begin_all();
  empty_busy_attempt();
  assert_waits_until(scene.now + 100);
  set_all(which);
  assert_ends(CURLE_OK);
  assert_int_equal(scene.reason, VERDICT_CHANGED);
}

static void in_a_later_wait(size_t which) {
  begin_all();
  empty_busy_attempt();
  assert_waits_until(scene.now + 100);
  pass_time(1000);
  assert_performs();
  empty_busy_attempt();
  assert_waits_until(scene.now + 100);
  set_all(which);
  assert_ends(CURLE_OK);
}

static void in_a_retry(size_t which) {
  begin_all();
  empty_busy_attempt();
  assert_waits_until(scene.now + 100);
  pass_time(1000);
  assert_performs();
  request_goes_out();
  set_all(which);
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

static void in_a_hand_over(size_t which) {
  begin_all();
  request_goes_out();
  scene.program.pauses_at = "fine";
  response("HTTP/1.1 200 OK", "Transfer-Encoding: chunked");
  body("fine");
  transfer_ends(CURLE_OK);
  assert_waits_until(scene.now + 100);
  set_all(which);
  scene.program.pauses_at = NULL;
  assert_int_equal(meanwhile_pause(scene.call, CURLPAUSE_CONT), CURLE_OK);
  assert_ends(CURLE_OK);
}

/* The options that it had, or has then, are none of the defaults. */
static void it_is_on_the_handle_afterwards(void **unused) {
  static void (*const moments[])(size_t) = {in_the_first_attempt, in_a_wait,
                                            in_a_later_wait, in_a_retry,
                                            in_a_hand_over};

  (void)unused;
  for (size_t i = 0; i < COUNT(moments); i++)
    for (size_t which = 0; which < 2; which++) {
      scene_end(NULL);
      scene_begin(NULL);
      if (which)
        set_all(0);
      moments[i](which);
    }
}

static void what_is_ours_stays_meanwhile(void **unused) {
  static const CURLoption options[] = {
      CURLOPT_WRITEFUNCTION, CURLOPT_WRITEDATA,      CURLOPT_HEADERFUNCTION,
      CURLOPT_HEADERDATA,    CURLOPT_PREREQFUNCTION, CURLOPT_PREREQDATA,
      CURLOPT_READFUNCTION,  CURLOPT_READDATA,       CURLOPT_SEEKFUNCTION,
      CURLOPT_SEEKDATA,      CURLOPT_XFERINFODATA,   CURLOPT_XFERINFOFUNCTION,
  };

  (void)unused;
  begin_all();
  for (size_t i = 0; i < COUNT(options); i++) {
    void *ours = options_pointer(now, options[i]);
    set(options[i], &thing);
    assert_true(options_hold(scene.call, options[i]));
    assert_ptr_equal(options_pointer(now, options[i]), ours);
    assert_ptr_not_equal(ours, &thing);
  }
  set(CURLOPT_CONNECTTIMEOUT, 100L);
  assert_int_equal(options_number(now, CURLOPT_CONNECTTIMEOUT_MS), 90000);
  transfer_ends(CURLE_URL_MALFORMAT);
  assert_ends(CURLE_URL_MALFORMAT);
}

static void what_is_not_replaced_goes_through(void **unused) {
  (void)unused;
  call_begins();
  set(CURLOPT_TIMEOUT_MS, 7L);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_READDATA, &thing);
  set(CURLOPT_CONNECTTIMEOUT, 9L);
  set(CURLOPT_USERAGENT, "agent");
  assert_int_equal(options_number(now, CURLOPT_TIMEOUT_MS), 7);
  assert_int_equal(options_number(now, CURLOPT_NOPROGRESS), 0);
  assert_ptr_equal(options_pointer(now, CURLOPT_READDATA), &thing);
  assert_int_equal(options_number(now, CURLOPT_CONNECTTIMEOUT_MS), 9000);
  assert_string_equal(options_pointer(now, CURLOPT_USERAGENT), "agent");
  fine_attempt();
  assert_ends(CURLE_OK);
}

static size_t on_other_write(char *bytes, size_t size, size_t count,
                             void *data) {
  assert_ptr_equal(data, &thing);
  assert_memory_equal(bytes, "fine", 4);
  thing = '!';
  return size * count;
}

/* Nothing of ours is on the handle then. */
static void what_is_set_after_a_reset_goes_through(void **unused) {
  (void)unused;
  thing = 0;
  call_begins();
  request_goes_out();
  memset(&libcurl.options, 0, sizeof libcurl.options);
  memset(&scene.program.options, 0, sizeof scene.program.options);
  shadow_reset(&scene.handle.shadow);
  meanwhile_reset(scene.call);
  set(CURLOPT_WRITEFUNCTION, on_other_write);
  set(CURLOPT_WRITEDATA, &thing);
  body("fine");
  assert_int_equal(thing, '!');
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

/* Also for what was held before it was set. */
static void a_write_callback_set_meanwhile_gets_the_body(void **unused) {
  (void)unused;
  thing = 0;
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK");
  body("fine");
  set(CURLOPT_WRITEFUNCTION, on_other_write);
  set(CURLOPT_WRITEDATA, &thing);
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_got("<HTTP/1.1 200 OK><>");
  assert_int_equal(thing, '!');
}

/* Progress was off when the call began. */
static void a_progress_callback_set_meanwhile_is_called(void **unused) {
  (void)unused;
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK"); /* HOLD_TIME's clock is on */
  assert_int_equal(libcurl_progress(4, 0), 0);
  watch_progress();
  assert_int_equal(libcurl_progress(4, 1), 0);
  assert_int_equal(scene.program.ticks, 1);
  set(CURLOPT_NOPROGRESS, 1L);
  assert_int_equal(libcurl_progress(4, 2), 0);
  assert_int_equal(scene.program.ticks, 1);
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

static void a_hsts_callback_set_meanwhile_stays(void **unused) {
  (void)unused;
  call_begins();
  busy_attempt();
  assert_retries_at(1000);
  set(CURLOPT_HSTSREADFUNCTION, nothing);
  assert_null(options_pointer(now, CURLOPT_HSTSREADFUNCTION));
  fine_attempt();
  assert_ends(CURLE_OK);
  assert_non_null(options_pointer(now, CURLOPT_HSTSREADFUNCTION));
}

/* A callback makes the handle ready for the next job: of this one no other
 * attempt is made. */
static void another_url_in_a_callback_ends_it_with_its_outcome(void **unused) {
  (void)unused;
  call_begins();
  request_goes_out();
  set(CURLOPT_URL, "http://other/path");
  transfer_ends(CURLE_RECV_ERROR);
  assert_ends(CURLE_RECV_ERROR);
  assert_int_equal(scene.reason, VERDICT_CHANGED);
  assert_string_equal(options_pointer(now, CURLOPT_URL), "http://other/path");
}

/* The one set last counts, to libcurl's meter. */
static void both_progress_callbacks_are_given_back_in_order(void **unused) {
  static const CURLoption orders[2][2] = {
      {CURLOPT_PROGRESSFUNCTION, CURLOPT_XFERINFOFUNCTION},
      {CURLOPT_XFERINFOFUNCTION, CURLOPT_PROGRESSFUNCTION}};

  (void)unused;
  for (size_t i = 0; i < COUNT(orders); i++)
    for (size_t both = 0; both < 2; both++) {
      bool has_meter;
      variables("STALL_TIMEOUT=90s"); /* by a progress callback of ours */
      set(CURLOPT_NOPROGRESS, 0L);
      set(orders[i][0], nothing);
      set(orders[i][1], both ? nothing : NULL);
      has_meter = options_has_meter(now);
      call_begins();
      fine_attempt();
      assert_ends(CURLE_OK);
      assert_int_equal(options_has_meter(now), has_meter);
      scene.program.got[0] = 0;
    }
}

/* An answer that is to be retried is being read to its end: the log doesn't
 * promise what won't be. */
static void another_url_in_a_drain_ends_it_with_its_outcome(void **unused) {
  char path[] = "/tmp/test_setopt.XXXXXX", setting[40], text[1024];
  int file = mkstemp(path);
  ssize_t n;

  (void)unused;
  assert_true(file >= 0);
  snprintf(setting, sizeof setting, "LOG=%s", path);
  variables(setting);
  call_begins();
  request_goes_out();
  response("HTTP/1.1 503 Busy", "Content-Length: 4");
  set(CURLOPT_URL, "http://other/path");
  body("busy");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_int_equal(scene.reason, VERDICT_CHANGED);
  assert_int_equal(tokens(), 100);
  assert_got(BUSY);
  n = read(file, text, sizeof text - 1);
  assert_true(n > 0);
  text[n] = 0;
  assert_non_null(strstr(text, "the program set options meanwhile"));
  assert_null(strstr(text, "retry 1/3"));
  close(file);
  unlink(path);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(it_is_on_the_handle_afterwards),
      SCENE(what_is_ours_stays_meanwhile),
      SCENE(what_is_not_replaced_goes_through),
      SCENE(what_is_set_after_a_reset_goes_through),
      SCENE(a_write_callback_set_meanwhile_gets_the_body),
      SCENE(a_progress_callback_set_meanwhile_is_called),
      SCENE(a_hsts_callback_set_meanwhile_stays),
      SCENE(another_url_in_a_callback_ends_it_with_its_outcome),
      SCENE(both_progress_callbacks_are_given_back_in_order),
      SCENE(another_url_in_a_drain_ends_it_with_its_outcome),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
