/* test_multi_message.c - the message of a transfer: one, when it has ended and
 * not before; it stays as it is, and those behind it are counted. */
#define _GNU_SOURCE
#include "multi_run.h"

#include <string.h>

#define COUNT_OF 8

/* Some are retried, some aren't: their messages come from two queues. */
static const char *const plans[COUNT_OF] = {
    "BODY", "503,BODY", "BODY:chunked", "rst,BODY:chunked",
    "BODY", "503,BODY", "BODY:chunked", "BODY:chunked:close@500,BODY"};

static void begin(struct drive *drive, struct transfer *transfers,
                  const char *name) {
  char key[32];

  for (int i = 0; i < COUNT_OF; i++) {
    snprintf(key, sizeof key, "%s%d", name, i);
    transfer_begin(&transfers[i], key, plans[i], 2000);
    transfers[i].stays = true;
    drive_add(drive, transfers[i].curl);
  }
}

static void end(struct drive *drive, struct transfer *transfers) {
  if (drive->trouble)
    fail_msg("%s", drive->trouble);
  for (int i = 0; i < COUNT_OF; i++) {
    drive_remove(drive, transfers[i].curl);
    transfer_end(&transfers[i]);
  }
  drive_close(drive);
}

static bool turn_until_none_runs(struct drive *drive) {
  return drive->running == 0;
}

static void messages_behind_are_counted(void **state) {
  struct transfer transfers[COUNT_OF];
  bool is_seen[COUNT_OF] = {false};
  struct drive drive;
  int left = -1;

  drive_open(&drive, *state, turn_until_none_runs, NULL);
  begin(&drive, transfers, "count");
  assert_null(curl_multi_info_read(drive.multi, &left));
  assert_int_equal(left, 0);
  run_to_end(&drive);
  for (int i = 0; i < COUNT_OF; i++) {
    const CURLMsg *message = curl_multi_info_read(drive.multi, &left);
    char *private = NULL;
    size_t at;
    assert_non_null(message);
    assert_int_equal(left, COUNT_OF - 1 - i);
    assert_int_equal(message->msg, CURLMSG_DONE);
    assert_int_equal(message->data.result, CURLE_OK);
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
    at = (size_t)((struct transfer *)(void *)private - transfers);
    assert_true(at < COUNT_OF && !is_seen[at]);
    is_seen[at] = true;
    transfer_assert(&transfers[at], strchr(plans[at], ',') ? 2 : 1);
  }
  for (int i = 0; i < 2; i++) {
    left = -1;
    assert_null(curl_multi_info_read(drive.multi, &left));
    assert_int_equal(left, 0);
    drive_for(&drive, 20);
  }
  end(&drive, transfers);
}

struct kept {
  const CURLMsg *messages[COUNT_OF];
  CURLMsg copies[COUNT_OF];
  int count;
};

static bool keep(struct drive *drive) {
  struct kept *kept = drive->data;
  const CURLMsg *message;
  int left;

  while ((message = curl_multi_info_read(drive->multi, &left))) {
    if (kept->count == COUNT_OF) {
      drive_complain(drive, "too many messages");
      break;
    }
    kept->messages[kept->count] = message;
    kept->copies[kept->count++] = *message;
  }
  return kept->count == COUNT_OF;
}

/* Other messages are read meanwhile, other transfers end and go. */
static void a_message_stays_until_its_transfer_is_removed(void **state) {
  struct transfer transfers[COUNT_OF], other;
  struct kept kept = {.count = 0};
  struct drive drive;

  drive_open(&drive, *state, keep, &kept);
  begin(&drive, transfers, "stay");
  transfer_begin(&other, "stay-other", "BODY:rate=100~50", 500);
  run_to_end(&drive);
  drive.turn = turn_never;
  drive_add(&drive, other.curl);
  drive_for(&drive, 50);
  drive_remove(&drive, other.curl);
  for (int i = 0; i < COUNT_OF; i++) {
    assert_int_equal(kept.messages[i]->msg, CURLMSG_DONE);
    assert_ptr_equal(kept.messages[i]->easy_handle,
                     kept.copies[i].easy_handle);
    assert_int_equal(kept.messages[i]->data.result, CURLE_OK);
    for (int j = 0; j < i; j++)
      assert_ptr_not_equal(kept.messages[i]->easy_handle,
                           kept.copies[j].easy_handle);
    drive_remove(&drive, kept.copies[i].easy_handle);
  }
  transfer_end(&other);
  end(&drive, transfers);
}

/* Against libcurl's manual, but libcurl's messages lie in the handles, so many
 * programs do it: curl_easy_cleanup(message->easy_handle) behind the removal.
 * Others are added and end meanwhile. */
static void a_message_can_be_looked_at_after_its_removal(void **state) {
  static const char *const sorts[] = {"503", "rst", "BODY", "404"};
  struct transfer transfers[COUNT(sorts)], others[COUNT(sorts)];
  const CURLMsg *messages[COUNT(sorts)];
  struct kept kept = {.count = 0};
  struct drive drive;
  char key[32];
  int left;

  drive_open(&drive, *state, turn_until_none_runs, NULL);
  for (size_t i = 0; i < COUNT(sorts); i++) {
    snprintf(key, sizeof key, "gone%zu", i);
    transfer_begin(&transfers[i], key, sorts[i], 500);
    drive_add(&drive, transfers[i].curl);
    snprintf(key, sizeof key, "gone-other%zu", i);
    transfer_begin(&others[i], key, "BODY", 500);
  }
  run_to_end(&drive);
  for (size_t i = 0; i < COUNT(sorts); i++) {
    messages[i] = curl_multi_info_read(drive.multi, &left);
    assert_non_null(messages[i]);
    kept.copies[i] = *messages[i];
    drive_remove(&drive, messages[i]->easy_handle);
    drive_add(&drive, others[i].curl);
  }
  run_to_end(&drive);
  for (size_t i = 0; i < COUNT(sorts); i++)
    assert_non_null(curl_multi_info_read(drive.multi, &left));
  for (size_t i = 0; i < COUNT(sorts); i++)
    drive_remove(&drive, others[i].curl);
  drive_close(&drive);
  for (size_t i = 0; i < COUNT(sorts); i++) {
    assert_int_equal(messages[i]->msg, CURLMSG_DONE);
    assert_ptr_equal(messages[i]->easy_handle, kept.copies[i].easy_handle);
    assert_int_equal(messages[i]->data.result, kept.copies[i].data.result);
  }
  for (size_t i = 0; i < COUNT(sorts); i++) {
    transfer_end(&transfers[i]);
    transfer_end(&others[i]);
  }
}

/* Retries used up, or never begun. */
static void a_failure_has_its_message_too(void **state) {
  static const struct {
    const char *plan;
    long status;
    CURLcode code;
    size_t requests;
  } sorts[] = {
      {"503", 503, CURLE_OK, 3},
      {"503:chunked", 503, CURLE_OK, 3},
      {"rst", 0, CURLE_RECV_ERROR, 3},
      {"200:size=1000:close@500", 200, CURLE_PARTIAL_FILE, 3},
      {"404", 404, CURLE_OK, 1},
      {"429:ra=600", 429, CURLE_OK, 1},
  };
  struct transfer transfers[COUNT(sorts)];
  struct crowd crowd = {transfers, COUNT(sorts), false};
  struct drive drive;
  char key[32];

  drive_open(&drive, *state, crowd_turn, &crowd);
  for (size_t i = 0; i < COUNT(sorts); i++) {
    snprintf(key, sizeof key, "fails%zu", i);
    transfer_begin(&transfers[i], key, sorts[i].plan, 2000);
    transfers[i].stays = true;
  }
  crowd_add(&drive);
  run_to_end(&drive);
  for (size_t i = 0; i < COUNT(sorts); i++) {
    long status = -1;
    curl_easy_getinfo(transfers[i].curl, CURLINFO_RESPONSE_CODE, &status);
    assert_int_equal(status, sorts[i].status);
    assert_int_equal(transfers[i].code, sorts[i].code);
    assert_int_equal(transfers[i].messages, 1);
    assert_int_equal(transfers[i].heads, sorts[i].status ? 1 : 0);
    assert_int_equal(server_count(transfers[i].key), sorts[i].requests);
    drive_remove(&drive, transfers[i].curl);
    transfer_end(&transfers[i]);
  }
  drive_close(&drive);
}

int main(int argc, char **argv) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(messages_behind_are_counted),
      cmocka_unit_test(a_message_stays_until_its_transfer_is_removed),
      cmocka_unit_test(a_message_can_be_looked_at_after_its_removal),
      cmocka_unit_test(a_failure_has_its_message_too),
  };
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=50ms",
                                       "CURLRETRY_MAX_RETRIES=2",
                                       "CURLRETRY_BUDGET=off", NULL};
  static const struct multi_run tests = {all, COUNT(all), policy, 0};

  return multi_run(argc, argv, &tests);
}
