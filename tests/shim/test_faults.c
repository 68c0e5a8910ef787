/* test_faults.c - failures on purpose: to the program they are the real ones,
 * which an unshimmed child meets; the server sees no request of them. */
#define _GNU_SOURCE
#include "faulted.h"

#include <stdlib.h>
#include <string.h>

static void fails_on_error(CURL *curl) {
  curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
}

static void asks_head(CURL *curl) {
  curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
}

static void is_in_a_hurry(CURL *curl) {
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 700L + 300L * patience());
}

static void knows_a_password(CURL *curl) {
  curl_easy_setopt(curl, CURLOPT_USERPWD, "user:secret");
  curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_ANY);
}

/* All of it, whatever is answered meanwhile. */
static void keeps_sending(CURL *curl) {
  static struct curl_slist no_expect = {(char *)"Expect:", NULL};

  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, &no_expect);
  faulted_put(curl);
  curl_easy_setopt(curl, CURLOPT_KEEP_SENDING_ON_ERROR, 1L);
}

struct scene {
  const char *name;
  const char *faults;
  const char *plan; /* the real one's; NULL: nobody listens */
  void (*options)(CURL *curl);
  bool may_lose; /* what of the body comes before a reset */
};

static const struct scene scenes[] = {
    {"status", "503", "503:size=0", NULL, false},
    {"not-found", "404", "404:size=0", NULL, false},
    {"no-phrase", "599", "599:size=0", NULL, false},
    {"failonerror", "503", "503:size=0", fails_on_error, false},
    {"status-head", "503", "503:size=0", asks_head, false},
    {"status-post", "429", "429:size=0", faulted_post, false},
    {"status-put", "503", "503:size=0:nocontinue", faulted_put, false},
    {"status-put-whole", "500", "500:size=0:nocontinue", keeps_sending, false},
    {"expectation", "417", "417:size=0:nocontinue", faulted_put, false},
    {"unauthorized", "401", "401:size=0", knows_a_password, false},
    {"connect", "connect", NULL, NULL, false},
    {"connect-post", "connect", NULL, faulted_post, false},
    {"reset", "reset", "rst", NULL, false},
    {"reset-post", "reset", "rst", faulted_post, false},
    {"reset-head", "reset", "rst", asks_head, false},
    {"timeout", "timeout", "hang", is_in_a_hurry, false},
    {"partial", "partial", "200:size=1000:close@0", NULL, false},
    {"partial-body", "partial@500", "200:size=1000:close@500", NULL, false},
    {"partial-chunked", "partial@500", "200:size=1000:chunked:close@500", NULL,
     false},
    {"reset-body", "reset@500", "200:size=1000:rst@500", NULL, true},
    {"timeout-body", "timeout@500", "200:size=1000:stall@500", is_in_a_hurry,
     false},
};

static void play(const struct scene *scene, const char *plan, FILE *out) {
  struct faulted seen;
  CURL *curl = handle_for(scene->name, plan);

  if (!scene->plan)
    curl_easy_setopt(curl, CURLOPT_URL, url_refused().text);
  if (scene->options)
    scene->options(curl);
  faulted_begin(&seen, curl, out);
  faulted_end(&seen);
  if (!scene->may_lose)
    fprintf(out, ", body %lld", seen.body);
  fputc('\n', out);
  curl_easy_cleanup(curl);
}

static const struct scene *scene_named(const char *name) {
  for (size_t i = 0; i < COUNT(scenes); i++)
    if (!strcmp(scenes[i].name, name))
      return &scenes[i];
  return NULL;
}

/* "real:NAME", "fault:NAME": the latter with the requests that came. */
static void play_child(const char *name, FILE *out) {
  bool is_real = name[0] == 'r';
  const struct scene *scene = scene_named(strchr(name, ':') + 1);
  bool is_chunked = scene->plan && strstr(scene->plan, "chunked");

  play(scene,
       is_real && scene->plan ? scene->plan
       : is_chunked           ? GOOD ":chunked"
                              : GOOD,
       out);
  if (!is_real)
    fprintf(out, "requests %zu\n", server_count(scene->name));
}

static void is_as_real(void **state) {
  static const char *const none[] = {NULL};
  const struct scene *scene = *state;
  char name[64], *errors, *fault, *real, *requests;

  snprintf(name, sizeof name, "fault:%s", scene->name);
  fault = faulted_run(scene->faults, "CURLRETRY_MAX_RETRIES=0", name, &errors);
  snprintf(name, sizeof name, "real:%s", scene->name);
  real = run_child(CHILD_UNSHIMMED, name, none, NULL);
  requests = strstr(fault, "requests ");
  assert_non_null(requests);
  assert_string_equal(requests, strchr(scene->faults, '@') ? "requests 1\n"
                                                           : "requests 0\n");
  *requests = 0;
  assert_string_equal(fault, real);
  assert_non_null(strstr(errors, "on purpose"));
  free(fault);
  free(real);
  free(errors);
}

/* --- https -----------------------------------------------------------------
 */

static void print_url(CURL *curl, FILE *out) {
  const char *url = NULL, *scheme = NULL;
  long protocol = 0, port = 0;

  curl_easy_getinfo(curl, CURLINFO_EFFECTIVE_URL, &url);
  curl_easy_getinfo(curl, CURLINFO_SCHEME, &scheme);
  curl_easy_getinfo(curl, CURLINFO_PROTOCOL, &protocol);
  curl_easy_getinfo(curl, CURLINFO_PRIMARY_PORT, &port);
  /* of plain HTTP by a socket without one the port is libcurl's own affair */
  fprintf(out, " %s %s %d %ld;", url, faulted_scheme(scheme),
          protocol == CURLPROTO_HTTPS, protocol == CURLPROTO_HTTPS ? port : 0);
}

static void set_url(CURL *curl) {
  curl_easy_setopt(curl, CURLOPT_URL, "https://user:pw@a.test:8443/p?q=1");
}

static void set_protocols(CURL *curl) {
  curl_easy_setopt(curl, CURLOPT_URL, "https://a.test");
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
}

static void set_protocol_bits(CURL *curl) {
  curl_easy_setopt(curl, CURLOPT_URL, "HTTPS://[::1]/x");
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS, (long)CURLPROTO_HTTPS);
}

static void set_default(CURL *curl) {
  curl_easy_setopt(curl, CURLOPT_DEFAULT_PROTOCOL, "https");
  curl_easy_setopt(curl, CURLOPT_URL, "a.test./x");
}

static void set_http2(CURL *curl) {
  curl_easy_setopt(curl, CURLOPT_URL, "http://a.test/h2");
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
                   (long)CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
}

static CURLU *parts;

static void set_parts(CURL *curl) {
  parts = curl_url();
  curl_url_set(parts, CURLUPART_URL, "https://a.test/parts", 0);
  curl_easy_setopt(curl, CURLOPT_CURLU, parts);
}

static void https(FILE *out) {
  static void (*const kinds[])(CURL *) = {set_url,           set_protocols,
                                          set_protocol_bits, set_default,
                                          set_parts,         set_http2};

  for (size_t i = 0; i < COUNT(kinds); i++) {
    struct faulted seen;
    CURL *curl = curl_easy_init();
    CURLcode code;
    kinds[i](curl);
    faulted_begin(&seen, curl, out);
    code = curl_easy_perform(curl);
    fprintf(out, "%d %s", (int)code, seen.error);
    print_url(curl, out);
    fputc('\n', out);
    curl_easy_cleanup(curl);
  }
  curl_url_cleanup(parts);
}

static void https_has_its_own_url(void **state) {
  static const char expected[] =
      "[HTTP/1.1 503 503 HTTPS][]0  https://user:pw@a.test:8443/p?q=1 HTTPS "
      "1 8443;\n"
      "[HTTP/1.1 503 503 HTTPS][]0  https://a.test/ HTTPS 1 443;\n"
      "[HTTP/1.1 503 503 HTTPS][]0  https://[::1]/x HTTPS 1 443;\n"
      "[HTTP/1.1 503 503 HTTPS][]0  https://a.test./x HTTPS 1 443;\n"
      "[HTTP/1.1 503 503 HTTPS][]0  https://a.test/parts HTTPS 1 443;\n"
      "[HTTP/1.1 503 503 HTTP][]0  http://a.test/h2 HTTP 0 0;\n";
  char *text = faulted_run("503", "CURLRETRY_MAX_RETRIES=0", "https", NULL);

  (void)state;
  assert_string_equal(text, expected);
  free(text);
  text = faulted_run("503", "CURLRETRY_MAX_RETRIES=2", "https", NULL);
  assert_string_equal(text, expected);
  free(text);
}

/* --- a seed ----------------------------------------------------------------
 */

static void many(FILE *out) {
  for (int i = 0; i < 40; i++) {
    CURL *curl = handle_for("many", "200:size=1");
    long status = 0;
    faulted_post(curl); /* it isn't repeated */
    (void)curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    fputc(status == 503 ? 'x' : '.', out);
    curl_easy_cleanup(curl);
  }
  fprintf(out, "%zu", server_count("many"));
}

static void a_seed_makes_the_same_faults(void **state) {
  static const char *const seeds[] = {"CURLRETRY_FAULTS_SEED=1",
                                      "CURLRETRY_FAULTS_SEED=1",
                                      "CURLRETRY_FAULTS_SEED=2"};
  char *texts[COUNT(seeds)];

  (void)state;
  for (size_t i = 0; i < COUNT(seeds); i++) {
    size_t good = 0;
    texts[i] = faulted_run("503:50%,delay=1ms:50%", seeds[i], "many", NULL);
    for (const char *c = texts[i]; *c; c++)
      good += *c == '.';
    assert_in_range(good, 5, 35);
    assert_int_equal(strtoul(texts[i] + 40, NULL, 10), good);
  }
  assert_string_equal(texts[0], texts[1]);
  assert_string_not_equal(texts[0], texts[2]);
  for (size_t i = 0; i < COUNT(seeds); i++)
    free(texts[i]);
}

/* A process says once that its failures are on purpose. */
static void it_is_said_once(void **state) {
  char *errors;
  char *text =
      faulted_run("503:0%", "CURLRETRY_MAX_RETRIES=0", "many", &errors);

  (void)state;
  assert_string_equal(text, "........................................40");
  assert_string_equal(errors, "curlretry: note: CURLRETRY_FAULTS is set: "
                              "transfers fail on purpose\n");
  free(text);
  free(errors);
}

static void child(const char *name, FILE *out) {
  if (!strcmp(name, "https"))
    https(out);
  else if (!strcmp(name, "many"))
    many(out);
  else
    play_child(name, out);
}

static int tests(void) {
  static const struct CMUnitTest others[] = {
      cmocka_unit_test(https_has_its_own_url),
      cmocka_unit_test(a_seed_makes_the_same_faults),
      cmocka_unit_test(it_is_said_once),
  };
  struct CMUnitTest all[COUNT(scenes) + COUNT(others)];

  for (size_t i = 0; i < COUNT(scenes); i++)
    all[i] = (struct CMUnitTest){scenes[i].name, is_as_real, NULL, NULL,
                                 (void *)(uintptr_t)&scenes[i]};
  memcpy(all + COUNT(scenes), others, sizeof others);
  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms", NULL};
  static const struct setup setup = {policy, tests, child};

  return setup_main(argc, argv, &setup);
}
