/* test_cancel.c - the program can end a call at any moment: while a bad
 * response is drained and while the shim waits. Signals run meanwhile. */
#define _GNU_SOURCE
#include "setup.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#define DELAY_MS 600 /* BASE_DELAY */

struct watcher {
  CURL *curl;
  long long last;    /* when the callback was called last */
  long long longest; /* between two calls */
  long long began;
  curl_off_t seen; /* largest dlnow */
  int calls;
  int went_back;       /* calls with a smaller dlnow */
  long long abort_at;  /* ms after the beginning; 0: never */
  bool aborts_at_body; /* at the first received byte */
  int calls_after;
  bool has_aborted;
  char error[CURL_ERROR_SIZE];
};

static int watch(struct watcher *watcher, curl_off_t received) {
  long long now = now_ms();

  watcher->calls++;
  watcher->calls_after += watcher->has_aborted;
  if (now - watcher->last > watcher->longest)
    watcher->longest = now - watcher->last;
  watcher->last = now;
  if (received < watcher->seen)
    watcher->went_back++;
  watcher->seen = received;
  watcher->has_aborted =
      (watcher->abort_at && now - watcher->began >= watcher->abort_at) ||
      (watcher->aborts_at_body && received > 0);
  return watcher->has_aborted;
}

static int on_info(void *data, curl_off_t total, curl_off_t now, curl_off_t a,
                   curl_off_t b) {
  (void)total, (void)a, (void)b;
  return watch(data, now);
}

static int on_progress(void *data, double total, double now, double a,
                       double b) {
  (void)total, (void)a, (void)b;
  return watch(data, (curl_off_t)now);
}

static void begin(struct watcher *watcher, const char *key, const char *plan) {
  memset(watcher, 0, sizeof *watcher);
  watcher->curl = handle_for(key, plan);
  watcher->began = watcher->last = now_ms();
  curl_easy_setopt(watcher->curl, CURLOPT_ERRORBUFFER, watcher->error);
  curl_easy_setopt(watcher->curl, CURLOPT_XFERINFOFUNCTION, on_info);
  curl_easy_setopt(watcher->curl, CURLOPT_XFERINFODATA, watcher);
  curl_easy_setopt(watcher->curl, CURLOPT_NOPROGRESS, 0L);
}

static void progress_is_called_while_waiting(void **state) {
  struct watcher watcher;

  (void)state;
  for (int old = 0; old < 2; old++) {
    begin(&watcher, old ? "old" : "wait", "503:size=300,200:size=1000");
    if (old) {
      curl_easy_setopt(watcher.curl, CURLOPT_XFERINFOFUNCTION, NULL);
      curl_easy_setopt(watcher.curl, CURLOPT_PROGRESSFUNCTION, on_progress);
    }
    assert_int_equal(curl_easy_perform(watcher.curl), CURLE_OK);
    assert_true(now_ms() - watcher.began >= DELAY_MS);
    assert_true(watcher.calls >= DELAY_MS / 200);
    assert_true(watcher.longest < DELAY_MS * patience());
    /* the values of the first attempt are repeated, then it begins anew */
    assert_true(watcher.went_back <= 1);
    assert_int_equal(server_count(old ? "old" : "wait"), 2);
    curl_easy_cleanup(watcher.curl);
  }
}

static void abort_while_waiting_ends_the_call(void **state) {
  struct watcher watcher;
  long long took;

  (void)state;
  begin(&watcher, "abort-wait", "503:ra=20,200:size=1000");
  watcher.abort_at = DELAY_MS / 2;
  assert_int_equal(curl_easy_perform(watcher.curl), CURLE_ABORTED_BY_CALLBACK);
  took = now_ms() - watcher.began;
  assert_in_range(took, watcher.abort_at, 20000);
  assert_string_equal(watcher.error, "Callback aborted");
  assert_int_equal(watcher.calls_after, 0);
  assert_int_equal(server_count("abort-wait"), 1);

  watcher.has_aborted = false;
  watcher.abort_at = 0;
  assert_int_equal(curl_easy_perform(watcher.curl), CURLE_OK);
  assert_int_equal(server_count("abort-wait"), 2);
  curl_easy_cleanup(watcher.curl);
}

static void abort_after_a_transport_failure_ends_the_call(void **state) {
  struct watcher watcher;

  (void)state;
  begin(&watcher, "abort-rst", "rst,200:size=1000");
  watcher.abort_at = DELAY_MS / 2;
  assert_int_equal(curl_easy_perform(watcher.curl), CURLE_ABORTED_BY_CALLBACK);
  assert_int_equal(watcher.calls_after, 0);
  assert_int_equal(server_count("abort-rst"), 1);
  curl_easy_cleanup(watcher.curl);
}

static void abort_while_draining_ends_the_call(void **state) {
  static const char *const plans[] = {
      "503:size=40000:rate=1000~50,200",
      "503:size=40000:rate=1000~50:chunked,200",
      "503:size=1000:stall@100,200",
  };
  char key[32];

  (void)state;
  for (size_t i = 0; i < COUNT(plans); i++) {
    struct watcher watcher;
    snprintf(key, sizeof key, "abort-drain%zu", i);
    begin(&watcher, key, plans[i]);
    watcher.aborts_at_body = true;
    assert_int_equal(curl_easy_perform(watcher.curl),
                     CURLE_ABORTED_BY_CALLBACK);
    assert_true(now_ms() - watcher.began < 10000 * patience());
    assert_int_equal(watcher.calls_after, 0);
    assert_string_equal(watcher.error, "Callback aborted");
    assert_int_equal(server_count(key), 1);
    curl_easy_cleanup(watcher.curl);
  }
}

/* DRAIN_BYTES and one second: a body without end doesn't stop the retry. */
static void drain_is_bounded(void **state) {
  static const char *const plans[] = {
      "503:size=1000:stall@100,200",
      "503:size=1000:chunked:stall@100,200",
      "503:size=90000:rate=1000~100,200",
      "503:size=3000000,200",
      "503:size=3000000:chunked,200",
  };
  char key[32];

  (void)state;
  for (size_t i = 0; i < COUNT(plans); i++) {
    struct watcher watcher;
    long status = 0;
    snprintf(key, sizeof key, "drain%zu", i);
    begin(&watcher, key, plans[i]);
    curl_easy_setopt(watcher.curl, CURLOPT_NOPROGRESS, (long)(i % 2));
    assert_int_equal(curl_easy_perform(watcher.curl), CURLE_OK);
    curl_easy_getinfo(watcher.curl, CURLINFO_RESPONSE_CODE, &status);
    assert_int_equal(status, 200);
    assert_true(now_ms() - watcher.began < 7000 * patience());
    assert_int_equal(server_count(key), 2);
    curl_easy_cleanup(watcher.curl);
  }
}

static volatile sig_atomic_t ticks;

static void on_alarm(int number) {
  (void)number;
  ticks++;
}

static void signals_run_and_do_not_stretch_the_wait(void **state) {
  struct itimerval every = {{0, 2000}, {0, 2000}}, never = {{0, 0}, {0, 0}};
  struct sigaction action = {.sa_handler = on_alarm}, before;
  struct watcher watcher;
  long long took;

  (void)state;
  begin(&watcher, "signals", "503,200");
  curl_easy_setopt(watcher.curl, CURLOPT_NOPROGRESS, 1L);
  sigaction(SIGALRM, &action, &before);
  setitimer(ITIMER_REAL, &every, NULL);
  assert_int_equal(curl_easy_perform(watcher.curl), CURLE_OK);
  took = now_ms() - watcher.began;
  setitimer(ITIMER_REAL, &never, NULL);
  sigaction(SIGALRM, &before, NULL);
  alarm((unsigned)(240 * patience()));
  assert_in_range(took, DELAY_MS, DELAY_MS + 3000 * patience());
  assert_true(ticks >= 20);
  curl_easy_cleanup(watcher.curl);
}

/* The program's own timeout is a promise about the whole call. */
static void wait_beyond_the_timeout_is_not_begun(void **state) {
  struct watcher watcher;
  long status = 0;

  (void)state;
  begin(&watcher, "timeout", "503:ra=20,200");
  curl_easy_setopt(watcher.curl, CURLOPT_TIMEOUT, 15L);
  assert_int_equal(curl_easy_perform(watcher.curl), CURLE_OK);
  curl_easy_getinfo(watcher.curl, CURLINFO_RESPONSE_CODE, &status);
  assert_int_equal(status, 503);
  assert_true(now_ms() - watcher.began < 15000);
  assert_int_equal(server_count("timeout"), 1);
  curl_easy_cleanup(watcher.curl);
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(progress_is_called_while_waiting),
      cmocka_unit_test(abort_while_waiting_ends_the_call),
      cmocka_unit_test(abort_after_a_transport_failure_ends_the_call),
      cmocka_unit_test(abort_while_draining_ends_the_call),
      cmocka_unit_test(drain_is_bounded),
      cmocka_unit_test(signals_run_and_do_not_stretch_the_wait),
      cmocka_unit_test(wait_beyond_the_timeout_is_not_begun),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=600ms",
                                       "CURLRETRY_JITTER=none", NULL};
  static const struct setup setup = {policy, tests, NULL};

  return setup_main(argc, argv, &setup);
}
