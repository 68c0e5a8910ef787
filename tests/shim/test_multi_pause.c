/* test_multi_pause.c - programs that pause each transfer at its first bytes
 * and go on from their loop, at once or later: every byte comes once. */
#define _GNU_SOURCE
#include "multi_run.h"

static const struct {
  const char *plan;
  long long size;
  size_t requests;
} sorts[] = {
    {"BODY", 5000, 1},
    {"BODY:chunked", 5000, 1},
    {"BODY:eof", 5000, 1},
    {"BODY", 300000, 1},
    {"BODY:chunked", 300000, 1},
    {"BODY:rate=1000~5", 5000, 1},
    {"BODY:chunked:rate=1000~5", 5000, 1},
    {"503,BODY", 5000, 2},
    {"503,BODY:chunked", 5000, 2},
    {"rst,BODY:chunked=100", 5000, 2},
    {"BODY:rst@2000,BODY", 5000, 2},
    {"BODY:chunked:close@2000,503,BODY:chunked", 5000, 3},
    {"BODY:chunked:close@200000,BODY:chunked", 300000, 2},
    {"BODY:etag=v:ranges:rst@200000,BODY:etag=v:ranges", 300000, 2},
};

#define SORTS COUNT(sorts)

static void begin(struct crowd *crowd, int pauses) {
  char key[32];

  for (size_t i = 0; i < SORTS; i++) {
    snprintf(key, sizeof key, "pause%d-%zu", pauses, i);
    transfer_begin(&crowd->transfers[i], key, sorts[i].plan, sorts[i].size);
    crowd->transfers[i].pauses = pauses;
  }
}

static void end(struct drive *drive) {
  struct crowd *crowd = drive->data;

  assert_null(drive->trouble);
  for (size_t i = 0; i < SORTS; i++) {
    assert_int_equal(crowd->transfers[i].pauses, 0);
    transfer_assert(&crowd->transfers[i], sorts[i].requests);
    transfer_end(&crowd->transfers[i]);
  }
  drive_close(drive);
}

static void a_pause_that_ends_at_once_loses_nothing(void **state) {
  struct transfer transfers[SORTS];
  struct crowd crowd = {transfers, SORTS, false};
  struct drive drive;

  drive_open(&drive, *state, crowd_turn, &crowd);
  begin(&crowd, 1);
  crowd_add(&drive);
  run_to_end(&drive);
  end(&drive);
}

/* crowd_turn() ends pauses, this doesn't. */
static bool turn_and_leave_paused(struct drive *drive) {
  struct crowd *crowd = drive->data;

  read_messages(drive);
  return crowd_done(crowd) == crowd->count;
}

static size_t paused_of(const struct crowd *crowd) {
  size_t paused = 0;

  for (size_t i = 0; i < crowd->count; i++)
    paused += crowd->transfers[i].is_paused;
  return paused;
}

/* No message comes before the bytes, however long the program pauses; the loop
 * is woken as one goes on. */
static void a_pause_that_ends_later_loses_nothing(void **state) {
  struct transfer transfers[SORTS];
  struct crowd crowd = {transfers, SORTS, false};
  struct drive drive;
  long long until;

  drive_open(&drive, *state, turn_and_leave_paused, &crowd);
  begin(&crowd, 3);
  crowd_add(&drive);
  for (int round = 0; round < 3; round++) {
    until = now_ms() + 60000LL * patience();
    while (paused_of(&crowd) < SORTS && now_ms() < until)
      drive_for(&drive, 20);
    drive_for(&drive, 50);
    assert_int_equal(paused_of(&crowd), SORTS);
    assert_int_equal(crowd_done(&crowd), 0);
    for (size_t i = 0; i < SORTS; i++) {
      transfers[i].is_paused = false;
      assert_int_equal(curl_easy_pause(transfers[i].curl, CURLPAUSE_CONT),
                       CURLE_OK);
    }
  }
  run_to_end(&drive);
  end(&drive);
}

/* At any moment: while it is paused, and some that are held. */
static void a_paused_transfer_can_be_taken_out(void **state) {
  struct transfer transfers[SORTS];
  struct crowd crowd = {transfers, SORTS, false};
  struct drive drive;
  long long until = now_ms() + 60000LL * patience();

  drive_open(&drive, *state, turn_and_leave_paused, &crowd);
  begin(&crowd, 2);
  crowd_add(&drive);
  while (paused_of(&crowd) < SORTS && now_ms() < until)
    drive_for(&drive, 20);
  for (size_t i = 0; i < SORTS; i++) {
    size_t before = server_count(transfers[i].key);
    assert_int_equal(drive_remove(&drive, transfers[i].curl), CURLM_OK);
    transfer_forget(&transfers[i]);
    transfers[i].pauses = 0;
    assert_int_equal(curl_easy_perform(transfers[i].curl), CURLE_OK);
    transfer_assert(&transfers[i], before + 1);
    transfer_end(&transfers[i]);
  }
  drive_close(&drive);
}

/* --- in what an unpause calls ------------------------------------------ */

struct actor {
  CURL *curl;
  CURLM *multi;
  int lines;
  bool is_over;
  int codes[3]; /* of what was called in the callback; -1: it wasn't */
};

static size_t pause_then_drive(char *bytes, size_t size, size_t count,
                               void *data) {
  struct actor *actor = data;
  int running;

  (void)bytes;
  if (!actor->lines++) {
    (void)curl_easy_pause(actor->curl, CURLPAUSE_RECV);
  } else if (actor->codes[0] < 0) {
    actor->codes[0] = curl_multi_perform(actor->multi, &running);
    actor->codes[1] = curl_multi_remove_handle(actor->multi, actor->curl);
    actor->codes[2] = curl_multi_cleanup(actor->multi);
  }
  return size * count;
}

static bool turn_until_paused(struct drive *drive) {
  const struct actor *actor = drive->data;
  int left;

  return actor->is_over ? curl_multi_info_read(drive->multi, &left) != NULL
                        : actor->lines == 1;
}

/* A transfer was driven in the middle of its own callback: what was held is
 * handed over outside of libcurl, that would have refused. */
static void a_callback_of_an_unpause_may_not_drive(void **state) {
  struct actor actor = {.curl = handle_for("drive", "404:size=10:stall@0=400"),
                        .codes = {-1, -1, -1}};
  struct drive drive;

  curl_easy_setopt(actor.curl, CURLOPT_HEADERFUNCTION, pause_then_drive);
  curl_easy_setopt(actor.curl, CURLOPT_HEADERDATA, &actor);
  drive_open(&drive, *state, turn_until_paused, &actor);
  actor.multi = drive.multi;
  drive_add(&drive, actor.curl);
  run_to_end(&drive);
  assert_int_equal(actor.lines, 1);
  assert_int_equal(curl_easy_pause(actor.curl, CURLPAUSE_CONT), CURLE_OK);
  assert_in_range(actor.lines, 2, 100);
  for (size_t i = 0; i < COUNT(actor.codes); i++)
    assert_int_equal(actor.codes[i], CURLM_RECURSIVE_API_CALL);
  actor.is_over = true;
  drive.is_over = false;
  run_to_end(&drive);
  assert_int_equal(drive_remove(&drive, actor.curl), CURLM_OK);
  curl_easy_cleanup(actor.curl);
  drive_close(&drive);
}

int main(int argc, char **argv) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(a_pause_that_ends_at_once_loses_nothing),
      cmocka_unit_test(a_pause_that_ends_later_loses_nothing),
      cmocka_unit_test(a_paused_transfer_can_be_taken_out),
      cmocka_unit_test(a_callback_of_an_unpause_may_not_drive),
  };
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=20ms",
                                       "CURLRETRY_HOLD_BYTES=100K",
                                       "CURLRETRY_BUDGET=off", NULL};
  static const struct multi_run tests = {all, COUNT(all), policy, 0};

  return multi_run(argc, argv, &tests);
}
