/* test_refusal.c - what the program refuses is never retried: its code, its
 * error text, one request, as unshimmed. Each case runs in this process and
 * in an unshimmed child. */
#define _GNU_SOURCE
#include "setup.h"

#include <stdlib.h>
#include <string.h>

struct refuser {
  CURL *curl;
  char error[CURL_ERROR_SIZE];
  long long got;
  size_t answer; /* of the write or header callback, when it refuses */
  int headers;
  int header_at; /* refuse this line */
  int calls_after;
  bool has_refused;
};

static size_t refuse(struct refuser *refuser) {
  refuser->has_refused = true;
  return refuser->answer;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data) {
  struct refuser *refuser = data;

  (void)bytes;
  refuser->calls_after += refuser->has_refused;
  refuser->got += (long long)(size * count);
  return refuse(refuser);
}

static size_t on_header(char *bytes, size_t size, size_t count, void *data) {
  struct refuser *refuser = data;

  (void)bytes;
  refuser->calls_after += refuser->has_refused;
  return ++refuser->headers == refuser->header_at ? refuse(refuser)
                                                  : size * count;
}

static int on_progress(void *data, curl_off_t a, curl_off_t b, curl_off_t c,
                       curl_off_t d) {
  struct refuser *refuser = data;

  (void)a, (void)c, (void)d;
  refuser->calls_after += refuser->has_refused;
  if (!b)
    return 0;
  refuser->has_refused = true;
  return 1;
}

static size_t on_read(char *buffer, size_t size, size_t count, void *data) {
  struct refuser *refuser = data;

  (void)buffer, (void)size, (void)count;
  refuser->calls_after += refuser->has_refused;
  return refuse(refuser);
}

static int on_prerequest(void *data, char *a, char *b, int c, int d) {
  struct refuser *refuser = data;

  (void)a, (void)b, (void)c, (void)d;
  refuser->calls_after += refuser->has_refused;
  refuser->has_refused = true;
  return CURL_PREREQFUNC_ABORT;
}

static void refuse_body(struct refuser *refuser, size_t answer) {
  refuser->answer = answer;
  curl_easy_setopt(refuser->curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(refuser->curl, CURLOPT_WRITEDATA, refuser);
}

static void short_write(struct refuser *refuser) { refuse_body(refuser, 3); }
static void no_write(struct refuser *refuser) { refuse_body(refuser, 0); }
static void long_write(struct refuser *refuser) {
  refuse_body(refuser, 100000000);
}
static void write_error(struct refuser *refuser) {
  refuse_body(refuser, 0xFFFFFFFF); /* CURL_WRITEFUNC_ERROR, 7.87 */
}

static void refuse_header(struct refuser *refuser, int line) {
  refuser->header_at = line;
  refuser->answer = 1;
  curl_easy_setopt(refuser->curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(refuser->curl, CURLOPT_HEADERDATA, refuser);
}

static void first_header(struct refuser *refuser) {
  refuse_header(refuser, 1);
}
static void third_header(struct refuser *refuser) {
  refuse_header(refuser, 3);
}

static void progress(struct refuser *refuser) {
  curl_easy_setopt(refuser->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(refuser->curl, CURLOPT_XFERINFODATA, refuser);
  curl_easy_setopt(refuser->curl, CURLOPT_NOPROGRESS, 0L);
}

static void reads(struct refuser *refuser, size_t answer) {
  refuser->answer = answer;
  curl_easy_setopt(refuser->curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(refuser->curl, CURLOPT_READFUNCTION, on_read);
  curl_easy_setopt(refuser->curl, CURLOPT_READDATA, refuser);
}

static void read_abort(struct refuser *refuser) {
  reads(refuser, CURL_READFUNC_ABORT);
}
static void read_too_much(struct refuser *refuser) { reads(refuser, 9999999); }

static void prerequest(struct refuser *refuser) {
  curl_easy_setopt(refuser->curl, CURLOPT_PREREQFUNCTION, on_prerequest);
  curl_easy_setopt(refuser->curl, CURLOPT_PREREQDATA, refuser);
}

static void bad_url(struct refuser *refuser) {
  curl_easy_setopt(refuser->curl, CURLOPT_URL, "http://[bad");
}
static void no_url(struct refuser *refuser) {
  curl_easy_setopt(refuser->curl, CURLOPT_URL, NULL);
}
static void no_protocol(struct refuser *refuser) {
  curl_easy_setopt(refuser->curl, CURLOPT_URL, "nothing://127.0.0.1/");
}
static void too_large(struct refuser *refuser) {
  curl_easy_setopt(refuser->curl, CURLOPT_MAXFILESIZE, 10L);
}
static void redirects(struct refuser *refuser) {
  curl_easy_setopt(refuser->curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(refuser->curl, CURLOPT_MAXREDIRS, 0L);
}

static const struct scene {
  const char *name;
  const char *plan;
  void (*options)(struct refuser *refuser);
  size_t requests;
} scenes[] = {
    {"short-write", "200:seed=s", short_write, 1},
    {"short-write-chunked", "200:chunked:seed=s", short_write, 1},
    {"short-write-gzip", "200:gzip:seed=s", short_write, 1},
    {"short-write-large", "200:size=3000000:seed=s", short_write, 1},
    {"short-write-until-close", "200:eof:seed=s", short_write, 1},
    {"short-write-error-body", "404:seed=s:size=5000", short_write, 1},
    {"short-write-slow", "200:seed=s:size=5000:rate=1000~20", short_write, 1},
    {"no-write", "200:seed=s", no_write, 1},
    {"no-write-chunked", "200:chunked:seed=s", no_write, 1},
    {"long-write", "200:seed=s", long_write, 1},
    {"long-write-chunked", "200:chunked:seed=s", long_write, 1},
    {"write-error", "200:seed=s", write_error, 1},
    {"write-error-chunked", "200:chunked:seed=s", write_error, 1},
    {"first-header", "200:seed=s", first_header, 1},
    {"first-header-chunked", "200:chunked:seed=s", first_header, 1},
    {"third-header", "200:seed=s", third_header, 1},
    {"third-header-empty", "204", third_header, 1},
    {"third-header-error", "404:size=2000", third_header, 1},
    {"progress", "200:seed=s:size=5000:rate=1000~20", progress, 1},
    {"progress-chunked", "200:seed=s:size=5000:chunked:rate=1000~20", progress,
     1},
    {"read-abort", "201", read_abort, 1},
    {"read-too-much", "201", read_too_much, 1},
    {"prerequest", "200", prerequest, 0},
    {"bad-url", "200", bad_url, 0},
    {"no-url", "200", no_url, 0},
    {"no-protocol", "200", no_protocol, 0},
    {"too-large", "200:size=5000", too_large, 1},
    {"redirects", "302", redirects, 1},
};

/* "CODE CALLS-AFTER TEXT" */
static void run(const struct scene *scene, FILE *out) {
  struct refuser refuser = {0};
  CURLcode code;

  refuser.curl = handle_for(scene->name, scene->plan);
  curl_easy_setopt(refuser.curl, CURLOPT_ERRORBUFFER, refuser.error);
  scene->options(&refuser);
  code = curl_easy_perform(refuser.curl);
  fprintf(out, "%d %d %s", code, refuser.calls_after, refuser.error);
  curl_easy_cleanup(refuser.curl);
}

static void run_named(const char *name, FILE *out) {
  for (size_t i = 0; i < COUNT(scenes); i++) {
    if (strcmp(name, "all") && strcmp(name, scenes[i].name))
      continue;
    fprintf(out, "%s: ", scenes[i].name);
    run(&scenes[i], out);
    fprintf(out, "\n");
  }
}

static char *unshimmed;

static void is_as_unshimmed(void **state) {
  const struct scene *scene = *state;
  char mark[64], *mine, *its, *end;
  size_t size;
  FILE *out = open_memstream(&mine, &size);

  run(scene, out);
  fclose(out);
  snprintf(mark, sizeof mark, "%s: ", scene->name);
  its = strstr(unshimmed, mark);
  assert_non_null(its);
  its = strdup(its + strlen(mark));
  end = strchr(its, '\n');
  *end = 0;
  assert_int_equal(atoi(mine), atoi(its));
  assert_true(atoi(mine) != CURLE_OK);
  assert_string_equal(mine, its);
  assert_int_equal(server_count(scene->name), scene->requests);
  free(mine);
  free(its);
}

static int tests(void) {
  struct CMUnitTest all[COUNT(scenes)];
  static const char *const none[] = {NULL};
  int failures;

  unshimmed = run_child(CHILD_UNSHIMMED, "all", none, NULL);
  for (size_t i = 0; i < COUNT(scenes); i++)
    all[i] = (struct CMUnitTest){scenes[i].name, is_as_unshimmed, NULL, NULL,
                                 (void *)(uintptr_t)&scenes[i]};
  failures = cmocka_run_group_tests(all, NULL, NULL);
  free(unshimmed);
  return failures;
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms",
                                       "CURLRETRY_METHODS=all", NULL};
  static const struct setup setup = {policy, tests, run_named};

  return setup_main(argc, argv, &setup);
}
