/* test_upload_callback.c - what a read callback may do besides giving bytes:
 * pause, be slow, change the handle's options. */
#define _GNU_SOURCE
#include "upload_reader.h"

#include <string.h>
#include <unistd.h>

/* Performs it: `requests` of them, the last with the whole body and 201. */
static void assert_arrives(struct reader *reader, size_t requests) {
  CURLcode code = curl_easy_perform(reader->upload.curl);
  struct seen seen[8];
  size_t count = server_saw(reader->key, seen, COUNT(seen));
  struct hash hash;

  if (code || count != requests || seen[count - 1].status != 201)
    fail_msg("%s: code %d, %zu requests of %zu", reader->key, code, count,
             requests);
  hash = upload_hash(&reader->upload, reader->key, count - 1);
  assert_string_equal(seen[count - 1].hash, hash.text);
  assert_int_equal(reader->upload.calls_after_end, 0);
  assert_int_equal(reader->calls_while_paused, 0);
  assert_int_equal(reader->times, 0);
}

/* --- pausing ---------------------------------------------------------------
 */

static size_t pause_by_return(struct reader *reader, char *buffer,
                              size_t length) {
  (void)buffer;
  (void)length;
  reader->is_paused = true;
  return CURL_READFUNC_PAUSE;
}

static size_t pause_by_call(struct reader *reader, char *buffer,
                            size_t length) {
  reader->is_paused = true;
  curl_easy_pause(reader->upload.curl, CURLPAUSE_SEND);
  return upload_read(buffer, 1, length, &reader->upload);
}

/* The progress callback lets it go on. In the second attempt the program is
 * asked anew only for what it has not given yet. */
static void paused_body_arrives_whole(void **state) {
  static const struct {
    const char *plan;
    size_t requests;
  } plans[] = {{"201", 1},
               {"503,201", 2},
               {"uprst@3000,201", 2},
               {"upclose@10000,307,201", 3}};
  static const enum source sources[] = {SOURCE_READ, SOURCE_READ_SEEK,
                                        SOURCE_READ_POST, SOURCE_MIME_SEEK};
  char key[32];

  (void)state;
  for (size_t i = 0; i < 2 * COUNT(plans) * COUNT(sources); i++) {
    enum source source = sources[i / 2 % COUNT(sources)];
    size_t at = i / 2 / COUNT(sources);
    struct reader reader;
    snprintf(key, sizeof key, "pause%zu", i);
    reader_begin(&reader, source, key, plans[at].plan);
    reader.at = 20000;
    reader.times = 1;
    reader.act = i % 2 ? pause_by_call : pause_by_return;
    assert_arrives(&reader, plans[at].requests);
    /* given once, but where libcurl itself rewound */
    if (source == SOURCE_READ || source == SOURCE_READ_POST)
      assert_int_equal(reader.upload.taken, READER_SIZE);
    upload_end(&reader.upload);
  }
}

/* --- being slow ------------------------------------------------------------
 */

/* Gives its first bytes when the connection is dead. */
static size_t wait_for_reset(struct reader *reader, char *buffer,
                             size_t length) {
  long long until = now_ms() + 30000LL * patience();
  struct seen seen[2] = {{.hash = "-"}, {.hash = "-"}};

  while (seen[1].hash[0] == '-' && now_ms() < until) {
    server_saw(reader->key, seen, COUNT(seen));
    usleep(10000);
  }
  usleep(100000); /* the server resets 20 ms after it has said so */
  return upload_read(buffer, 1, length, &reader->upload);
}

/* libcurl 7.88 sends the second round's bytes again on a new connection, but
 * for those it had read and could not send. */
static void body_begins_anew_on_a_new_connection(void **state) {
  static const enum source sources[] = {SOURCE_READ, SOURCE_READ_SEEK,
                                        SOURCE_READ_STUCK};
  char key[32];

  (void)state;
  for (size_t i = 0; i < COUNT(sources); i++) {
    struct reader reader;
    snprintf(key, sizeof key, "anew%zu", i);
    reader_begin(&reader, sources[i], key,
                 "uprst@0:auth=digest,201:auth=digest");
    reader_header(&reader, "Expect:");
    curl_easy_setopt(reader.upload.curl, CURLOPT_INFILESIZE_LARGE,
                     (curl_off_t)READER_SIZE);
    curl_easy_setopt(reader.upload.curl, CURLOPT_HTTPAUTH,
                     (long)CURLAUTH_DIGEST);
    curl_easy_setopt(reader.upload.curl, CURLOPT_USERPWD, "user:secret");
    /* the server waits for bytes that never come */
    curl_easy_setopt(reader.upload.curl, CURLOPT_TIMEOUT, 30L * patience());
    reader.times = 1;
    reader.act = wait_for_reset;
    assert_arrives(&reader, 3);
    upload_end(&reader.upload);
  }
}

/* --- changing options ------------------------------------------------------
 */

static size_t change_source(struct reader *reader, char *buffer,
                            size_t length) {
  CURL *curl = reader->upload.curl;

  curl_easy_setopt(curl, CURLOPT_READFUNCTION, upload_read);
  curl_easy_setopt(curl, CURLOPT_READDATA, &reader->other);
  return upload_read(buffer, 1, length, &reader->upload);
}

/* libcurl reads on from what was set when the call began; the next call has
 * the other source. */
static void source_set_in_a_callback_is_of_the_next_call(void **state) {
  static const struct {
    const char *plan;
    size_t requests;
  } plans[] = {
      {"201", 1}, {"503,201", 2}, {"uprst@3000,201", 2}, {"close,rst,201", 3}};
  char key[32];

  (void)state;
  for (size_t i = 0; i < COUNT(plans); i++) {
    struct reader reader;
    struct seen seen[8];
    snprintf(key, sizeof key, "change%zu", i);
    reader_begin(&reader, SOURCE_READ_SEEK, key, plans[i].plan);
    upload_init(&reader.other, SOURCE_READ, 7000, 2);
    reader.at = 10000;
    reader.times = 1;
    reader.act = change_source;
    assert_arrives(&reader, plans[i].requests);
    assert_int_equal(reader.upload.taken, READER_SIZE);
    curl_easy_setopt(reader.upload.curl, CURLOPT_INFILESIZE_LARGE,
                     (curl_off_t)reader.other.size);
    assert_int_equal(curl_easy_perform(reader.upload.curl), CURLE_OK);
    assert_int_equal(server_saw(key, seen, COUNT(seen)),
                     plans[i].requests + 1);
    assert_string_equal(seen[plans[i].requests].hash,
                        hash_of(reader.other.bytes, 7000).text);
    upload_end(&reader.upload);
    upload_free(&reader.other);
  }
}

/* --- main ------------------------------------------------------------------
 */

static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms",
                                     "CURLRETRY_METHODS=all",
                                     "CURLRETRY_BUDGET=off", NULL};

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(paused_body_arrives_whole),
      cmocka_unit_test(body_begins_anew_on_a_new_connection),
      cmocka_unit_test(source_set_in_a_callback_is_of_the_next_call),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const struct setup setup = {policy, tests, NULL};

  return setup_main(argc, argv, &setup);
}
