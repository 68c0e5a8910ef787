/* test_multi_upload.c - uploads of all kinds at once, each of which fails: the
 * server gets every byte of the program's, once more. */
#define _GNU_SOURCE
#include "multi_run.h"
#include "upload.h"

#include <string.h>

static const enum source sources[] = {
    SOURCE_READ,   SOURCE_READ_SEEK, SOURCE_READ_POST,
    SOURCE_OFFSET, SOURCE_FIELDS,    SOURCE_BINARY,
    SOURCE_COPIED, SOURCE_MIME_DATA, SOURCE_FORM};
static const char *const plans[] = {"503,201", "rst,201", "uprst@2000,201"};

#define UPLOADS (COUNT(sources) * COUNT(plans))

struct work {
  struct upload uploads[UPLOADS];
  char keys[UPLOADS][32];
  CURLcode codes[UPLOADS];
  int messages[UPLOADS];
  size_t left;
};

static bool turn(struct drive *drive) {
  struct work *work = drive->data;
  const CURLMsg *message;
  int queued;

  while ((message = curl_multi_info_read(drive->multi, &queued)))
    for (size_t i = 0; i < UPLOADS; i++)
      if (work->uploads[i].curl == message->easy_handle) {
        work->codes[i] = message->data.result;
        work->left -= !work->messages[i]++;
      }
  return !work->left;
}

static void begin(struct work *work, struct drive *drive) {
  for (size_t i = 0; i < UPLOADS; i++) {
    struct upload *upload = &work->uploads[i];
    enum source source = sources[i / COUNT(plans)];
    CURL *curl;
    snprintf(work->keys[i], sizeof work->keys[i], "%s-%zu",
             upload_name(source), i % COUNT(plans));
    curl = handle_for(work->keys[i], plans[i % COUNT(plans)]);
    upload_init(upload, source, 30000, i);
    upload->curl = curl;
    upload->is_chunked = i % 2 && source == SOURCE_READ;
    upload_put(upload, curl);
    drive_add(drive, curl);
  }
  work->left = UPLOADS;
}

static void check(struct work *work, size_t index) {
  struct seen seen[3];
  size_t count = server_saw(work->keys[index], seen, COUNT(seen));

  if (work->messages[index] != 1 || work->codes[index] || count != 2 ||
      seen[1].status != 201 || !seen[1].is_whole)
    fail_msg("%s: %d messages, code %d, %zu requests, status %d",
             work->keys[index], work->messages[index], (int)work->codes[index],
             count, seen[1].status);
  assert_string_equal(
      seen[1].hash,
      upload_hash(&work->uploads[index], work->keys[index], 1).text);
}

static void uploads_are_sent_again(void **state) {
  struct work work;
  struct drive drive;

  memset(&work, 0, sizeof work);
  drive_open(&drive, *state, turn, &work);
  begin(&work, &drive);
  run_to_end(&drive);
  for (size_t i = 0; i < UPLOADS; i++) {
    check(&work, i);
    assert_int_equal(drive_remove(&drive, work.uploads[i].curl), CURLM_OK);
    curl_easy_cleanup(work.uploads[i].curl);
    upload_free(&work.uploads[i]);
  }
  drive_close(&drive);
}

/* --- a source that has nothing yet ----------------------------------------
 */

struct slow {
  CURL *curl;
  int pauses; /* still to be made */
  bool is_paused;
  size_t left;
  int messages;
  CURLcode code;
};

static size_t read_slowly(char *buffer, size_t size, size_t count,
                          void *data) {
  struct slow *slow = data;
  size_t length = size * count < 500 ? size * count : 500;

  if (slow->pauses > 0 && slow->left < 3000) {
    slow->pauses--;
    slow->is_paused = true;
    return CURL_READFUNC_PAUSE;
  }
  if (length > slow->left)
    length = slow->left;
  memset(buffer, 'u', length);
  slow->left -= length;
  return length;
}

static bool turn_slow(struct drive *drive) {
  struct slow *slow = drive->data;
  const CURLMsg *message;
  int queued;

  if (slow->is_paused) {
    slow->is_paused = false;
    curl_easy_pause(slow->curl, CURLPAUSE_CONT);
  }
  while ((message = curl_multi_info_read(drive->multi, &queued))) {
    slow->messages++;
    slow->code = message->data.result;
  }
  return slow->messages > 0;
}

static void a_paused_upload_goes_on(void **state) {
  char bytes[4000];
  struct drive drive;

  memset(bytes, 'u', sizeof bytes);
  drive_open(&drive, *state, turn_slow, NULL);
  for (size_t i = 0; i < COUNT(plans); i++) {
    struct slow slow = {.pauses = 2, .left = sizeof bytes};
    struct seen seen[3];
    char key[32];
    snprintf(key, sizeof key, "slow%zu", i);
    slow.curl = handle_for(key, plans[i]);
    curl_easy_setopt(slow.curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(slow.curl, CURLOPT_READFUNCTION, read_slowly);
    curl_easy_setopt(slow.curl, CURLOPT_READDATA, &slow);
    drive.data = &slow;
    drive_add(&drive, slow.curl);
    run_to_end(&drive);
    assert_int_equal(slow.messages, 1);
    assert_int_equal(slow.code, CURLE_OK);
    assert_int_equal(server_saw(key, seen, 3), 2);
    assert_string_equal(seen[1].hash, hash_of(bytes, sizeof bytes).text);
    drive_remove(&drive, slow.curl);
    curl_easy_cleanup(slow.curl);
  }
  drive_close(&drive);
}

int main(int argc, char **argv) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(uploads_are_sent_again),
      cmocka_unit_test(a_paused_upload_goes_on),
  };
  static const char *const policy[] = {
      "CURLRETRY_BASE_DELAY=20ms", "CURLRETRY_METHODS=all",
      "CURLRETRY_SNAPSHOT_MEMORY=8K", "CURLRETRY_BUDGET=off", NULL};
  static const struct multi_run tests = {all, COUNT(all), policy, 0};

  return multi_run(argc, argv, &tests);
}
