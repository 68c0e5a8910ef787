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
  bool is_pooled; /* a GET has used the connection before */
} faults[] = {
    {"201", 0, 1, RETRY, false},
    {"503,201", 0, 2, RETRY, false},
    {"503:early,201", 0, 2, RETRY, false},
    {"503:connclose,429,201", 0, 3, RETRY, false},
    {"uprst@1,201", 0, 2, RETRY, false},
    {"uprst@20000,201", 0, 2, RETRY, false},
    {"upclose@1,201", 0, 2, RETRY, false},
    {"upclose@20000,201", 0, 2, RETRY, false},
    {"upclose@39999,upclose@40000,201", 0, 3, RETRY, false},
    {"close,201", 0, 2, RETRY, false},
    {"200:rst@500,200:close@0,201", 0, 3, RETRY, false},
    {"rst,503,uprst@39999,201", 0, 4, RETRY, false},
    {"307,201", 0, 2, BY_LIBCURL, false},
    {"308:early,201", 0, 2, BY_LIBCURL, false},
    {"307,503:next,201", 0, 3, BY_LIBCURL, false},
    {"201:auth=digest", CURLAUTH_DIGEST, 2, BY_LIBCURL, false},
    {"rst:auth=digest,201:auth=digest", CURLAUTH_DIGEST, 3, BY_LIBCURL, false},
    {"201:auth=digest", (long)CURLAUTH_ANY, 2, BY_LIBCURL, false},
    {"rst:auth=digest,201:auth=digest", (long)CURLAUTH_ANY, 3, BY_LIBCURL,
     false},
    {"200:drop,201", 0, 2, BY_LIBCURL, true},
    {"200,rst,201", 0, 3, BY_LIBCURL, true},
    {"200,uprst@20000,503,201", 0, 4, BY_LIBCURL, true},
};

static void perform(struct upload *upload, const struct fault *fault,
                    long *status, CURLcode *code) {
  curl_easy_setopt(upload->curl, CURLOPT_FOLLOWLOCATION, 1L);
  if (fault->auth) {
    curl_easy_setopt(upload->curl, CURLOPT_HTTPAUTH, fault->auth);
    curl_easy_setopt(upload->curl, CURLOPT_USERPWD, "user:secret");
  }
  if (strstr(fault->plan, "nocontinue"))
    curl_easy_setopt(upload->curl, CURLOPT_EXPECT_100_TIMEOUT_MS, 50L);
  *code = curl_easy_perform(upload->curl);
  *status = 0;
  curl_easy_getinfo(upload->curl, CURLINFO_RESPONSE_CODE, status);
}

/* What the program's callback saw of it all. */
static void assert_asked_once(const struct upload *upload,
                              const struct fault *fault, const char *key) {
  bool has_seek = upload->source == SOURCE_READ_SEEK ||
                  upload->source == SOURCE_READ_IOCTL ||
                  upload->source == SOURCE_READ_STUCK;

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
                  const char *key, size_t size) {
  CURL *curl = handle_for(key, fault->plan);
  struct seen seen[8], *last;
  struct upload upload;
  struct hash hash;
  CURLcode code;
  size_t count;
  long status;

  if (fault->is_pooled)
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  upload_init(&upload, source, size, size);
  upload_put(&upload, curl);
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
  assert_string_equal(last->method, seen[fault->is_pooled].method);
  assert_asked_once(&upload, fault, key);
  upload_end(&upload);
}

static void arrives_whole_after_each_fault(void **state) {
  enum source source = (enum source)(uintptr_t)*state;
  char key[64];

  if (!upload_is_possible(source))
    skip();
  for (size_t i = 0; i < COUNT(faults); i++) {
    snprintf(key, sizeof key, "%s-%zu", upload_name(source), i);
    check(source, &faults[i], key, SIZE);
  }
}

/* Where the source says "end" at once, or after a byte; where a buffer is just
 * full, and where many are needed. */
static void other_sizes_arrive_whole(void **state) {
  static const size_t sizes[] = {0, 1, 65536, 300000};
  static const struct fault some[] = {
      {"201", 0, 1, RETRY, false},
      {"503,201", 0, 2, RETRY, false},
      {"rst,upclose@0,201", 0, 3, RETRY, false},
      {"307,close,201", 0, 3, BY_LIBCURL, false},
      {"201:auth=digest", (long)CURLAUTH_ANY, 2, BY_LIBCURL, false},
  };
  char key[64];

  (void)state;
  for (int source = 0; source < SOURCES; source++)
    for (size_t i = 0; i < COUNT(sizes) * COUNT(some); i++) {
      const struct fault *fault = &some[i % COUNT(some)];
      if (source == SOURCE_MIME_READ || source == SOURCE_FORM_READ ||
          !upload_is_possible((enum source)source))
        continue; /* can't be rewound; no terminal here */
      snprintf(key, sizeof key, "size-%d-%zu", source, i);
      check((enum source)source, fault, key, sizes[i / COUNT(some)]);
    }
}

/* libcurl waits for "100 Continue" before a body of this size. */
static void large_body_arrives_whole(void **state) {
  static const struct fault some[] = {
      {"uprst@1M,201", 0, 2, RETRY, false},
      {"upclose@2097151,503:early,201", 0, 3, RETRY, false},
      {"201:expect=417", 0, 2, RETRY, false},
      {"201:nocontinue", 0, 1, RETRY, false},
  };
  static const enum source sources[] = {SOURCE_FIELDS, SOURCE_BINARY,
                                        SOURCE_COPIED, SOURCE_READ,
                                        SOURCE_OFFSET, SOURCE_MIME_SEEK};
  char key[64];

  (void)state;
  for (size_t i = 0; i < COUNT(sources) * COUNT(some); i++) {
    snprintf(key, sizeof key, "large-%zu", i);
    check(sources[i / COUNT(some)], &some[i % COUNT(some)], key, 2 << 20);
  }
}

/* A challenge that the program didn't ask to be answered is an answer. */
static void refused_login_is_delivered(void **state) {
  (void)state;
  for (int source = 0; source < SOURCES; source++) {
    struct fault fault = {"401,201", 0, 1, RETRY, false};
    struct upload upload;
    CURLcode code;
    long status;
    char key[64];
    if (!upload_is_possible((enum source)source))
      continue;
    snprintf(key, sizeof key, "login-%d", source);
    upload_begin(&upload, (enum source)source, key, fault.plan, 3000);
    perform(&upload, &fault, &status, &code);
    assert_int_equal(code, CURLE_OK);
    assert_int_equal(status, 401);
    assert_int_equal(server_count(key), 1);
    upload_end(&upload);
  }
}

/* RESUME_FROM: the body begins in the middle of the source. */
static void resumed_upload_keeps_its_start(void **state) {
  static const struct fault some[] = {
      {"201", 0, 1, RETRY, false},
      {"503,201", 0, 2, RETRY, false},
      {"uprst@9000,201", 0, 2, RETRY, false},
      {"upclose@1,503:early,201", 0, 3, RETRY, false},
      {"307,201", 0, 2, BY_LIBCURL, false},
      {"307,rst,201", 0, 3, BY_LIBCURL, false},
      {"201:auth=digest", (long)CURLAUTH_ANY, 2, BY_LIBCURL, false},
  };
  static const enum source sources[] = {SOURCE_READ,         SOURCE_READ_SEEK,
                                        SOURCE_READ_IOCTL,   SOURCE_OFFSET,
                                        SOURCE_OFFSET_FREAD, SOURCE_PIPE};
  char key[64];

  (void)state;
  for (size_t i = 0; i < COUNT(some) * COUNT(sources); i++) {
    const struct fault *fault = &some[i % COUNT(some)];
    enum source source = sources[i / COUNT(some)];
    struct upload upload;
    struct seen seen[4];
    CURLcode code;
    size_t count;
    long status;
    snprintf(key, sizeof key, "resume-%zu", i);
    upload_begin(&upload, source, key, fault->plan, SIZE);
    curl_easy_setopt(upload.curl, CURLOPT_RESUME_FROM_LARGE,
                     (curl_off_t)10000);
    curl_easy_setopt(upload.curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)SIZE);
    perform(&upload, fault, &status, &code);
    count = server_saw(key, seen, COUNT(seen));
    if (code || status != 201 || count != fault->requests)
      fail_msg("%s %s %s: code %d, status %ld, %zu requests", key, fault->plan,
               upload_name(source), code, status, count);
    if (strcmp(seen[count - 1].hash,
               hash_of(upload.bytes + 10000, SIZE - 10000).text))
      fail_msg("%s %s %s: other bytes, %lld", key, fault->plan,
               upload_name(source), seen[count - 1].length);
    assert_int_equal(upload.calls_after_end, 0);
    upload_end(&upload);
  }
}

static int tests(void) {
  struct CMUnitTest all[SOURCES + 4] = {
      cmocka_unit_test(resumed_upload_keeps_its_start),
      cmocka_unit_test(other_sizes_arrive_whole),
      cmocka_unit_test(large_body_arrives_whole),
      cmocka_unit_test(refused_login_is_delivered),
  };
  size_t count = 4;

  for (int i = 0; i < SOURCES; i++)
    if (i != SOURCE_MIME_READ && i != SOURCE_FORM_READ)
      all[count++] = (struct CMUnitTest){upload_name((enum source)i),
                                         arrives_whole_after_each_fault, NULL,
                                         NULL, (void *)(uintptr_t)i};
  /* the rest of the array is empty: not run, not counted */
  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {
      "CURLRETRY_BASE_DELAY=5ms", "CURLRETRY_METHODS=all",
      "CURLRETRY_BUDGET=off", "CURLRETRY_SNAPSHOT_MEMORY=64K", NULL};
  static const struct setup setup = {policy, tests, NULL};

  return setup_main(argc, argv, &setup);
}
