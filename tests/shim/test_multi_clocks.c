/* test_multi_clocks.c - what is due while nothing moves happens in every loop,
 * also where libcurl itself has no timer: held bytes are handed over, a drain
 * and an attempt that stalls end, a program's timeout is kept. */
#define _GNU_SOURCE
#include "multi_run.h"

static bool turn_until_bytes(struct drive *drive) {
  const struct crowd *crowd = drive->data;

  read_messages(drive);
  return crowd->transfers[0].got >= 500;
}

/* HOLD_TIME, then STALL_TIMEOUT. */
static void held_bytes_come_before_the_stall_ends(void **state) {
  struct transfer transfer;
  struct crowd crowd = {&transfer, 1, false};
  struct drive drive;

  drive_open(&drive, *state, turn_until_bytes, &crowd);
  transfer_begin(&transfer, "held",
                 "BODY:etag=v:ranges:stall@500,BODY:etag=v:ranges", 4000);
  drive_add(&drive, transfer.curl);
  run_to_end(&drive);
  assert_int_equal(transfer.got, 500);
  assert_int_equal(server_count("held"), 1);
  drive.turn = crowd_turn;
  run_to_end(&drive);
  transfer_assert(&transfer, 2);
  transfer_end(&transfer);
  drive_close(&drive);
}

static void what_stalls_is_retried(void **state) {
  static const char *const plans[] = {
      "hang,BODY",
      "503:size=1000:stall@100,BODY",
      "503:size=1000:chunked:stall@100,BODY",
      "BODY:etag=v:ranges:stall@0,BODY:etag=v:ranges",
  };
  struct transfer transfers[COUNT(plans)];
  struct crowd crowd = {transfers, COUNT(plans), false};
  struct drive drive;
  char key[32];

  drive_open(&drive, *state, crowd_turn, &crowd);
  for (size_t i = 0; i < COUNT(plans); i++) {
    snprintf(key, sizeof key, "stall%zu", i);
    transfer_begin(&transfers[i], key, plans[i], 3000);
  }
  crowd_add(&drive);
  run_to_end(&drive);
  for (size_t i = 0; i < COUNT(plans); i++) {
    transfer_assert(&transfers[i], 2);
    transfer_end(&transfers[i]);
  }
  drive_close(&drive);
}

/* It is for the whole call. */
static void the_program_s_timeout_is_kept(void **state) {
  static const struct {
    const char *plan;
    CURLcode code;
    long timeout_ms;
    long status;
    size_t requests;
  } sorts[] = {
      {"hang", CURLE_OPERATION_TIMEDOUT, 1000, 0, 1},
      {"503,hang", CURLE_OPERATION_TIMEDOUT, 1500, 0, 2},
      {"429:ra=5,BODY", CURLE_OK, 1500, 429, 1}, /* the wait isn't begun */
  };
  struct transfer transfers[COUNT(sorts)];
  struct crowd crowd = {transfers, COUNT(sorts), false};
  struct drive drive;
  char key[32];

  drive_open(&drive, *state, crowd_turn, &crowd);
  for (size_t i = 0; i < COUNT(sorts); i++) {
    snprintf(key, sizeof key, "timeout%zu", i);
    transfer_begin(&transfers[i], key, sorts[i].plan, 3000);
    transfers[i].stays = true;
    curl_easy_setopt(transfers[i].curl, CURLOPT_TIMEOUT_MS,
                     sorts[i].timeout_ms);
  }
  crowd_add(&drive);
  run_to_end(&drive);
  for (size_t i = 0; i < COUNT(sorts); i++) {
    long status = -1;
    curl_easy_getinfo(transfers[i].curl, CURLINFO_RESPONSE_CODE, &status);
    assert_int_equal(transfers[i].code, sorts[i].code);
    if (transfers[i].code == CURLE_OK)
      assert_int_equal(status, sorts[i].status);
    assert_int_equal(server_count(transfers[i].key), sorts[i].requests);
    drive_remove(&drive, transfers[i].curl);
    transfer_end(&transfers[i]);
  }
  drive_close(&drive);
}

int main(int argc, char **argv) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(held_bytes_come_before_the_stall_ends),
      cmocka_unit_test(what_stalls_is_retried),
      cmocka_unit_test(the_program_s_timeout_is_kept),
  };
  static const char *const policy[] = {
      "CURLRETRY_BASE_DELAY=20ms", "CURLRETRY_HOLD_TIME=200ms",
      "CURLRETRY_STALL_TIMEOUT=2s", "CURLRETRY_BUDGET=off", NULL};
  static const struct multi_run tests = {all, COUNT(all), policy, 0};

  return multi_run(argc, argv, &tests);
}
