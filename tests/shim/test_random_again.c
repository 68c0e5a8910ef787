/* test_random_again.c - calls drawn by lot, several on one handle: the shimmed
 * child's server fails once, anywhere on the way to the answer; the other's
 * doesn't. Both programs see the same, and so do both servers from the last
 * attempt on: nothing that the failed one left on the handle tells. */
#define _GNU_SOURCE
#include "record.h"

#include <stdlib.h>
#include <string.h>

#define SEQUENCES 100
#define HOPS_MAX 3

struct draw {
  unsigned long long state;
  bool is_shimmed;
  size_t at, size; /* of what the read callback gives */
};

static unsigned below(struct draw *draw, size_t limit) {
  draw->state = draw->state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (unsigned)(draw->state >> 33) % (unsigned)limit;
}

#define ONE_OF(draw, list) list[below(draw, COUNT(list))]

/* --- the plan -------------------------------------------------------------
 */

/* The way and the answer; before them, to the shimmed child, a part of the way
 * and a failure. How many requests come before the last attempt. */
static size_t draw_plan(struct draw *draw, char *plan, size_t size) {
  static const char *const ways[] = {"301:next", "302:next", "303:next",
                                     "307:next", "308:next:size=9:seed=1"};
  static const char *const answers[] = {"200:lm",
                                        "200:size=70000:chunked:etag=v1",
                                        "201",
                                        "200:gzip:size=300",
                                        "404",
                                        "200:lm:type=text%2Fplain",
                                        "200:size=0:lm",
                                        "412:hdr=Retry-After~7",
                                        "204:etag=older",
                                        "200:chunked:trailer=X-End~1:info"};
  static const char *const failures[] = {
      "503",      "503:chunked:size=2000",
      "502:gzip", "429:ra=0:lm",
      "500:eof",  "504:connclose:hdr=Location~%2Fother",
      "503:info", "503:type=text%2Fevent-stream:etag=v9"};
  size_t count = below(draw, HOPS_MAX + 1), failed = below(draw, count + 1);
  const char *failure = ONE_OF(draw, failures);
  char part[HOPS_MAX * 30] = "", way[HOPS_MAX * 30] = "";

  for (size_t i = 0; i < count; i++) {
    strcat(strcat(way, ONE_OF(draw, ways)), ",");
    if (i + 1 == failed)
      strcpy(part, way);
  }
  if (draw->is_shimmed)
    snprintf(plan, size, "%s%s,%s%s:seed=1", part, failure, way,
             ONE_OF(draw, answers));
  else
    snprintf(plan, size, "%s%s:seed=1", way, ONE_OF(draw, answers));
  return draw->is_shimmed ? failed + 1 : 0;
}

/* Stored, so that the URL is the same for both. */
static void store(const char *key, const char *plan) {
  struct url url = url_of(key, "x");
  char *whole = strchr(url.text + strlen("http://"), '/') + 1;

  whole[strcspn(whole, "/")] = 0;
  server_plan(whole, plan);
}

/* --- the options ----------------------------------------------------------
 */

static size_t give(char *buffer, size_t size, size_t count, void *data) {
  struct draw *draw = data;
  size_t left = draw->size - draw->at;
  size_t length = left < size * count ? left : size * count;

  memset(buffer, 'x', length);
  draw->at += length;
  return length;
}

static int seek(void *data, curl_off_t offset, int origin) {
  (void)origin;
  ((struct draw *)data)->at = (size_t)offset;
  return CURL_SEEKFUNC_OK;
}

static void draw_numbers(struct draw *draw, CURL *curl, unsigned share) {
  static const struct {
    CURLoption option;
    long values[4];
  } rows[] = {{CURLOPT_FOLLOWLOCATION, {1, 1, 1, 0}},
              {CURLOPT_MAXREDIRS, {1, 2, 9, -1}},
              {CURLOPT_AUTOREFERER, {0, 1, 0, 1}},
              {CURLOPT_POSTREDIR, {0, 1, 2, 7}},
              {CURLOPT_FAILONERROR, {0, 0, 0, 1}},
              {CURLOPT_HEADER, {0, 0, 0, 1}},
              {CURLOPT_FILETIME, {0, 1, 0, 1}},
              {CURLOPT_FRESH_CONNECT, {0, 0, 0, 1}},
              {CURLOPT_FORBID_REUSE, {0, 0, 0, 1}},
              {CURLOPT_HTTP_VERSION, {0, 0, 1, 2}},
              {CURLOPT_TRANSFER_ENCODING, {0, 0, 0, 1}},
              {CURLOPT_HTTP_CONTENT_DECODING, {1, 1, 1, 0}}};

  for (size_t i = 0; i < COUNT(rows); i++) {
    long value = rows[i].values[below(draw, 4)];
    if (below(draw, 100) < share)
      curl_easy_setopt(curl, rows[i].option, value);
  }
}

static void draw_texts(struct draw *draw, CURL *curl, unsigned share) {
  static const struct {
    CURLoption option;
    const char *values[4];
  } rows[] = {{CURLOPT_REFERER, {"http://own.example/", NULL, NULL, NULL}},
              {CURLOPT_USERPWD, {"user:secret", NULL, NULL, NULL}},
              {CURLOPT_ACCEPT_ENCODING, {"gzip", NULL, "", NULL}},
              {CURLOPT_COOKIE, {"a=b", NULL, NULL, NULL}},
              {CURLOPT_USERAGENT, {"own", NULL, NULL, NULL}}};

  for (size_t i = 0; i < COUNT(rows); i++) {
    const char *value = rows[i].values[below(draw, 4)];
    if (below(draw, 100) < share)
      curl_easy_setopt(curl, rows[i].option, value);
  }
}

static void draw_request(struct draw *draw, CURL *curl) {
  static const size_t sizes[] = {0, 10, 3000, 60000};

  draw->size = ONE_OF(draw, sizes);
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, NULL);
  curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
  switch (below(draw, 8)) {
  case 0:
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    break;
  case 1:
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, -1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "a=1");
    break;
  case 2:
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, -1L);
    curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, "b=2");
    break;
  case 3:
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, NULL);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)draw->size);
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    break;
  case 4:
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE, (long)draw->size);
    break;
  case 5:
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "DELETE");
    break;
  default:
    break;
  }
}

/* --- what came of it ------------------------------------------------------
 */

static void print_more(struct record *record) {
  const char *method = NULL, *type = NULL, *referer = NULL;
  long unmet = -1, after = -1;
  curl_off_t time = -1, up = -1, uploaded = -1;

  curl_easy_getinfo(record->curl, CURLINFO_EFFECTIVE_METHOD, &method);
  curl_easy_getinfo(record->curl, CURLINFO_CONTENT_TYPE, &type);
  curl_easy_getinfo(record->curl, CURLINFO_REFERER, &referer);
  curl_easy_getinfo(record->curl, CURLINFO_CONDITION_UNMET, &unmet);
  curl_easy_getinfo(record->curl, CURLINFO_RETRY_AFTER, &after);
  curl_easy_getinfo(record->curl, CURLINFO_FILETIME_T, &time);
  curl_easy_getinfo(record->curl, CURLINFO_CONTENT_LENGTH_UPLOAD_T, &up);
  curl_easy_getinfo(record->curl, CURLINFO_SIZE_UPLOAD_T, &uploaded);
  fprintf(record->out, "%s %s %d %ld %ld %d %lld %lld\n", method,
          type ? type : "-", referer != NULL, unmet, after, time > 0,
          (long long)up, (long long)uploaded);
}

static void print_requests(FILE *out, const char *key, size_t from) {
  static const char *const names[] = {"authorization",
                                      "accept-encoding",
                                      "cookie",
                                      "content-type",
                                      "if-modified-since",
                                      "if-unmodified-since",
                                      "user-agent",
                                      "te",
                                      "content-length",
                                      "expect"};
  struct seen seen[3 * (HOPS_MAX + 1)];
  size_t count = server_saw(key, seen, COUNT(seen));
  char value[256];

  if (count < from)
    from = 0; /* the way ended before the failure */
  for (size_t i = from; i < count; i++) {
    fprintf(out, "request %s %lld %.8s %d:", seen[i].method, seen[i].length,
            seen[i].hash, seen[i].status);
    for (size_t j = 0; j < COUNT(names); j++) {
      server_header(key, i, names[j], value, sizeof value);
      fprintf(out, " %s", value);
    }
    server_header(key, i, "referer", value, sizeof value);
    fprintf(out, " %s\n", strstr(value, "127.0.0.1") ? "made" : value);
  }
}

static void sequence(struct draw *draw, unsigned number, FILE *out) {
  struct record record;
  size_t calls = 1 + below(draw, 3);

  for (size_t i = 0; i < calls; i++) {
    char key[32], plan[256];
    size_t before = draw_plan(draw, plan, sizeof plan);
    unsigned share = i ? 15 : 100;
    CURLcode code;
    snprintf(key, sizeof key, "again%u.%zu", number, i);
    store(key, plan);
    if (!i)
      record_begin(&record, key, "x", out);
    else
      fprintf(out, "== %s\n", key);
    curl_easy_setopt(record.curl, CURLOPT_URL, url_of(key, "x").text);
    curl_easy_setopt(record.curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(record.curl, CURLOPT_READDATA, draw);
    curl_easy_setopt(record.curl, CURLOPT_SEEKFUNCTION, seek);
    curl_easy_setopt(record.curl, CURLOPT_SEEKDATA, draw);
    draw_numbers(draw, record.curl, share);
    draw_texts(draw, record.curl, share);
    /* 7.88 goes on with the one that a redirect made in the call before */
    if (i)
      curl_easy_setopt(record.curl, CURLOPT_REFERER, "http://next.example/");
    if (below(draw, 100) < share)
      draw_request(draw, record.curl);
    draw->at = 0;
    code = curl_easy_perform(record.curl);
    /* what a reconnect of libcurl's own leaves (CURLOPT_ERRORBUFFER(3)) */
    if (code == CURLE_OK)
      record.error[0] = 0;
    record_result(&record, code);
    print_more(&record);
    print_requests(out, key, before);
  }
  curl_easy_cleanup(record.curl);
}

static void child(const char *name, FILE *out) {
  for (unsigned i = 0; i < SEQUENCES; i++) {
    struct draw draw = {.state = i, .is_shimmed = !strcmp(name, "shimmed")};
    sequence(&draw, i, out);
  }
}

static void failed_attempt_leaves_nothing(void **state) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=1ms",
                                       "CURLRETRY_METHODS=all",
                                       "CURLRETRY_BUDGET=off", NULL};
  char *shimmed = run_child(CHILD_SHIMMED, "shimmed", policy, NULL);
  char *unshimmed = run_child(CHILD_UNSHIMMED, "unshimmed", policy, NULL);

  (void)state;
  record_assert_same(shimmed, unshimmed);
  free(shimmed);
  free(unshimmed);
}

static int tests(void) {
  const struct CMUnitTest all[] = {
      cmocka_unit_test(failed_attempt_leaves_nothing),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_METHODS=all", NULL};
  static const struct setup setup = {
      .policy = policy, .tests = tests, .child = child};

  return setup_main(argc, argv, &setup);
}
