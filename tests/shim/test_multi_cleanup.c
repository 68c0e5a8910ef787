/* test_multi_cleanup.c - any order of the cleanups is right, whatever waits,
 * runs or has an unread message; and a reset makes a handle as new. */
#define _GNU_SOURCE
#include "multi_run.h"

#include <string.h>

static const struct {
  const char *name;
  const char *plan;
  size_t requests; /* when it was performed again, too */
  int pauses;
  long long size;
} sorts[] = {
    {"asks", "hang,BODY", 2, 0, 4000},
    {"body", "BODY:chunked:stall@1000,BODY", 2, 0, 4000},
    {"committed", "BODY:stall@3000,BODY", 2, 0, 4000},
    {"waits", "503,BODY", 2, 0, 4000},
    {"waits-reset", "rst,BODY", 2, 0, 4000},
    {"waits-resume", "BODY:etag=v:ranges:rst@3000,BODY", 2, 0, 4000},
    {"paused", "BODY", 2, 1, 4000},
    {"paused-chunked", "BODY:chunked", 2, 1, 4000},
    {"paused-held", "BODY:chunked", 2, 1, 500}, /* HOLD_BYTES */
    {"unread", "BODY", 2, 0, 4000},
    {"unread-chunked", "BODY:chunked", 2, 0, 4000},
};

#define SORTS COUNT(sorts)

/* Each in its state; no message is read. */
static void begin(struct drive *drive, struct transfer *transfers,
                  const char *name) {
  char key[32];

  for (size_t i = 0; i < SORTS; i++) {
    snprintf(key, sizeof key, "%s-%s", name, sorts[i].name);
    transfer_begin(&transfers[i], key, sorts[i].plan, sorts[i].size);
    transfers[i].pauses = sorts[i].pauses;
    drive_add(drive, transfers[i].curl);
  }
  for (size_t i = 0; i < SORTS; i++)
    run_until_seen(drive, transfers[i].key, 1);
  run_until_waiting(drive, transfers[0].key, 1);
  assert_null(drive->trouble);
}

static void multi_cleanup_lets_each_be_performed(void **state) {
  struct transfer transfers[SORTS];
  struct drive drive;

  drive_open(&drive, *state, turn_never, NULL);
  begin(&drive, transfers, "multi");
  drive_close(&drive);
  for (size_t i = 0; i < SORTS; i++) {
    transfer_forget(&transfers[i]);
    transfers[i].pauses = 0;
    assert_int_equal(curl_easy_perform(transfers[i].curl), CURLE_OK);
    transfer_assert(&transfers[i], sorts[i].requests);
    transfer_end(&transfers[i]);
  }
}

/* In another multi handle, too; libcurl itself forgets those that still run
 * (7.88: their timer stays in the first one). */
static void multi_cleanup_lets_each_be_added_elsewhere(void **state) {
  struct transfer transfers[SORTS];
  struct crowd crowd = {NULL, 0, false};
  struct drive drive, other;

  drive_open(&drive, *state, turn_never, NULL);
  drive_open(&other, *state, crowd_turn, &crowd);
  begin(&drive, transfers, "elsewhere");
  drive_close(&drive);
  for (size_t i = 0; i < SORTS; i++) {
    if (strncmp(sorts[i].name, "waits", 5) &&
        strncmp(sorts[i].name, "unread", 6))
      continue;
    transfer_forget(&transfers[i]);
    crowd.transfers = &transfers[i];
    crowd.count = 1;
    assert_int_equal(drive_add(&other, transfers[i].curl), CURLM_OK);
    run_to_end(&other);
    transfer_assert(&transfers[i], sorts[i].requests);
  }
  for (size_t i = 0; i < SORTS; i++)
    transfer_end(&transfers[i]);
  drive_close(&other);
}

static void cleanups_in_any_order_leave_nothing(void **state) {
  struct transfer transfers[SORTS];
  struct drive drive;

  for (int order = 0; order < 2; order++) {
    drive_open(&drive, *state, turn_never, NULL);
    begin(&drive, transfers, order ? "last" : "first");
    if (order)
      drive_close(&drive);
    for (size_t i = 0; i < SORTS; i++) {
      /* libcurl 7.88 leaks what it keeps for it, when it is freed in there */
      if (!order && sorts[i].pauses)
        drive_remove(&drive, transfers[i].curl);
      transfer_end(&transfers[i]);
    }
    if (!order) {
      int left = -1;
      assert_null(curl_multi_info_read(drive.multi, &left));
      assert_int_equal(left, 0);
      drive_for(&drive, 20);
      assert_null(drive.trouble);
      drive_close(&drive);
    }
    for (size_t i = 0; i < SORTS; i++)
      assert_int_equal(server_count(transfers[i].key), 1);
  }
}

/* Without curl_multi_remove_handle(). Those beside it go on. */
static void cleanup_of_one_that_waits_cancels_it(void **state) {
  struct transfer transfers[3];
  struct crowd crowd = {transfers, 2, false};
  struct drive drive;

  drive_open(&drive, *state, crowd_turn, &crowd);
  transfer_begin(&transfers[0], "beside0", "503,BODY", 1000);
  transfer_begin(&transfers[1], "beside1", "503,BODY:chunked", 1000);
  transfer_begin(&transfers[2], "victim", "503,BODY", 1000);
  for (int i = 0; i < 3; i++)
    drive_add(&drive, transfers[i].curl);
  for (int i = 0; i < 3; i++)
    run_until_seen(&drive, transfers[i].key, 1);
  run_until_waiting(&drive, "victim", 1);
  transfer_end(&transfers[2]);
  drive.running = -1;
  run_to_end(&drive);
  assert_int_equal(server_count("victim"), 1);
  for (int i = 0; i < 2; i++) {
    transfer_assert(&transfers[i], 2);
    transfer_end(&transfers[i]);
  }
  drive_close(&drive);
}

static bool turn_until_none_runs(struct drive *drive) {
  read_messages(drive);
  return drive->running == 0;
}

/* Its call is over: what runs afterwards is what is set anew. */
static void reset_of_one_that_waits_ends_its_call(void **state) {
  struct transfer transfer, beside;
  struct crowd crowd = {&transfer, 1, false};
  struct drive drive;

  drive_open(&drive, *state, turn_until_none_runs, &crowd);
  transfer_begin(&transfer, "reset", "503*2,BODY", 1000);
  transfer_begin(&beside, "reset-beside", "BODY:rate=100~50", 1000);
  drive_add(&drive, transfer.curl);
  run_until_waiting(&drive, "reset", 1);
  curl_easy_reset(transfer.curl);
  drive_add(&drive, beside.curl);
  /* a handle that is reset has no CURLINFO_PRIVATE */
  curl_easy_setopt(transfer.curl, CURLOPT_PRIVATE, &transfer);
  run_to_end(&drive);
  transfer_assert(&beside, 1);
  assert_int_equal(server_count("reset"), 1);

  drive_remove(&drive, transfer.curl);
  transfer_forget(&transfer);
  transfer_set(&transfer);
  drive.turn = crowd_turn;
  assert_int_equal(drive_add(&drive, transfer.curl), CURLM_OK);
  run_to_end(&drive);
  transfer_assert(&transfer, 3);
  transfer_end(&transfer);
  transfer_end(&beside);
  drive_close(&drive);
}

int main(int argc, char **argv) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(multi_cleanup_lets_each_be_performed),
      cmocka_unit_test(multi_cleanup_lets_each_be_added_elsewhere),
      cmocka_unit_test(cleanups_in_any_order_leave_nothing),
      cmocka_unit_test(cleanup_of_one_that_waits_cancels_it),
      cmocka_unit_test(reset_of_one_that_waits_ends_its_call),
  };
  static const char *const policy[] = {
      "CURLRETRY_BACKOFF=constant", "CURLRETRY_HOLD_BYTES=2K",
      "CURLRETRY_HOLD_TIME=off", "CURLRETRY_BUDGET=off", NULL};
  static const struct multi_run tests = {all, COUNT(all), policy, 1500};

  return multi_run(argc, argv, &tests);
}
