/* test_multi_progress.c - while a transfer waits its progress callback is
 * called, and can end it. */
#define _GNU_SOURCE
#include "multi_run.h"

struct watcher {
  int calls;
  long long last, longest; /* ms between two calls */
  long long abort_at;      /* monotonic, ms; 0: never */
  bool has_aborted;
  int calls_after;
  char error[CURL_ERROR_SIZE];
};

static int watch(struct watcher *watcher) {
  long long now = now_ms();

  watcher->calls++;
  watcher->calls_after += watcher->has_aborted;
  if (watcher->last && now - watcher->last > watcher->longest)
    watcher->longest = now - watcher->last;
  watcher->last = now;
  watcher->has_aborted = watcher->abort_at && now >= watcher->abort_at;
  return watcher->has_aborted;
}

static int on_info(void *data, curl_off_t a, curl_off_t b, curl_off_t c,
                   curl_off_t d) {
  (void)a, (void)b, (void)c, (void)d;
  return watch(data);
}

static int on_progress(void *data, double a, double b, double c, double d) {
  (void)a, (void)b, (void)c, (void)d;
  return watch(data);
}

static void set_watcher(struct watcher *watcher, CURL *curl, bool is_old) {
  *watcher = (struct watcher){0};
  if (is_old)
    curl_easy_setopt(curl, CURLOPT_PROGRESSFUNCTION, on_progress);
  else
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_info);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, watcher);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, watcher->error);
}

static void progress_is_called_while_waiting(void **state) {
  static const char *const plans[] = {"503:size=300,BODY", "rst,BODY:chunked"};
  struct transfer transfers[COUNT(plans)];
  struct watcher watchers[COUNT(plans)];
  struct crowd crowd = {transfers, COUNT(plans), false};
  struct drive drive;

  drive_open(&drive, *state, crowd_turn, &crowd);
  for (size_t i = 0; i < COUNT(plans); i++) {
    transfer_begin(&transfers[i], i ? "reset" : "status", plans[i], 2000);
    set_watcher(&watchers[i], transfers[i].curl, i > 0);
  }
  crowd_add(&drive);
  run_until_waiting(&drive, "status", 1);
  run_until_waiting(&drive, "reset", 1);
  for (size_t i = 0; i < COUNT(plans); i++)
    watchers[i].calls = 0;
  run_to_end(&drive);
  for (size_t i = 0; i < COUNT(plans); i++) {
    transfer_assert(&transfers[i], 2);
    transfer_end(&transfers[i]);
    /* every 100 ms, and what libcurl calls itself */
    assert_true(watchers[i].calls >= multi_delay() / 200);
    assert_in_range(watchers[i].longest, 0, multi_delay() - 1);
  }
  drive_close(&drive);
}

static bool turn_until_first(struct drive *drive) {
  struct crowd *crowd = drive->data;

  read_messages(drive);
  return crowd->transfers[0].messages > 0;
}

/* Those beside it don't notice. */
static void progress_ends_what_waits(void **state) {
  struct transfer transfers[2];
  struct crowd crowd = {transfers, 2, false};
  struct watcher watcher;
  struct drive drive;

  drive_open(&drive, *state, turn_until_first, &crowd);
  transfer_begin(&transfers[0], "abort", "503,BODY", 2000);
  transfer_begin(&transfers[1], "beside", "503,BODY", 2000);
  set_watcher(&watcher, transfers[0].curl, false);
  crowd_add(&drive);
  run_until_waiting(&drive, "abort", 1);
  watcher.abort_at = now_ms() + 100;
  run_to_end(&drive);
  assert_int_equal(transfers[0].code, CURLE_ABORTED_BY_CALLBACK);
  assert_string_equal(watcher.error, "Callback aborted");

  drive.turn = crowd_turn;
  run_to_end(&drive);
  transfer_assert(&transfers[1], 2);
  assert_int_equal(transfers[0].messages, 1);
  assert_int_equal(watcher.calls_after, 0);
  assert_int_equal(server_count("abort"), 1);

  /* and again, to its end */
  watcher.abort_at = 0;
  transfers[0].trouble = NULL; /* it may have got the failure's body */
  transfer_forget(&transfers[0]);
  drive_add(&drive, transfers[0].curl);
  run_to_end(&drive);
  transfer_assert(&transfers[0], 2);
  transfer_end(&transfers[0]);
  transfer_end(&transfers[1]);
  drive_close(&drive);
}

int main(int argc, char **argv) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(progress_is_called_while_waiting),
      cmocka_unit_test(progress_ends_what_waits),
  };
  static const char *const policy[] = {"CURLRETRY_BUDGET=off", NULL};
  static const struct multi_run tests = {all, COUNT(all), policy, 1000};

  return multi_run(argc, argv, &tests);
}
