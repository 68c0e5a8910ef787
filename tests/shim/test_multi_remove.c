/* test_multi_remove.c - a transfer can be taken out of its multi handle in
 * any state; it is then as the program left it and goes on elsewhere. */
#define _GNU_SOURCE
#include "multi_run.h"

static void assert_no_message(struct drive *drive) {
  int left = -1;

  assert_null(curl_multi_info_read(drive->multi, &left));
  assert_int_equal(left, 0);
}

static void removed_while_waiting_is_cancelled(void **state) {
  struct transfer transfer;
  struct drive drive;

  drive_open(&drive, *state, turn_never, NULL);
  transfer_begin(&transfer, "cancel", "503,BODY", 1000);
  drive_add(&drive, transfer.curl);
  run_until_waiting(&drive, "cancel", 1);
  assert_int_equal(drive_remove(&drive, transfer.curl), CURLM_OK);
  assert_no_message(&drive);
  drive_for(&drive, 1600); /* longer than the delay */
  assert_null(drive.trouble);
  assert_no_message(&drive);
  assert_int_equal(transfer.heads, 0);
  assert_int_equal(transfer.got, 0);
  assert_int_equal(server_count("cancel"), 1);
  transfer_end(&transfer);
  drive_close(&drive);
}

/* In the same multi handle, in another one, alone; and is retried there, too.
 */
static void removed_while_waiting_goes_on_elsewhere(void **state) {
  static const char *const keys[] = {"same", "other", "alone"};
  struct transfer transfers[COUNT(keys)];
  struct crowd first = {&transfers[0], 1, false};
  struct crowd second = {&transfers[1], 1, false};
  struct drive drive, other;

  drive_open(&drive, *state, turn_never, &first);
  drive_open(&other, *state, crowd_turn, &second);
  for (size_t i = 0; i < COUNT(keys); i++) {
    transfer_begin(&transfers[i], keys[i], "503*2,BODY:chunked", 3000);
    drive_add(&drive, transfers[i].curl);
  }
  for (size_t i = 0; i < COUNT(keys); i++)
    run_until_seen(&drive, keys[i], 1);
  run_until_waiting(&drive, keys[0], 1);
  for (size_t i = 0; i < COUNT(keys); i++)
    assert_int_equal(drive_remove(&drive, transfers[i].curl), CURLM_OK);

  drive.turn = crowd_turn;
  assert_int_equal(drive_add(&drive, transfers[0].curl), CURLM_OK);
  assert_int_equal(drive_add(&other, transfers[1].curl), CURLM_OK);
  run_to_end(&drive);
  run_to_end(&other);
  assert_int_equal(curl_easy_perform(transfers[2].curl), CURLE_OK);
  assert_null(drive.trouble);
  assert_null(other.trouble);
  for (size_t i = 0; i < COUNT(keys); i++) {
    transfer_assert(&transfers[i], 3);
    assert_int_equal(transfers[i].messages, i < 2);
    transfer_end(&transfers[i]);
  }
  drive_close(&drive);
  drive_close(&other);
}

/* Each brought into another state. */
static const struct {
  const char *name;
  const char *plan;
  size_t requests; /* when it was performed alone, too */
  int pauses;
  bool has_message;
  long long size;
} sorts[] = {
    {"fresh", "BODY", 1, 0, false, 4000}, /* never driven */
    {"asks", "hang,BODY", 2, 0, false, 4000},
    {"head", "BODY:stall@0,BODY", 2, 0, false, 4000},
    {"body", "BODY:stall@1000,BODY", 2, 0, false, 4000},
    {"chunked", "BODY:chunked:stall@1000,BODY", 2, 0, false, 4000},
    {"committed", "BODY:stall@3000,BODY", 2, 0, false, 4000},
    {"drains", "503:size=1000:stall@100,BODY", 2, 0, false, 4000},
    {"waits", "503,BODY", 2, 0, false, 4000},
    {"waits-reset", "rst,BODY", 2, 0, false, 4000},
    {"waits-resume", "BODY:etag=v:ranges:rst@3000,BODY", 2, 0, false, 4000},
    {"paused", "BODY", 2, 1, false, 4000},
    {"paused-chunked", "BODY:chunked", 2, 1, false, 4000},
    {"paused-held", "BODY:chunked", 2, 1, false, 500}, /* HOLD_BYTES */
    {"done", "BODY", 2, 0, true, 4000},
    {"done-chunked", "BODY:chunked", 2, 0, true, 4000},
};

#define SORTS COUNT(sorts)

static void begin_each(struct drive *drive, struct transfer *transfers) {
  for (size_t i = SORTS; i-- > 0;) {
    transfer_begin(&transfers[i], sorts[i].name, sorts[i].plan, sorts[i].size);
    transfers[i].pauses = sorts[i].pauses;
    if (i == 0) {
      for (size_t j = 1; j < SORTS; j++)
        run_until_seen(drive, sorts[j].name, 1);
      run_until_waiting(drive, "waits", 1);
      assert_null(drive->trouble);
    }
    assert_int_equal(drive_add(drive, transfers[i].curl), CURLM_OK);
  }
}

static void removed_in_any_state_can_be_performed(void **state) {
  struct transfer transfers[SORTS];
  struct drive drive;

  drive_open(&drive, *state, turn_never, NULL);
  begin_each(&drive, transfers);
  for (size_t i = 0; i < SORTS; i++) {
    assert_int_equal(drive_remove(&drive, transfers[i].curl), CURLM_OK);
    /* it is gone already: libcurl doesn't mind, but where none is left (8.10
       to 8.12) */
    assert_int_equal(drive_remove(&drive, transfers[i].curl),
                     i + 1 == SORTS && is_libcurl(0x080a00, 0x080d00)
                         ? CURLM_BAD_EASY_HANDLE
                         : CURLM_OK);
  }
  assert_no_message(&drive);
  drive_for(&drive, 20);
  assert_null(drive.trouble);
  for (size_t i = 0; i < SORTS; i++) {
    transfer_forget(&transfers[i]);
    transfers[i].pauses = 0;
    assert_int_equal(curl_easy_perform(transfers[i].curl), CURLE_OK);
    transfer_assert(&transfers[i], sorts[i].requests);
    transfer_end(&transfers[i]);
  }
  assert_no_message(&drive);
  drive_close(&drive);
}

/* The messages of the others are still there, each once. */
static void removed_unread_takes_its_message_along(void **state) {
  struct transfer transfers[SORTS];
  size_t messages = 0;
  struct drive drive;
  CURLMsg *message;
  int left = -1;

  drive_open(&drive, *state, turn_never, NULL);
  for (size_t i = 0; i < SORTS; i++) {
    char key[40];
    snprintf(key, sizeof key, "unread-%s", sorts[i].name);
    transfer_begin(&transfers[i], key, sorts[i].plan, sorts[i].size);
    transfers[i].pauses = sorts[i].pauses;
    drive_add(&drive, transfers[i].curl);
  }
  for (size_t i = 0; i < SORTS; i++)
    run_until_seen(&drive, transfers[i].key, 1);
  run_until_waiting(&drive, "unread-waits", 1);
  /* "fresh" has run here, too */
  for (size_t i = 0; i < SORTS; i++)
    if (i % 2 && !sorts[i].has_message)
      assert_int_equal(drive_remove(&drive, transfers[i].curl), CURLM_OK);
  assert_int_equal(drive_remove(&drive, transfers[0].curl), CURLM_OK);
  while ((message = curl_multi_info_read(drive.multi, &left))) {
    messages++;
    assert_int_equal(message->data.result, CURLE_OK);
    assert_int_equal(left, 2 - (int)messages);
  }
  assert_int_equal(messages, 2);
  for (size_t i = 0; i < SORTS; i++) {
    drive_remove(&drive, transfers[i].curl);
    transfer_end(&transfers[i]);
  }
  assert_null(drive.trouble);
  drive_close(&drive);
}

int main(int argc, char **argv) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(removed_while_waiting_is_cancelled),
      cmocka_unit_test(removed_while_waiting_goes_on_elsewhere),
      cmocka_unit_test(removed_in_any_state_can_be_performed),
      cmocka_unit_test(removed_unread_takes_its_message_along),
  };
  static const char *const policy[] = {
      "CURLRETRY_BACKOFF=constant", "CURLRETRY_HOLD_BYTES=2K",
      "CURLRETRY_HOLD_TIME=off", "CURLRETRY_BUDGET=off", NULL};
  static const struct multi_run tests = {all, COUNT(all), policy, 1500};

  return multi_run(argc, argv, &tests);
}
