/* test_rounds.c - an answer that libcurl goes on after is not the program's:
 * of an upload's empty first round, of a challenge, of a refused Expect. What
 * fails behind it is retried. */
#define _GNU_SOURCE
#include "setup.h"

#include <stdlib.h>
#include <string.h>

#define BODY 5000
#define CHALLENGE                                                             \
  "407:size=20:hdr=Proxy-Authenticate~Digest%20realm=x%2Cnonce=y"

static size_t give(char *buffer, size_t size, size_t count, void *data) {
  size_t *left = data;
  size_t length = *left < size * count ? *left : size * count;

  memset(buffer, 'x', length);
  *left -= length;
  return length;
}

/* Each piece of the answer that the program got. */
struct got {
  size_t bytes;
  long status;
};

static size_t take(char *bytes, size_t size, size_t count, void *data) {
  struct got *got = data;

  (void)bytes;
  got->bytes += size * count;
  return size * count;
}

enum source { NONE, FIELDS, CALLBACK };

static void set_source(CURL *curl, enum source source, size_t *left) {
  if (source == FIELDS)
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "a=b");
  if (source != CALLBACK)
    return;
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_INFILESIZE, (long)BODY);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
  curl_easy_setopt(curl, CURLOPT_READDATA, left);
}

struct row {
  const char *name, *plan, *statuses;
  unsigned long auth;
  enum source source;
  bool is_proxy;
};

static void check(const struct row *row) {
  struct url url = url_of(row->name, row->plan);
  struct got got = {.bytes = 0};
  struct seen seen[16] = {0};
  size_t left = BODY, count;
  char statuses[100] = "", proxy[64];
  CURL *curl = handle_for(row->name, row->plan);
  CURLcode code;

  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &got);
  if (!row->is_proxy) {
    curl_easy_setopt(curl, CURLOPT_USERPWD, "user:secret");
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)row->auth);
  } else {
    snprintf(proxy, sizeof proxy, "%.*s", (int)strcspn(url.text + 7, "/") + 7,
             url.text);
    curl_easy_setopt(curl, CURLOPT_PROXY, proxy);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "");
    curl_easy_setopt(curl, CURLOPT_PROXYUSERPWD, "user:secret");
    curl_easy_setopt(curl, CURLOPT_PROXYAUTH, (long)row->auth);
  }
  set_source(curl, row->source, &left);
  code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &got.status);
  count = server_saw(row->name, seen, COUNT(seen));
  for (size_t i = 0; i < count; i++)
    snprintf(statuses + strlen(statuses), 8, "%d ", seen[i].status);
  if (code || got.status != 200 || got.bytes != 1000 ||
      strcmp(statuses, row->statuses) != 0)
    fail_msg("%s: code %d, %ld, %zu bytes, the server's: %s", row->name,
             (int)code, got.status, got.bytes, statuses);
  if (row->source == CALLBACK && seen[count - 1].length != BODY)
    fail_msg("%s: %lld bytes", row->name, seen[count - 1].length);
  curl_easy_cleanup(curl);
}

#define BOTH (CURLAUTH_BASIC | CURLAUTH_BEARER)

/* A retry begins with an empty round again. */
static void failure_behind_a_round_is_retried(void **state) {
  static const struct row rows[] = {
      {"empty", "200:size=0,503,200", "200 503 200 200 ", CURLAUTH_DIGEST,
       CALLBACK, false},
      {"body", "200:size=10,503,200", "200 503 200 200 ", CURLAUTH_DIGEST,
       CALLBACK, false},
      {"chunked", "200:size=9000:chunked,503,200", "200 503 200 200 ",
       CURLAUTH_DIGEST, CALLBACK, false},
      {"gzip", "200:size=9000:gzip,503,200", "200 503 200 200 ",
       CURLAUTH_DIGEST, CALLBACK, false},
      {"stream", "200:size=10:type=text%2Fevent-stream,503,200",
       "200 503 200 200 ", CURLAUTH_DIGEST, CALLBACK, false},
      {"201", "201:size=10,503,200", "201 503 200 200 ", CURLAUTH_DIGEST,
       CALLBACK, false},
      {"fields", "200:size=10,503,200", "200 503 200 200 ", CURLAUTH_DIGEST,
       FIELDS, false},
      {"ntlm", "200:size=10,503,200", "200 503 200 200 ", CURLAUTH_NTLM,
       CALLBACK, false},
      {"failed-round", "503,200:auth=digest", "503 401 200 ", CURLAUTH_DIGEST,
       CALLBACK, false},
      {"both-get", "503:auth=basic,200:auth=basic", "401 503 200 ", BOTH, NONE,
       false},
      {"both-put", "503:auth=basic,200:auth=basic", "401 503 200 ", BOTH,
       CALLBACK, false},
      {"only", "503:auth=basic,200:auth=basic", "401 503 200 ",
       CURLAUTH_BASIC | CURLAUTH_ONLY, NONE, false},
      {"any", "503:auth=digest,200:auth=digest", "401 503 200 ", CURLAUTH_ANY,
       CALLBACK, false},
      {"anysafe", "503:auth=digest,200:auth=digest", "401 503 200 ",
       CURLAUTH_ANYSAFE, CALLBACK, false},
      {"proxy", CHALLENGE ",503,200", "407 503 200 ", CURLAUTH_DIGEST,
       CALLBACK, true},
      {"proxy-any", CHALLENGE ",503,200", "407 503 200 ", CURLAUTH_ANY, NONE,
       true},
  };

  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++)
    check(&rows[i]);
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(failure_behind_a_round_is_retried),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms",
                                       "CURLRETRY_METHODS=all",
                                       "CURLRETRY_BUDGET=off", NULL};
  static const struct setup setup = {policy, tests, NULL};

  return setup_main(argc, argv, &setup);
}
