/* test_snapshot.c - uploads larger than memory go to an unlinked file, larger
 * ones are not retried, and neither hurts a transfer that succeeds. */
#define _GNU_SOURCE
#include "upload.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEDIUM (500 * 1024)     /* more than SNAPSHOT_MEMORY */
#define LARGE (3 * 1024 * 1024) /* more than SNAPSHOT_DISK too */

/* Open descriptors of files without a name. */
static int unlinked_files(void) {
  DIR *folder = opendir("/proc/self/fd");
  struct dirent *entry;
  int count = 0;

  while (folder && (entry = readdir(folder))) {
    char target[256];
    ssize_t length =
        readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);
    target[length > 0 ? length : 0] = 0;
    count += strstr(target, "(deleted)") && !strstr(target, "valgrind");
  }
  if (folder)
    closedir(folder);
  return count;
}

static int most_unlinked;

static size_t read_and_look(char *buffer, size_t size, size_t count,
                            void *data) {
  struct upload *upload = data;

  if (upload->at > 300000 && !most_unlinked)
    most_unlinked = unlinked_files();
  return upload_read(buffer, size, count, data);
}

struct result {
  CURLcode code;
  long status;
  size_t requests;
  struct seen last;
};

static struct result perform(struct upload *upload, const char *key) {
  struct seen seen[5];
  struct result result = {.status = 0};

  upload->most = 60000;
  result.code = curl_easy_perform(upload->curl);
  curl_easy_getinfo(upload->curl, CURLINFO_RESPONSE_CODE, &result.status);
  result.requests = server_saw(key, seen, COUNT(seen));
  assert_in_range(result.requests, 1, COUNT(seen));
  result.last = seen[result.requests - 1];
  return result;
}

static void assert_arrived(const struct result *result,
                           const struct upload *upload, size_t requests) {
  assert_int_equal(result->code, CURLE_OK);
  assert_int_equal(result->status, 201);
  assert_int_equal(result->requests, requests);
  assert_string_equal(result->last.hash,
                      hash_of(upload->bytes, upload->size).text);
  assert_int_equal(upload->calls_after_end, 0);
}

static void beyond_memory_is_kept_in_an_unlinked_file(void **state) {
  static const char *const plans[] = {"201", "uprst@400K,201", "503,201"};

  (void)state;
  for (size_t i = 0; i < COUNT(plans); i++) {
    struct upload upload;
    struct result result;
    int before = unlinked_files();
    char key[32];
    snprintf(key, sizeof key, "medium%zu", i);
    most_unlinked = 0;
    upload_begin(&upload, SOURCE_READ, key, plans[i], MEDIUM);
    curl_easy_setopt(upload.curl, CURLOPT_READFUNCTION, read_and_look);
    result = perform(&upload, key);
    assert_arrived(&result, &upload, i ? 2 : 1);
    assert_int_equal(upload.taken, MEDIUM);
    assert_int_equal(most_unlinked, before + 1);
    assert_int_equal(unlinked_files(), before);
    upload_end(&upload);
  }
}

static void beyond_the_limits_succeeds_silently(void **state) {
  struct upload upload;
  struct result result;

  (void)state;
  log_forget();
  upload_begin(&upload, SOURCE_READ, "large", "201", LARGE);
  result = perform(&upload, "large");
  assert_arrived(&result, &upload, 1);
  assert_int_equal(upload.taken, LARGE);
  assert_int_equal(log_count("curlretry"), 0);
  upload_end(&upload);
}

static void beyond_the_limits_is_not_retried(void **state) {
  struct upload upload;
  struct result result;

  (void)state;
  log_forget();
  upload_begin(&upload, SOURCE_READ, "large-503", "503,201", LARGE);
  result = perform(&upload, "large-503");
  assert_int_equal(result.code, CURLE_OK);
  assert_int_equal(result.status, 503);
  assert_int_equal(result.requests, 1);
  assert_int_equal(log_count("can't be sent again"), 1);
  assert_int_equal(log_count("curlretry"), 1);
  upload_end(&upload);

  upload_begin(&upload, SOURCE_READ, "large-close", "close,201", LARGE);
  result = perform(&upload, "large-close");
  assert_int_equal(result.code, CURLE_GOT_NOTHING);
  assert_int_equal(result.requests, 1);
  assert_int_equal(upload.calls_after_end, 0);
  upload_end(&upload);
}

static void beyond_the_limits_the_own_seek_is_used(void **state) {
  static const char *const plans[] = {"503,201", "close,201", "503,503,201"};

  (void)state;
  for (size_t i = 0; i < COUNT(plans); i++) {
    struct upload upload;
    struct result result;
    char key[32];
    snprintf(key, sizeof key, "seek%zu", i);
    log_forget();
    upload_begin(&upload, SOURCE_READ_SEEK, key, plans[i], LARGE);
    result = perform(&upload, key);
    assert_arrived(&result, &upload, i == 2 ? 3 : 2);
    assert_int_equal(upload.seeks, i == 2 ? 2 : 1);
    assert_int_equal(log_count("won't be retried"), 0);
    upload_end(&upload);
  }
}

static int seek_elsewhere(void *data, curl_off_t offset, int origin) {
  struct upload *upload = data;

  (void)origin;
  upload->seeks++;
  upload->at = (size_t)offset + 1;
  upload->has_ended = false;
  return CURL_SEEKFUNC_OK;
}

static int cannot_seek(void *data, curl_off_t offset, int origin) {
  struct upload *upload = data;

  (void)offset;
  (void)origin;
  upload->seeks++;
  return CURL_SEEKFUNC_CANTSEEK;
}

/* Says OK and stays at the end. */
static int seek_nowhere(void *data, curl_off_t offset, int origin) {
  struct upload *upload = data;

  (void)offset;
  (void)origin;
  upload->seeks++;
  upload->has_ended = false;
  return CURL_SEEKFUNC_OK;
}

/* A stock curl seeks to the file's beginning, also when its start was moved:
 * other bytes must not be sent, the outcome at hand is the program's. */
static void own_seek_that_misleads_ends_the_call(void **state) {
  static const curl_seek_callback seeks[] = {seek_elsewhere, cannot_seek,
                                             seek_nowhere};

  (void)state;
  for (size_t i = 0; i < COUNT(seeks); i++) {
    struct upload upload;
    struct result result;
    struct seen seen[3];
    char key[32];
    snprintf(key, sizeof key, "mislead%zu", i);
    upload_begin(&upload, SOURCE_READ_SEEK, key, "503:size=77,201", LARGE);
    curl_easy_setopt(upload.curl, CURLOPT_SEEKFUNCTION, seeks[i]);
    if (i == 2) /* chunked: an early end would pass for the end */
      curl_easy_setopt(upload.curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)-1);
    result = perform(&upload, key);
    assert_int_equal(result.code, CURLE_OK);
    assert_int_equal(result.status, 503);
    assert_int_equal(upload.seeks, 1);
    server_saw(key, seen, COUNT(seen));
    assert_true(result.requests == 1 || !seen[1].length);
    upload_end(&upload);
  }
}

static void seekable_file_needs_no_snapshot(void **state) {
  struct upload upload;
  struct result result;
  int before = unlinked_files();

  (void)state;
  upload_begin(&upload, SOURCE_OFFSET, "file", "uprst@2M,503,201", LARGE);
  result = perform(&upload, "file");
  assert_arrived(&result, &upload, 3);
  assert_int_equal(unlinked_files(), before + 1); /* the test's own */
  upload_end(&upload);
}

struct doorman {
  int calls;
  int refuses_at;
};

static int on_prerequest(void *data, char *remote, char *local,
                         int remote_port, int local_port) {
  struct doorman *doorman = data;

  assert_string_equal(remote, "127.0.0.1");
  assert_string_equal(local, "127.0.0.1");
  assert_true(remote_port > 0 && local_port > 0);
  doorman->calls++;
  return doorman->calls == doorman->refuses_at ? CURL_PREREQFUNC_ABORT
                                               : CURL_PREREQFUNC_OK;
}

/* It is asked before each attempt; the kept upload changes nothing about its
 * answer. */
static void own_prerequest_that_refuses_ends_the_upload(void **state) {
  (void)state;
  for (int at = 1; at <= 3; at++) {
    struct doorman doorman = {.refuses_at = at};
    struct upload upload;
    char key[32];
    snprintf(key, sizeof key, "doorman%d", at);
    upload_begin(&upload, SOURCE_READ, key, "503,uprst@400K,201", MEDIUM);
    curl_easy_setopt(upload.curl, CURLOPT_PREREQFUNCTION, on_prerequest);
    curl_easy_setopt(upload.curl, CURLOPT_PREREQDATA, &doorman);
    assert_int_equal(curl_easy_perform(upload.curl),
                     CURLE_ABORTED_BY_CALLBACK);
    assert_int_equal(doorman.calls, at);
    assert_int_equal(server_count(key), at - 1);
    assert_int_equal(upload.taken, at == 1 ? 0 : MEDIUM);
    assert_int_equal(upload.calls_after_end, 0);
    upload_end(&upload);
  }
}

/* TMPDIR=/nonexistent, in a child: "CODE STATUS TAKEN". */
static void upload_without_folder(const char *plan, FILE *out) {
  struct upload upload;
  struct result result;

  upload_begin(&upload, SOURCE_READ, "child", plan, MEDIUM);
  result = perform(&upload, "child");
  fprintf(out, "%d %ld %lld %zu %d", result.code, result.status, upload.taken,
          result.requests,
          !strcmp(result.last.hash, hash_of(upload.bytes, upload.size).text));
  upload_end(&upload);
}

static void without_a_folder_the_transfer_goes_on(void **state) {
  static const char *const policy[] = {
      "CURLRETRY_BASE_DELAY=5ms", "CURLRETRY_SNAPSHOT_MEMORY=64K",
      "CURLRETRY_LOG_LEVEL=info", "TMPDIR=/nonexistent", NULL};
  char *text;

  (void)state;
  if (is_under_valgrind())
    skip(); /* valgrind itself doesn't start without TMPDIR */
  log_forget();
  text = run_child(CHILD_SHIMMED, "201", policy, NULL);
  assert_string_equal(text, "0 201 512000 1 1");
  assert_int_equal(log_count("won't be retried"), 1);
  free(text);
  log_forget();
  text = run_child(CHILD_SHIMMED, "503,201", policy, NULL);
  assert_string_equal(text, "0 503 512000 1 1");
  assert_int_equal(log_count("won't be retried"), 1);
  free(text);
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(beyond_memory_is_kept_in_an_unlinked_file),
      cmocka_unit_test(beyond_the_limits_succeeds_silently),
      cmocka_unit_test(beyond_the_limits_is_not_retried),
      cmocka_unit_test(beyond_the_limits_the_own_seek_is_used),
      cmocka_unit_test(own_seek_that_misleads_ends_the_call),
      cmocka_unit_test(seekable_file_needs_no_snapshot),
      cmocka_unit_test(own_prerequest_that_refuses_ends_the_upload),
      cmocka_unit_test(without_a_folder_the_transfer_goes_on),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {
      "CURLRETRY_BASE_DELAY=5ms", "CURLRETRY_SNAPSHOT_MEMORY=64K",
      "CURLRETRY_SNAPSHOT_DISK=1M", "CURLRETRY_BUDGET=off", NULL};
  static const struct setup setup = {policy, tests, upload_without_folder};

  return setup_main(argc, argv, &setup);
}
