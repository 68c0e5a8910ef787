/* test_descriptors.c - the host closes descriptors of the shim's, and their
 * numbers come back as files of its own: these stay as they are, and what was
 * lost is never replaced by other bytes. */
#define _GNU_SOURCE
#include "upload.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIZE (500 * 1024) /* more than SNAPSHOT_MEMORY */
#define LARGE (5 << 20)   /* more than the journal's memory */

/* --- a host that closes what isn't its own ---------------------------------
 */

static const char own_text[] = "a file of the program's";

/* The shim's file; -1: there is none. */
static int find_unlinked(void) {
  DIR *folder = opendir("/proc/self/fd");
  struct dirent *entry;
  int found = -1;

  while (folder && (entry = readdir(folder))) {
    char target[256];
    ssize_t length =
        readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);
    target[length > 0 ? length : 0] = 0;
    if (strstr(target, "(deleted)") && !strstr(target, "valgrind"))
      found = atoi(entry->d_name);
  }
  if (folder)
    closedir(folder);
  return found;
}

/* It becomes an own file, without a name too. Its number. */
static int replace_unlinked(void) {
  char path[] = "/tmp/shim-own-XXXXXX";
  int number = find_unlinked(), own;

  if (number < 0)
    return -1;
  own = mkstemp(path);
  unlink(path);
  if (write(own, own_text, sizeof own_text) < 0 || dup2(own, number) < 0)
    number = -1;
  close(own);
  return number;
}

static void assert_own_is_untouched(int own) {
  char text[2 * sizeof own_text];

  assert_true(own >= 3);
  assert_int_equal(pread(own, text, sizeof text, 0), sizeof own_text);
  assert_memory_equal(text, own_text, sizeof own_text);
  close(own);
}

/* --- the snapshot ----------------------------------------------------------
 */

static int own;
static int prerequests, replace_at;

static size_t read_and_replace(char *buffer, size_t size, size_t count,
                               void *data) {
  struct upload *upload = data;

  if (upload->at > SIZE / 2 && own < 0 && !replace_at)
    own = replace_unlinked();
  return upload_read(buffer, size, count, data);
}

static int on_prerequest(void *data, char *remote, char *local,
                         int remote_port, int local_port) {
  (void)data, (void)remote, (void)local, (void)remote_port, (void)local_port;
  if (++prerequests == replace_at)
    own = replace_unlinked();
  return CURL_PREREQFUNC_OK;
}

static void lose_snapshot(enum source source, const char *key,
                          const char *plan, int at_request, CURLcode code,
                          long status, size_t whole) {
  struct upload upload;
  struct seen seen[5];
  long got = 0;
  size_t requests, arrived = 0;

  own = -1;
  prerequests = 0;
  replace_at = at_request;
  upload_init(&upload, source, SIZE, 7);
  upload.read = read_and_replace;
  upload.curl = handle_for(key, plan);
  upload.most = 60000;
  upload_put(&upload, upload.curl);
  curl_easy_setopt(upload.curl, CURLOPT_PREREQFUNCTION, on_prerequest);
  assert_int_equal(curl_easy_perform(upload.curl), code);
  curl_easy_getinfo(upload.curl, CURLINFO_RESPONSE_CODE, &got);
  assert_int_equal(got, status);
  requests = server_saw(key, seen, COUNT(seen));
  for (size_t i = 0; i < requests; i++)
    if (seen[i].is_whole) {
      arrived++;
      assert_string_equal(seen[i].hash,
                          hash_of(upload.bytes, upload.size).text);
    }
  assert_int_equal(arrived, whole);
  assert_int_equal(upload.calls_after_end, 0);
  assert_own_is_untouched(own);
  curl_easy_cleanup(upload.curl);
  upload_free(&upload);
}

static void upload_with_a_lost_snapshot_is_not_repeated(void **state) {
  (void)state;
  log_forget();
  lose_snapshot(SOURCE_READ, "lost", "503,201", 0, CURLE_OK, 503, 1);
  assert_int_equal(log_count("retry "), 0);
  assert_int_equal(log_count("can't be sent again"), 1);
  lose_snapshot(SOURCE_READ, "reset", "rst,201", 0, CURLE_RECV_ERROR, 100, 1);
}

static void program_that_can_seek_sends_it_again(void **state) {
  (void)state;
  lose_snapshot(SOURCE_READ_SEEK, "seek", "503,201", 0, CURLE_OK, 201, 2);
}

/* libcurl's own rewind, without a seek callback. */
static void redirect_with_a_lost_snapshot_fails(void **state) {
  (void)state;
  lose_snapshot(SOURCE_READ_STUCK, "moved", "307:next,201", 0, CURLE_OK, 307,
                1);
}

/* When the retry has begun already. */
static void snapshot_lost_in_the_retry_is_the_first_outcome(void **state) {
  (void)state;
  lose_snapshot(SOURCE_READ, "late", "503,201", 2, CURLE_OK, 503, 1);
}

/* --- the journal -----------------------------------------------------------
 */

struct download {
  char *bytes;
  size_t length;
  bool replaces;
};

static size_t on_body(char *bytes, size_t size, size_t count, void *data) {
  struct download *download = data;

  if (download->length + size * count > LARGE)
    return 0;
  memcpy(download->bytes + download->length, bytes, size * count);
  download->length += size * count;
  return size * count;
}

static int on_progress(void *data, curl_off_t total, curl_off_t now,
                       curl_off_t up_total, curl_off_t up) {
  const struct download *download = data;

  (void)total, (void)up_total, (void)up;
  if (download->replaces && own < 0 && now > LARGE / 5 * 4)
    own = replace_unlinked();
  return 0;
}

static CURLcode download(struct download *download, const char *key,
                         const char *plan) {
  CURL *curl = handle_for(key, plan);
  CURLcode code;

  download->bytes = calloc(1, LARGE);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, download);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, download);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  code = curl_easy_perform(curl);
  curl_easy_cleanup(curl);
  return code;
}

static void held_body_that_is_lost_is_an_error(void **state) {
  const char *plan = "200:size=5M:chunked:seed=held";
  struct download right = {.replaces = false}, lost = {.replaces = true};

  (void)state;
  own = -1;
  assert_int_equal(download(&right, "held", plan), CURLE_OK);
  assert_int_equal(right.length, LARGE);
  assert_int_not_equal(download(&lost, "unheld", plan), CURLE_OK);
  assert_in_range(lost.length, 0, LARGE - 1);
  assert_memory_equal(lost.bytes, right.bytes, lost.length);
  assert_own_is_untouched(own);
  free(right.bytes);
  free(lost.bytes);
}

/* --- a process without 0, 1 or 2 -------------------------------------------
 */

/* What a daemon prints to what it takes for its stderr. */
static size_t read_and_print(char *buffer, size_t size, size_t count,
                             void *data) {
  for (int i = 0; i < 3; i++)
    (void)!write(i, "a message", 9);
  return upload_read(buffer, size, count, data);
}

static void child(const char *name, FILE *out) {
  struct upload upload;
  struct seen seen[3];
  size_t requests;
  FILE *result = fdopen(fcntl(fileno(out), F_DUPFD_CLOEXEC, 3), "w");
  CURLcode code;

  upload_init(&upload, SOURCE_READ, SIZE, 9);
  upload.read = read_and_print;
  upload.curl = handle_for("login", "200");
  (void)curl_easy_perform(upload.curl); /* libcurl has its socket */
  upload.most = 60000;
  upload_put(&upload, upload.curl);
  curl_easy_setopt(upload.curl, CURLOPT_URL, url_of(name, "503,201").text);
  for (int i = 0; i < 3; i++)
    close(i);
  code = curl_easy_perform(upload.curl);
  for (int i = 0; i < 3; i++)
    if (fcntl(i, F_GETFD) >= 0)
      code = CURLE_OBSOLETE57; /* it was given to libcurl's socket, or to us */
  requests = server_saw(name, seen, COUNT(seen));
  fprintf(result, "code %d, %zu requests:", code, requests);
  for (size_t i = 0; i < requests; i++)
    fprintf(result, " %s",
            !strcmp(seen[i].hash, hash_of(upload.bytes, upload.size).text)
                ? "right"
                : "wrong");
  fclose(result);
  curl_easy_cleanup(upload.curl);
  upload_free(&upload);
}

static const char *const policy[] = {
    "CURLRETRY_BASE_DELAY=5ms", "CURLRETRY_SNAPSHOT_MEMORY=64K",
    "CURLRETRY_HOLD_BYTES=8M",  "CURLRETRY_HOLD_TIME=off",
    "CURLRETRY_BUDGET=off",     NULL};

static void message_of_a_daemon_is_not_uploaded(void **state) {
  char path[] = "/tmp/shim-log-XXXXXX", variable[64], text[4096];
  const char *const logged[] = {policy[0], policy[1], variable, NULL};
  int log = mkstemp(path);
  char *printed;
  ssize_t length;

  (void)state;
  snprintf(variable, sizeof variable, "CURLRETRY_LOG=%s", path);
  printed = run_child(CHILD_SHIMMED, "daemon", logged, NULL);
  assert_non_null(strstr(printed, "2 requests: right right"));
  length = read(log, text, sizeof text - 1);
  text[length > 0 ? length : 0] = 0;
  assert_non_null(strstr(text, "retry 1/3"));
  assert_null(strstr(text, "a message"));
  free(printed);
  close(log);
  unlink(path);
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(upload_with_a_lost_snapshot_is_not_repeated),
      cmocka_unit_test(program_that_can_seek_sends_it_again),
      cmocka_unit_test(redirect_with_a_lost_snapshot_fails),
      cmocka_unit_test(snapshot_lost_in_the_retry_is_the_first_outcome),
      cmocka_unit_test(held_body_that_is_lost_is_an_error),
      cmocka_unit_test(message_of_a_daemon_is_not_uploaded),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const struct setup setup = {policy, tests, child};

  return setup_main(argc, argv, &setup);
}
