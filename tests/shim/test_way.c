/* test_way.c - what leads to the answer is the program's to refuse, before
 * libcurl goes on: a redirect, a challenge, a proxy's. It sees it once,
 * however often the answer is asked for. Each refusal is compared with an
 * unshimmed child's. */
#define _GNU_SOURCE
#include "setup.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- refusals ------------------------------------------------------------ */

struct refuser {
  CURL *curl;
  const char *line; /* begins so, without case */
  char error[CURL_ERROR_SIZE];
  int calls_after;
  bool has_refused;
};

static size_t refuse(char *bytes, size_t size, size_t count, void *data) {
  struct refuser *refuser = data;

  refuser->calls_after += refuser->has_refused;
  if (strncasecmp(bytes, refuser->line, strlen(refuser->line)) != 0)
    return size * count;
  refuser->has_refused = true;
  return 0;
}

static void sets_nothing(CURL *curl) { (void)curl; }

static void posts(CURL *curl) {
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "secret=1");
}

static void logs_in(CURL *curl, long methods) {
  curl_easy_setopt(curl, CURLOPT_USERPWD, "user:secret");
  curl_easy_setopt(curl, CURLOPT_HTTPAUTH, methods);
}
static void digest(CURL *curl) { logs_in(curl, (long)CURLAUTH_DIGEST); }
static void any(CURL *curl) { logs_in(curl, (long)CURLAUTH_ANY); }
static void both(CURL *curl) {
  logs_in(curl, (long)(CURLAUTH_BASIC | CURLAUTH_BEARER));
}
static void digest_post(CURL *curl) {
  digest(curl);
  posts(curl);
}
static void include_header(CURL *curl) {
  posts(curl);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, NULL);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, NULL);
  curl_easy_setopt(curl, CURLOPT_HEADER, 1L);
}
static void header_data_alone(CURL *curl) {
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, NULL);
}

static const struct refusal {
  const char *name, *plan, *line;
  void (*options)(CURL *curl);
} refusals[] = {
    {"301", "301,200", "location:", posts},
    {"302", "302,200", "location:", posts},
    {"303", "303,200", "location:", posts},
    {"307", "307,200", "location:", posts},
    {"308", "308,200", "location:", posts},
    {"get", "302,200", "location:", sets_nothing},
    {"status-line", "302,200", "HTTP/1.1 302", sets_nothing},
    {"block-end", "302,200", "\r\n", sets_nothing},
    {"with-a-body", "302:size=5000,200", "location:", sets_nothing},
    {"chunked", "302:size=5000:chunked,200", "location:", sets_nothing},
    {"close", "302:connclose,200", "location:", sets_nothing},
    {"second", "302,307:hdr=X-No~1,200", "x-no:", posts},
    {"digest", "200:auth=digest", "www-authenticate:", digest},
    {"any", "200:auth=digest", "www-authenticate:", any},
    {"any-basic", "200:auth=basic", "www-authenticate:", any},
    {"both", "200:auth=basic", "www-authenticate:", both},
    {"digest-post", "200:auth=digest", "www-authenticate:", digest_post},
    {"hints", "302:info=103,200", "HTTP/1.1 103", sets_nothing},
    {"include-header", "307,200", "location:", include_header},
    {"header-data", "302,200", "location:", header_data_alone},
};

static void print_refusal(const struct refusal *row, FILE *out) {
  struct refuser refuser = {.line = row->line};
  long status = -1, redirects = -1;
  char *method = NULL, *url = NULL;

  refuser.curl = handle_for(row->name, row->plan);
  curl_easy_setopt(refuser.curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(refuser.curl, CURLOPT_HEADERFUNCTION, refuse);
  curl_easy_setopt(refuser.curl, CURLOPT_HEADERDATA, &refuser);
  curl_easy_setopt(refuser.curl, CURLOPT_WRITEFUNCTION, refuse);
  curl_easy_setopt(refuser.curl, CURLOPT_WRITEDATA, &refuser);
  curl_easy_setopt(refuser.curl, CURLOPT_ERRORBUFFER, refuser.error);
  row->options(refuser.curl);
  fprintf(out, "%s: code %d", row->name, curl_easy_perform(refuser.curl));
  curl_easy_getinfo(refuser.curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(refuser.curl, CURLINFO_REDIRECT_COUNT, &redirects);
  curl_easy_getinfo(refuser.curl, CURLINFO_EFFECTIVE_METHOD, &method);
  curl_easy_getinfo(refuser.curl, CURLINFO_EFFECTIVE_URL, &url);
  fprintf(out, ", '%s', %d calls after, %ld, %ld redirects, %s, %zu requests",
          refuser.error, refuser.calls_after, status, redirects, method,
          server_count(row->name));
  fprintf(out, ", at its own URL %d\n", strstr(url, row->name) != NULL);
  curl_easy_cleanup(refuser.curl);
}

static void print_refusals(const char *name, FILE *out) {
  (void)name;
  for (size_t i = 0; i < COUNT(refusals); i++)
    print_refusal(&refusals[i], out);
}

static void refused_way_is_not_gone(void **state) {
  (void)state;
  assert_as_unshimmed("refusals");
}

static void refused_way_is_not_gone_on_a_retry_either(void **state) {
  struct refuser refuser = {.line = "x-no:"};
  struct url forbidden = url_of("forbidden", "200");
  char *path = strchr(forbidden.text + 7, '/') + 1;
  char plan[200];

  (void)state;
  snprintf(plan, sizeof plan,
           "302:next,503,302:hdr=X-No~1:loc=%%2F%.*s%%2F200,200",
           (int)strcspn(path, "/"), path);
  refuser.curl = handle_for("later", plan);
  curl_easy_setopt(refuser.curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(refuser.curl, CURLOPT_HEADERFUNCTION, refuse);
  curl_easy_setopt(refuser.curl, CURLOPT_HEADERDATA, &refuser);
  assert_int_equal(curl_easy_perform(refuser.curl), CURLE_WRITE_ERROR);
  assert_true(refuser.has_refused);
  assert_int_equal(refuser.calls_after, 0);
  assert_int_equal(server_count("later"), 3);
  assert_int_equal(server_count("forbidden"), 0);
  curl_easy_cleanup(refuser.curl);
}

/* --- a proxy's ----------------------------------------------------------- */

static void through_a_proxy(CURL *curl, const char *login) {
  char proxy[64];

  snprintf(proxy, sizeof proxy, "%.*s",
           (int)strcspn(url_of("x", "x").text + 7, "/") + 7,
           url_of("x", "x").text);
  curl_easy_setopt(curl, CURLOPT_PROXY, proxy);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "");
  curl_easy_setopt(curl, CURLOPT_HTTPPROXYTUNNEL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROXYUSERPWD, login);
  curl_easy_setopt(curl, CURLOPT_PROXYAUTH, (long)CURLAUTH_ANY);
}

static void refused_reply_of_a_proxy_ends_it(void **state) {
  static const char *const lines[] = {"HTTP/1.1 407", "HTTP/1.1 200"};

  (void)state;
  for (size_t i = 0; i < COUNT(lines); i++) {
    struct refuser refuser = {.line = lines[i]};
    char key[16];
    snprintf(key, sizeof key, "proxy%zu", i);
    refuser.curl = handle_for(key, "201");
    server_plan("connect", i ? "pass" : "pass:auth=digest");
    through_a_proxy(refuser.curl, "user:secret");
    curl_easy_setopt(refuser.curl, CURLOPT_POSTFIELDS, "secret=1");
    curl_easy_setopt(refuser.curl, CURLOPT_HEADERFUNCTION, refuse);
    curl_easy_setopt(refuser.curl, CURLOPT_HEADERDATA, &refuser);
    assert_int_equal(curl_easy_perform(refuser.curl), CURLE_WRITE_ERROR);
    assert_true(refuser.has_refused);
    assert_int_equal(refuser.calls_after, 0);
    assert_int_equal(server_count(key), 0);
    curl_easy_cleanup(refuser.curl);
  }
}

/* --- shown once ---------------------------------------------------------- */

static size_t note_first_lines(char *bytes, size_t size, size_t count,
                               void *data) {
  char *text = data, line[32];
  int status;

  snprintf(line, sizeof line, "%.*s", (int)(size * count), bytes);
  if (sscanf(line, "HTTP/%*s %d", &status) == 1)
    snprintf(text + strlen(text), 8, "%d ", status);
  if (!strncasecmp(bytes, "x-seen:", 7))
    strncat(text, "x ", 3);
  return size * count;
}

static void way_is_shown_once(void **state) {
  static const struct {
    const char *name, *plan, *seen;
    void (*options)(CURL *curl);
  } rows[] = {
      {"once-302", "302,503,302,200", "302 200 ", sets_nothing},
      {"once-two", "302,307,503,302,307,200", "302 307 200 ", sets_nothing},
      {"once-longer", "302,503,302,307,200", "302 307 200 ", sets_nothing},
      {"once-none", "302,503,200", "302 200 ", sets_nothing},
      {"once-other", "302:next,503,302:next:hdr=X~1,200", "302 200 ",
       sets_nothing},
      {"once-status", "302,503,307,200", "302 307 200 ", sets_nothing},
      {"once-place", "302:loc=%2Fplace1%2F503,302:loc=%2Fplace2%2F200",
       "302 302 200 ", sets_nothing},
      {"once-digest", "503:auth=digest,200:auth=digest", "401 200 ", digest},
      {"once-anew", "digest,503,digest,200", "401 200 ", digest},
      {"once-answer", "digest,503,digest", "401 401 ", digest},
      {"once-error", "302,503,302,404", "302 404 ", sets_nothing},
      {"once-last", "302,503,302,503,302,503,302,503", "302 503 ",
       sets_nothing},
      {"once-hints", "302:info=103,503,302:info=103,200:info=103",
       "103 302 103 200 ", sets_nothing},
      {"once-empty", "302:hdr=Location~,503,302:hdr=Location~,200", "302 200 ",
       sets_nothing},
      {"once-trailer",
       "302:chunked:trailer=X-Seen~1,503,302:chunked:trailer=X-Seen~1,200",
       "302 x 200 ", sets_nothing},
      {"once-lines", "302:hdr=X-Seen~1,503,302:hdr=X-Seen~2,200", "302 x 200 ",
       sets_nothing},
  };

  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    char seen[200] = "";
    CURL *curl = handle_for(rows[i].name, rows[i].plan);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, note_first_lines);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, seen);
    rows[i].options(curl);
    (void)curl_easy_perform(curl);
    if (strcmp(seen, rows[i].seen) != 0)
      fail_msg("%s: '%s'", rows[i].name, seen);
    curl_easy_cleanup(curl);
  }
}

/* Asked inside the header callback: of the block that it gets. */
static size_t ask_for_location(char *bytes, size_t size, size_t count,
                               void *data) {
  struct curl_header *found;
  unsigned *known = *(unsigned **)data;
  CURL *curl = ((CURL **)data)[1];

  if (!strncasecmp(bytes, "location:", 9) &&
      curl_easy_header(curl, "Location", 0, CURLH_HEADER, -1, &found) ==
          CURLHE_OK)
    ++*known;
  return size * count;
}

/* Of the processor; each of many waits for the server may be long. */
static long long used_ms(void) {
  struct timespec used;

  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return (long long)used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

/* Each redirect costs the same: with the fields of all that came before copied
 * each time this took half a minute. */
static void long_way_takes_no_longer_than_its_hops(void **state) {
  CURL *curl = handle_for("long", "302*600,200");
  long long before = used_ms();
  unsigned known = 0;
  void *data[] = {&known, curl};

  (void)state;
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 600L); /* 8.16.0: -1 is none */
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, ask_for_location);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, data);
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  assert_int_equal(known, 600);
  assert_in_range(used_ms() - before, 0, 8000 * patience());
  curl_easy_cleanup(curl);
}

static size_t reset_at_location(char *bytes, size_t size, size_t count,
                                void *curl) {
  if (!strncasecmp(bytes, "location:", 9))
    curl_easy_reset(curl);
  return size * count;
}

/* The way is shown where libcurl is about to use what a reset clears. */
static void reset_on_the_way_crashes_nothing(void **state) {
  CURL *curl = handle_for("reset", "302:next:size=0,204");
  struct url url = url_of("after", "204");

  (void)state;
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, reset_at_location);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, curl);
  (void)curl_easy_perform(curl);
  curl_easy_setopt(curl, CURLOPT_URL, url.text);
  curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  curl_easy_cleanup(curl);
}

/* --- a pause on the way -------------------------------------------------- */

struct pauser {
  CURL *curl;
  const char *line; /* where it pauses, once */
  char seen[400];
  int pauses;
};

/* The names of the lines that matter. */
static void note_line(struct pauser *pauser, const char *bytes) {
  static const char *const lines[] = {"HTTP/1.1 302", "HTTP/1.1 200",
                                      "location", "content-length", "\r\n"};

  for (size_t i = 0; i < COUNT(lines); i++)
    if (!strncasecmp(bytes, lines[i], strlen(lines[i])))
      snprintf(pauser->seen + strlen(pauser->seen), 20, "%s ",
               i < COUNT(lines) - 1 ? lines[i] : "end");
}

static size_t pause_at_line(char *bytes, size_t size, size_t count,
                            void *data) {
  struct pauser *pauser = data;

  if (!strncasecmp(bytes, pauser->line, strlen(pauser->line)) &&
      !pauser->pauses++)
    return CURL_WRITEFUNC_PAUSE;
  note_line(pauser, bytes);
  return size * count;
}

static int go_on(void *data, curl_off_t a, curl_off_t b, curl_off_t c,
                 curl_off_t d) {
  struct pauser *pauser = data;

  (void)a, (void)b, (void)c, (void)d;
  if (pauser->pauses == 1)
    curl_easy_pause(pauser->curl, CURLPAUSE_CONT);
  return 0;
}

static void pause_on_the_way_loses_no_line_and_no_retry(void **state) {
  static const char *const lines[] = {"HTTP/1.1 302", "location", "\r\n"};
  static const char *const plans[] = {"302,503,302,200:size=2000",
                                      "302,503,200:size=2000",
                                      "302,503,302,503,302,200:size=2000"};

  (void)state;
  for (size_t i = 0; i < COUNT(lines) * COUNT(plans); i++) {
    struct pauser pauser = {.line = lines[i % COUNT(lines)]};
    char key[16];
    snprintf(key, sizeof key, "pause%zu", i);
    pauser.curl = handle_for(key, plans[i / COUNT(lines)]);
    curl_easy_setopt(pauser.curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(pauser.curl, CURLOPT_HEADERFUNCTION, pause_at_line);
    curl_easy_setopt(pauser.curl, CURLOPT_HEADERDATA, &pauser);
    curl_easy_setopt(pauser.curl, CURLOPT_XFERINFOFUNCTION, go_on);
    curl_easy_setopt(pauser.curl, CURLOPT_XFERINFODATA, &pauser);
    curl_easy_setopt(pauser.curl, CURLOPT_NOPROGRESS, 0L);
    assert_int_equal(curl_easy_perform(pauser.curl), CURLE_OK);
    if (strcmp(pauser.seen, "HTTP/1.1 302 location content-length end "
                            "HTTP/1.1 200 content-length end ") != 0 &&
        strcmp(pauser.seen, "HTTP/1.1 302 content-length location end "
                            "HTTP/1.1 200 content-length end ") != 0)
      fail_msg("%s, %s: %s", key, pauser.line, pauser.seen);
    curl_easy_cleanup(pauser.curl);
  }
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(refused_way_is_not_gone),
      cmocka_unit_test(refused_way_is_not_gone_on_a_retry_either),
      cmocka_unit_test(refused_reply_of_a_proxy_ends_it),
      cmocka_unit_test(way_is_shown_once),
      cmocka_unit_test(long_way_takes_no_longer_than_its_hops),
      cmocka_unit_test(reset_on_the_way_crashes_nothing),
      cmocka_unit_test(pause_on_the_way_loses_no_line_and_no_retry),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms",
                                       "CURLRETRY_BUDGET=off", NULL};
  static const struct setup setup = {policy, tests, print_refusals};

  return setup_main(argc, argv, &setup);
}
