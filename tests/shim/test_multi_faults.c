/* test_multi_faults.c - failures on purpose in a multi handle, in every loop:
 * each transfer's first attempt is answered 503 by nobody, its second breaks
 * in the middle of the body, and both are late. */
#define _GNU_SOURCE
#include "multi_run.h"

#include <string.h>

#define MANY 20
#define LATE_MS 800

static void one_comes_through(void **state) {
  struct transfer transfer;
  struct crowd crowd = {&transfer, 1, false};
  long long began = now_ms();
  struct drive drive;

  drive_open(&drive, *state, crowd_turn, &crowd);
  transfer_begin(&transfer, "one", "BODY", 3000);
  drive_add(&drive, transfer.curl);
  run_to_end(&drive);
  transfer_assert(&transfer, 2); /* the second attempt's, and the third's */
  assert_int_equal(transfer.heads, 1);
  assert_true(now_ms() - began >= 2 * LATE_MS);
  transfer_end(&transfer);
  drive_close(&drive);
}

static void many_come_through(void **state) {
  struct transfer transfers[MANY];
  struct crowd crowd = {transfers, MANY, *state != &loops[0]};
  struct drive drive;

  drive_open(&drive, *state, crowd_turn, &crowd);
  for (int i = 0; i < MANY; i++) {
    char key[16];
    snprintf(key, sizeof key, "many%d", i);
    transfer_begin(&transfers[i], key, "BODY", 3000 + i);
  }
  crowd_add(&drive);
  run_to_end(&drive);
  for (int i = 0; i < MANY; i++) {
    transfer_assert(&transfers[i], 2);
    transfer_end(&transfers[i]);
  }
  drive_close(&drive);
}

/* While it is late it runs, as far as anybody can tell; then it is the
 * program's own again, without any call of it on its way. */
static void one_can_be_taken_away_while_it_is_late(void **state) {
  struct transfer transfer;
  struct crowd crowd = {&transfer, 1, false};
  struct drive drive;
  long status = -1;

  drive_open(&drive, *state, turn_never, &crowd);
  transfer_begin(&transfer, "away", "BODY", 3000);
  drive_add(&drive, transfer.curl);
  drive_for(&drive, LATE_MS / 10);
  assert_int_equal(drive.running, 1);
  assert_int_equal(curl_multi_add_handle(drive.multi, transfer.curl),
                   CURLM_ADDED_ALREADY);
  assert_int_equal(drive_remove(&drive, transfer.curl), CURLM_OK);
  drive_for(&drive, 2 * LATE_MS);
  assert_int_equal(transfer.messages, 0);
  assert_int_equal(transfer.heads, 0);
  assert_int_equal(server_count("away"), 0);
  curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &status);
  assert_int_equal(status, 0);

  /* and may be used otherwise */
  transfer_forget(&transfer);
  assert_int_equal(curl_easy_perform(transfer.curl), CURLE_OK);
  assert_null(transfer_trouble_alone(&transfer));
  assert_int_equal(server_count("away"), 2);
  transfer_end(&transfer);
  drive_close(&drive);
}

/* A transfer that is late holds up nobody, and is not driven all the time. */
static void nobody_is_busy_meanwhile(void **state) {
  const struct loop *loop = *state;
  struct transfer transfer;
  struct crowd crowd = {&transfer, 1, false};
  struct drive drive;

  drive_open(&drive, loop, crowd_turn, &crowd);
  transfer_begin(&transfer, "idle", "BODY", 3000);
  drive_add(&drive, transfer.curl);
  assert_false(drive_for(&drive, LATE_MS / 10)); /* until it waits */
  drive.wakeups = 0;
  assert_false(drive_for(&drive, LATE_MS / 10));
  if (!loop->has_clock)
    assert_in_range(drive.wakeups, 0, 20 * patience());
  run_to_end(&drive);
  transfer_assert(&transfer, 2);
  transfer_end(&transfer);
  drive_close(&drive);
}

/* libcurl tells it through the program's pause, too. */
static void one_that_pauses_comes_through(void **state) {
  struct transfer transfer;
  struct crowd crowd = {&transfer, 1, false};
  struct drive drive;

  drive_open(&drive, *state, crowd_turn, &crowd);
  transfer_begin(&transfer, "pause", "BODY:chunked", 3000);
  transfer.pauses = 2;
  drive_add(&drive, transfer.curl);
  run_to_end(&drive);
  transfer_assert(&transfer, 2);
  transfer_end(&transfer);
  drive_close(&drive);
}

int main(int argc, char **argv) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(one_comes_through),
      cmocka_unit_test(many_come_through),
      cmocka_unit_test(one_can_be_taken_away_while_it_is_late),
      cmocka_unit_test(nobody_is_busy_meanwhile),
      cmocka_unit_test(one_that_pauses_comes_through),
  };
  static const char *const policy[] = {
      "CURLRETRY_BACKOFF=constant", "CURLRETRY_BUDGET=off",
      "CURLRETRY_FAULTS=503:first=1,reset@1000:first=2,delay=800ms:first=2",
      NULL};
  static const struct multi_run tests = {all, COUNT(all), policy, 20};

  return multi_run(argc, argv, &tests);
}
