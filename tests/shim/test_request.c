/* test_request.c - whatever the source of a request's body and whatever goes
 * wrong, the accepted request has the same bytes, and the program's callback
 * is asked for each byte once. */
#define _GNU_SOURCE
#include "upload.h"

#include <stdlib.h>
#include <string.h>

#define SIZE 40000

enum rewind { RETRY, BY_LIBCURL };

static const struct fault {
  const char *plan;
  long auth; /* HTTPAUTH */
  size_t requests;
  enum rewind rewind;
} faults[] = {
    {"201", 0, 1, RETRY},
    {"503,201", 0, 2, RETRY},
    {"503:connclose,429,201", 0, 3, RETRY},
    {"uprst@1,201", 0, 2, RETRY},
    {"uprst@20000,201", 0, 2, RETRY},
    {"upclose@20000,201", 0, 2, RETRY},
    {"close,201", 0, 2, RETRY},
    {"rst,503,uprst@39999,201", 0, 4, RETRY},
    {"307,201", 0, 2, BY_LIBCURL},
    {"307,503:next,201", 0, 3, BY_LIBCURL},
    {"201:auth=digest", CURLAUTH_DIGEST, 2, BY_LIBCURL},
    {"rst:auth=digest,201:auth=digest", CURLAUTH_DIGEST, 3, BY_LIBCURL},
    {"201:auth=digest", (long)CURLAUTH_ANY, 2, BY_LIBCURL},
};

static void perform(struct upload *upload, const struct fault *fault,
                    long *status, CURLcode *code) {
  curl_easy_setopt(upload->curl, CURLOPT_FOLLOWLOCATION, 1L);
  if (fault->auth) {
    curl_easy_setopt(upload->curl, CURLOPT_HTTPAUTH, fault->auth);
    curl_easy_setopt(upload->curl, CURLOPT_USERPWD, "user:secret");
  }
  *code = curl_easy_perform(upload->curl);
  *status = 0;
  curl_easy_getinfo(upload->curl, CURLINFO_RESPONSE_CODE, status);
}

/* What the program's callback saw of it all. */
static void assert_asked_once(const struct upload *upload,
                              const struct fault *fault, const char *key) {
  bool has_seek = upload->source == SOURCE_READ_SEEK ||
                  upload->source == SOURCE_READ_IOCTL;

  if (upload->source > SOURCE_READ_POST)
    return;
  if (upload->calls_after_end)
    fail_msg("%s: read after its end, %d times", key, upload->calls_after_end);
  /* libcurl's own rewinds use the program's seek where there is one */
  if (has_seek && fault->rewind == BY_LIBCURL)
    return;
  if (upload->taken != (long long)upload->size || upload->seeks)
    fail_msg("%s: %lld bytes read, %d seeks", key, upload->taken,
             upload->seeks);
}

static void check(enum source source, const struct fault *fault,
                  const char *key) {
  struct seen seen[8], *last;
  struct upload upload;
  struct hash hash;
  CURLcode code;
  size_t count;
  long status;

  upload_begin(&upload, source, key, fault->plan, SIZE);
  perform(&upload, fault, &status, &code);
  count = server_saw(key, seen, COUNT(seen));
  if (code || status != 201 || count < fault->requests)
    fail_msg("%s %s: code %d, status %ld, %zu requests of %zu", key,
             fault->plan, code, status, count, fault->requests);
  /* libcurl itself repeats what fails on a reused connection */
  if (count > fault->requests + 1)
    fail_msg("%s %s: %zu requests", key, fault->plan, count);
  last = &seen[count - 1];
  hash = upload_hash(&upload, key, count - 1);
  assert_int_equal(last->status, 201);
  assert_true(last->is_whole);
  if (strcmp(last->hash, hash.text))
    fail_msg("%s %s: other bytes, %lld of them", key, fault->plan,
             last->length);
  assert_string_equal(last->method, seen[0].method);
  assert_asked_once(&upload, fault, key);
  upload_end(&upload);
}

static void arrives_whole_after_each_fault(void **state) {
  enum source source = (enum source)(uintptr_t)*state;
  char key[64];

  for (size_t i = 0; i < COUNT(faults); i++) {
    snprintf(key, sizeof key, "%s-%zu", upload_name(source), i);
    check(source, &faults[i], key);
  }
}

/* Nobody can rewind it: the outcome at hand is the program's. */
static void form_without_seek_is_sent_once(void **state) {
  static const struct {
    const char *plan;
    CURLcode code;
    long status;
    size_t requests;
  } cases[] = {
      {"201", CURLE_OK, 201, 1},
      {"503:size=700,201", CURLE_OK, 503, 1},
      {"503:close@20:size=700,201", CURLE_PARTIAL_FILE, 503, 1},
      {"close,201", CURLE_GOT_NOTHING, 0, 1},
      {"307,201", CURLE_SEND_FAIL_REWIND, 307, 1},
  };
  char key[64];

  (void)state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct fault fault = {cases[i].plan, 0, 0, RETRY};
    struct upload upload;
    CURLcode code;
    long status;
    snprintf(key, sizeof key, "mime-read-%zu", i);
    upload_begin(&upload, SOURCE_MIME_READ, key, cases[i].plan, SIZE);
    perform(&upload, &fault, &status, &code);
    if (code != cases[i].code || status != cases[i].status ||
        server_count(key) != cases[i].requests)
      fail_msg("%s: code %d, status %ld, %zu requests", cases[i].plan, code,
               status, server_count(key));
    assert_int_equal(upload.taken, SIZE);
    upload_end(&upload);
  }
}

/* RESUME_FROM: the body begins in the middle of the source. */
static void resumed_upload_keeps_its_start(void **state) {
  static const char *const plans[] = {"201", "503,201", "uprst@9000,201"};
  static const enum source sources[] = {SOURCE_READ, SOURCE_READ_SEEK,
                                        SOURCE_OFFSET};
  char key[64];

  (void)state;
  for (size_t i = 0; i < COUNT(plans) * COUNT(sources); i++) {
    struct fault fault = {plans[i % COUNT(plans)], 0, 0, RETRY};
    enum source source = sources[i / COUNT(plans)];
    struct upload upload;
    struct seen seen[3];
    CURLcode code;
    size_t count;
    long status;
    snprintf(key, sizeof key, "resume-%zu", i);
    upload_begin(&upload, source, key, fault.plan, SIZE);
    curl_easy_setopt(upload.curl, CURLOPT_RESUME_FROM_LARGE,
                     (curl_off_t)10000);
    if (source != SOURCE_OFFSET)
      curl_easy_setopt(upload.curl, CURLOPT_INFILESIZE_LARGE,
                       (curl_off_t)SIZE);
    perform(&upload, &fault, &status, &code);
    count = server_saw(key, seen, COUNT(seen));
    if (code || status != 201 || count != 1 + (i % COUNT(plans) > 0))
      fail_msg("%s %s %s: code %d, status %ld, %zu requests", key, fault.plan,
               upload_name(source), code, status, count);
    if (strcmp(seen[count - 1].hash,
               hash_of(upload.bytes + 10000, SIZE - 10000).text))
      fail_msg("%s %s: other bytes, %lld", key, fault.plan,
               seen[count - 1].length);
    assert_int_equal(upload.calls_after_end, 0);
    upload_end(&upload);
  }
}

static int tests(void) {
  struct CMUnitTest all[SOURCES + 1] = {
      cmocka_unit_test(form_without_seek_is_sent_once),
      cmocka_unit_test(resumed_upload_keeps_its_start),
  };
  size_t count = 2;

  for (int i = 0; i < SOURCES; i++)
    if (i != SOURCE_MIME_READ)
      all[count++] = (struct CMUnitTest){upload_name((enum source)i),
                                         arrives_whole_after_each_fault, NULL,
                                         NULL, (void *)(uintptr_t)i};
  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms",
                                       "CURLRETRY_METHODS=all",
                                       "CURLRETRY_BUDGET=off", NULL};
  static const struct setup setup = {policy, tests, NULL};

  return setup_main(argc, argv, &setup);
}
