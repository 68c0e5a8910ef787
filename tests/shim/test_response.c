/* test_response.c - the program gets the events it would get unshimmed: same
 * order, same bytes, the same answers of getinfo at each. Each case runs in
 * this process and in an unshimmed child; the traces are compared. */
#define _GNU_SOURCE
#include "record.h"

#include <stdlib.h>
#include <string.h>

static char *shimmed, *unshimmed;

struct scene {
  const char *name;
  const char *plan;
  void (*options)(struct record *record);
};

static void follows(struct record *record) {
  curl_easy_setopt(record->curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(record->curl, CURLOPT_MAXREDIRS, 3L);
}

static void asks_head(struct record *record) {
  curl_easy_setopt(record->curl, CURLOPT_NOBODY, 1L);
}

static void decodes(struct record *record) {
  curl_easy_setopt(record->curl, CURLOPT_ACCEPT_ENCODING, "");
}

static void includes_header(struct record *record) {
  follows(record);
  curl_easy_setopt(record->curl, CURLOPT_HEADER, 1L);
}

static void includes_header_alone(struct record *record) {
  includes_header(record);
  curl_easy_setopt(record->curl, CURLOPT_HEADERFUNCTION, NULL);
  curl_easy_setopt(record->curl, CURLOPT_HEADERDATA, NULL);
}

static void header_data_alone(struct record *record) {
  curl_easy_setopt(record->curl, CURLOPT_HEADERFUNCTION, NULL);
}

static void body_alone(struct record *record) {
  header_data_alone(record);
  curl_easy_setopt(record->curl, CURLOPT_HEADERDATA, NULL);
}

static void digest(struct record *record) {
  curl_easy_setopt(record->curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_DIGEST);
  curl_easy_setopt(record->curl, CURLOPT_USERPWD, "user:secret");
}

static void any_auth(struct record *record) {
  digest(record);
  curl_easy_setopt(record->curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_ANY);
}

static void wrong_password(struct record *record) {
  digest(record);
  curl_easy_setopt(record->curl, CURLOPT_USERPWD, "user:wrong");
}

static void posts(struct record *record) {
  curl_easy_setopt(record->curl, CURLOPT_POSTFIELDS, "a=b");
  follows(record);
}

static void fails_on_error(struct record *record) {
  curl_easy_setopt(record->curl, CURLOPT_FAILONERROR, 1L);
}

static const struct scene scenes[] = {
    {"simple", "200:size=1000:seed=s", NULL},
    {"redirect", "302,200:size=1000:seed=s", follows},
    {"redirect-with-body", "302:size=500:seed=t,200:size=9:seed=s", follows},
    {"redirect-chunked", "301:size=500:seed=t:chunked,200:seed=s", follows},
    {"redirect-not-followed", "302:size=500:seed=t", NULL},
    {"redirect-without-location", "302:noloc:size=50:seed=t", follows},
    {"redirects-too-many", "302", follows},
    {"early-hints", "200:info=103:seed=s", NULL},
    {"chunked", "200:size=50000:chunked:seed=s", NULL},
    {"chunked-small-pieces", "200:size=5000:chunked=7:seed=s", NULL},
    {"trailers",
     "200:size=3000:chunked:seed=s:trailer=X-One~1:trailer=X-Two~2", NULL},
    {"head", "200:size=5000:seed=s", asks_head},
    {"no-content", "204", NULL},
    {"not-modified", "304", NULL},
    {"gzip-decoded", "200:size=50000:gzip:seed=s", decodes},
    {"gzip-as-is", "200:size=50000:gzip:seed=s", NULL},
    {"gzip-chunked", "200:size=50000:gzip:chunked:seed=s", decodes},
    {"header-included", "302,200:size=2000:seed=s", includes_header},
    {"header-included-alone", "200:size=2000:seed=s", includes_header_alone},
    {"header-included-redirect", "302:size=30:seed=t,200:size=2000:seed=s",
     includes_header_alone},
    {"header-included-trailers",
     "200:size=3000:chunked:seed=s:trailer=X-One~1", includes_header},
    {"header-included-hints", "200:info=103:seed=s", includes_header_alone},
    {"header-data-alone", "200:size=2000:seed=s", header_data_alone},
    {"body-alone", "200:size=2000:seed=s", body_alone},
    {"digest", "200:auth=digest:size=2000:seed=s", digest},
    {"any-auth", "200:auth=digest:size=2000:seed=s", any_auth},
    {"any-auth-basic", "200:auth=basic:size=2000:seed=s", any_auth},
    {"digest-refused", "200:auth=digest:size=2000:seed=s", wrong_password},
    {"empty", "200:size=0", NULL},
    {"empty-chunked", "200:size=0:chunked", NULL},
    {"empty-until-close", "200:size=0:eof", NULL},
    {"until-close", "200:size=70000:eof:seed=s", NULL},
    {"http10", "200:size=700:http10:seed=s", NULL},
    {"larger-than-held", "200:size=300000:seed=s", NULL},
    {"larger-than-held-chunked", "200:size=300000:chunked:seed=s", NULL},
    {"larger-than-held-gzip", "200:size=3000000:gzip:seed=s", decodes},
    {"not-found", "404:size=5000:seed=s", NULL},
    {"not-found-fails", "404:size=5000:seed=s", fails_on_error},
    {"post", "200:seed=s", posts},
    {"post-see-other", "303,200:seed=s", posts},
    {"post-unavailable", "503:size=900:seed=s", posts},
    {"post-cut", "200:size=9000:seed=s:close@4000", posts},
    {"post-cut-chunked", "200:size=9000:chunked:seed=s:close@4000", posts},
    {"event-stream", "200:events=3~20:type=text%2Fevent-stream", NULL},
};

static void trace_all(FILE *out) {
  for (size_t i = 0; i < COUNT(scenes); i++) {
    struct record record;
    record_begin(&record, scenes[i].name, scenes[i].plan, out);
    if (scenes[i].options)
      scenes[i].options(&record);
    record_end(&record);
  }
}

static void trace_child(const char *name, FILE *out) {
  (void)name;
  trace_all(out);
}

static void is_as_unshimmed(void **state) {
  const struct scene *scene = *state;
  char *mine = record_section(shimmed, scene->name);
  char *its = record_section(unshimmed, scene->name);

  assert_true(*mine && *its);
  record_assert_same(mine, its);
  free(mine);
  free(its);
}

/* A retried transfer shows the program what a good one alone shows. */
static void is_as_the_last_attempt(void **state) {
  static const char good[] = "200:size=2000:chunked:seed=s";
  static const char *const bad[] = {"503:size=900",
                                    "429",
                                    "rst",
                                    "close",
                                    "rst@900",
                                    "200:size=2000:chunked:close@9",
                                    "200:info=103:rst@1"};
  const char *lines[COUNT(bad) + 1];
  char *traces[COUNT(bad) + 1];
  char plan[256], key[32];

  (void)state;
  for (size_t i = 0; i <= COUNT(bad); i++) {
    struct record record;
    size_t size;
    FILE *out = open_memstream(&traces[i], &size);
    snprintf(key, sizeof key, "retried%zu", i);
    snprintf(plan, sizeof plan, "%s%s%s/", i ? bad[i - 1] : "", i ? "," : "",
             good);
    record_begin(&record, key, plan, out);
    record_end(&record);
    fclose(out);
    lines[i] = strchr(traces[i], '\n');
    assert_int_equal(server_count(key), i ? 2 : 1);
    for (char *at = traces[i]; i && (at = strstr(at, bad[i - 1]));)
      memmove(at, at + strlen(bad[i - 1]) + 1,
              strlen(at + strlen(bad[i - 1]) + 1) + 1);
    record_assert_same(lines[i], lines[0]);
  }
  for (size_t i = 0; i <= COUNT(bad); i++)
    free(traces[i]);
}

static int tests(void) {
  struct CMUnitTest all[COUNT(scenes) + 1];
  static const char *const none[] = {NULL};
  size_t size;
  FILE *out = open_memstream(&shimmed, &size);
  int failures;

  trace_all(out);
  fclose(out);
  unshimmed = run_child(CHILD_UNSHIMMED, "all", none, NULL);
  for (size_t i = 0; i < COUNT(scenes); i++)
    all[i] = (struct CMUnitTest){scenes[i].name, is_as_unshimmed, NULL, NULL,
                                 (void *)(uintptr_t)&scenes[i]};
  all[COUNT(scenes)] =
      (struct CMUnitTest)cmocka_unit_test(is_as_the_last_attempt);
  failures = cmocka_run_group_tests(all, NULL, NULL);
  free(shimmed);
  free(unshimmed);
  return failures;
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms",
                                       "CURLRETRY_HOLD_BYTES=100K", NULL};
  static const struct setup setup = {policy, tests, trace_child};

  return setup_main(argc, argv, &setup);
}
