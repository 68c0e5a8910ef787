/* test_resumed_info.c - after a body that was resumed getinfo and the header
 * API say what they say of the same body when it comes at once. */
#define _GNU_SOURCE
#include "setup.h"

#include <stdlib.h>
#include <string.h>

static const struct scene {
  const char *name;
  const char *plan; /* of each attempt; the first one's breaks */
  const char *encoding;
  bool has_login;
  bool has_header; /* CURLOPT_HEADER */
} scenes[] = {
    {"ranges", "200:size=90K:seed=a:etag=a:ranges", NULL, false, false},
    {"skipped", "200:size=90K:seed=a:etag=a", NULL, false, false},
    {"compared", "200:size=90K:seed=a", NULL, false, false},
    {"decoded", "200:size=90K:seed=a:gzip", "", false, false},
    {"trailer", "200:size=90K:seed=a:etag=a:ranges:chunked:trailer=X-End~1",
     NULL, false, false},
    {"skipped trailer", "200:size=90K:seed=a:chunked:trailer=X-End~1", NULL,
     false, true},
    {"location", "200:size=90K:seed=a:etag=a:ranges:hdr=Location~%2Fx", NULL,
     false, false},
    {"login", "200:size=90K:seed=a:etag=a:ranges:auth=digest", NULL, true,
     false},
};

static void print_fields(CURL *curl, FILE *out) {
  const unsigned all = CURLH_HEADER | CURLH_TRAILER;
  struct curl_header *field = NULL;

  while ((field = curl_easy_nextheader(curl, all, -1, field)))
    if (strcasecmp(field->name, "Date") != 0)
      fprintf(out, "%u %s: %s\n", field->origin, field->name, field->value);
  if (!curl_easy_header(curl, "x-end", 0, all, -1, &field))
    fprintf(out, "x-end is %s\n", field->value);
  if (!curl_easy_header(curl, "x-end", 0, CURLH_HEADER, -1, &field))
    fprintf(out, "x-end is in the header\n");
}

static void print_info(CURL *curl, FILE *out) {
  long status = 0, methods = 0;
  curl_off_t size = 0;
  double same = 0;
  char *url = NULL;

  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(curl, CURLINFO_HTTPAUTH_AVAIL, &methods);
  curl_easy_getinfo(curl, CURLINFO_SIZE_DOWNLOAD_T, &size);
  curl_easy_getinfo(curl, CURLINFO_SIZE_DOWNLOAD, &same);
  curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &url);
  fprintf(out, "%s a place\n", url ? "with" : "without");
  fprintf(out, "status %ld, methods %ld, size %lld, %.0f\n", status, methods,
          (long long)size, same);
}

/* What there is to know after a transfer by this plan; owned by the caller. */
static char *after(const struct scene *scene, const char *key,
                   const char *plan) {
  CURL *curl = handle_for(key, plan);
  char *text;
  size_t size;
  FILE *out = open_memstream(&text, &size);

  curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, scene->encoding);
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_HEADER, (long)scene->has_header);
  curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_DIGEST);
  curl_easy_setopt(curl, CURLOPT_USERPWD,
                   scene->has_login ? "user:secret" : NULL);
  fprintf(out, "code %d\n", curl_easy_perform(curl));
  print_info(curl, out);
  print_fields(curl, out);
  fclose(out);
  curl_easy_cleanup(curl);
  return text;
}

static void is_as_if_it_came_at_once(void **state) {
  char key[32], plan[256];

  (void)state;
  for (size_t i = 0; i < COUNT(scenes); i++) {
    const struct scene *scene = &scenes[i];
    char *at_once, *resumed;
    snprintf(key, sizeof key, "once%zu", i);
    at_once = after(scene, key, scene->plan);
    snprintf(key, sizeof key, "resumed%zu", i);
    snprintf(plan, sizeof plan, "%s:rst@50K,%s", scene->plan, scene->plan);
    log_forget();
    resumed = after(scene, key, plan);
    assert_int_equal(log_count("retry 1/"), 1);
    if (strcmp(at_once, resumed) != 0)
      fail_msg("%s:\n%sand when it comes at once\n%s", scene->name, resumed,
               at_once);
    free(at_once);
    free(resumed);
  }
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(is_as_if_it_came_at_once),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms",
                                       "CURLRETRY_HOLD_BYTES=1K", NULL};
  static const struct setup setup = {policy, tests, NULL};

  return setup_main(argc, argv, &setup);
}
