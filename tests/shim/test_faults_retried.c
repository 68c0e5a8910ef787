/* test_faults_retried.c - failures on purpose, and what the policy makes of
 * them; delays; what is left behind. */
#define _GNU_SOURCE
#include "faulted.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void get(FILE *out) {
  struct faulted seen;
  CURL *curl = handle_for("get", GOOD);

  faulted_begin(&seen, curl, out);
  faulted_end(&seen);
  fprintf(out, ", body %lld, requests %zu", seen.body, server_count("get"));
  curl_easy_cleanup(curl);
}

#define GOT                                                                   \
  "[HTTP/1.1 200 200 HTTP][] 0: status 200, redirects 0, connects 1, v2, "    \
  "timed, error , body 1000, requests "

static void a_retry_gets_the_answer(void **state) {
  static const char *const rows[][2] = {{"503:first=2", "1"},
                                        {"dns:first=2", "1"},
                                        {"connect:first=2", "1"},
                                        {"tls:first=2", "1"},
                                        {"timeout:first=2", "1"},
                                        {"reset:first=2", "1"},
                                        {"partial:first=2", "1"},
                                        {"reset@500:first=2", "3"},
                                        {"partial@999:first=2", "3"},
                                        {"timeout@0:first=2", "3"},
                                        {"reset@1000", "1"},
                                        {"503:first=1,dns:first=2", "1"},
                                        {"503:first=2,delay=20ms", "1"}};

  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    char *errors;
    char *text =
        faulted_run(rows[i][0], "CURLRETRY_MAX_RETRIES=3", "get", &errors);
    const char *before = "";
    /* a connection that libcurl opened for the one before isn't counted */
    assert_int_equal(strncmp(text + strlen(before), GOT, strlen(GOT)), 0);
    assert_string_equal(text + strlen(GOT), rows[i][1]);
    free(text);
    free(errors);
  }
}

/* A pipe's bytes come from the snapshot. */
static void put(FILE *out) {
  struct seen server = {.method = ""};
  struct faulted seen;
  CURL *curl = handle_for("put", "201");

  faulted_put(curl);
  faulted_begin(&seen, curl, out);
  fprintf(out, " %d", faulted_end(&seen) == CURLE_OK);
  fprintf(out, " saw %zu", server_saw("put", &server, 1));
  fprintf(out, " %s %lld %d", server.method, server.length, server.is_whole);
  curl_easy_cleanup(curl);
}

static void an_upload_is_sent_again(void **state) {
  static const char *const rows[] = {"503:first=2", "reset:first=2",
                                     "timeout:first=1", "partial:first=1",
                                     "connect:first=2"};

  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    char *text;
    /* 8.7 and 8.8 take a short answer to an upload for a whole one */
    if (strstr(rows[i], "partial") && is_libcurl(0x080700, 0x080900))
      continue;
    text = faulted_run(rows[i], "CURLRETRY_SNAPSHOT_MEMORY=100K", "put", NULL);
    assert_non_null(strstr(text, " 1 saw 1 PUT 3000000 1"));
    free(text);
  }
}

static void post(FILE *out) {
  CURL *curl = handle_for("post", GOOD);
  CURLcode code;
  long status = -1;

  faulted_post(curl);
  code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  fprintf(out, "%d %ld %zu", (int)code, status, server_count("post"));
  curl_easy_cleanup(curl);
}

/* The policy judges as if it had been sent. */
static void a_post_is_not_repeated_once_it_counts_as_sent(void **state) {
  static const char *const rows[][2] = {
      {"503:first=1", "0 503 0"},    {"reset:first=1", "56 0 0"},
      {"timeout:first=1", "28 0 0"}, {"partial:first=1", "18 200 0"},
      {"dns:first=1", "0 200 1"},    {"connect:first=1", "0 200 1"},
      {"tls:first=1", "0 200 1"}};

  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    char *text = faulted_run(rows[i][0], "CURLRETRY_LOG=off", "post", NULL);
    assert_string_equal(text, rows[i][1]);
    free(text);
  }
}

static void who_is_not_meant_has_none(void **state) {
  static const char *const rows[] = {"CURLRETRY_DISABLE=1",
                                     "CURLRETRY_HOSTS=!127.0.0.1",
                                     "CURLRETRY_PROGRAMS=!test_*"};

  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    const char *const policy[] = {rows[i], "CURLRETRY_FAULTS=503", NULL};
    char *errors;
    char *text = run_child(CHILD_SHIMMED, "get", policy, &errors);
    assert_string_equal(text, GOT "1");
    assert_string_equal(errors, "");
    free(text);
    free(errors);
  }
}

static void dry_run_has_them_and_repeats_nothing(void **state) {
  char *errors;
  char *text =
      faulted_run("503:first=1", "CURLRETRY_DRY_RUN=1", "post", &errors);

  (void)state;
  assert_string_equal(text, "0 503 0");
  free(text);
  free(errors);
  text = faulted_run("connect", "CURLRETRY_DRY_RUN=1", "post", &errors);
  assert_string_equal(text, "7 0 0");
  assert_non_null(strstr(errors, "would retry"));
  free(text);
  free(errors);
}

/* --- delays ----------------------------------------------------------------
 */

static int count_calls(void *data, curl_off_t a, curl_off_t b, curl_off_t c,
                       curl_off_t d) {
  int *calls = data;

  (void)a;
  (void)b;
  (void)c;
  (void)d;
  return ++*calls == 4; /* after 200 ms or so */
}

static void late(FILE *out) {
  CURL *curl = handle_for("late", GOOD);
  long long began = now_ms();
  CURLcode code = curl_easy_perform(curl);
  long long took = now_ms() - began;
  long connects = -1;

  fprintf(out, "%d %s %zu;", (int)code, took >= 400 ? "late" : "early",
          server_count("late"));
  code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &connects);
  fprintf(out, "%d connects %ld", (int)code, connects);
  curl_easy_cleanup(curl);
}

/* By the program, and by its timeout, long before the delay's end. */
static void ended(FILE *out) {
  CURL *curl = handle_for("ended", GOOD);
  long long began = now_ms();
  int calls = 0;
  CURLcode code;

  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, count_calls);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &calls);
  code = curl_easy_perform(curl);
  fprintf(out, "%d after %d calls;", (int)code, calls);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 100L);
  code = curl_easy_perform(curl);
  fprintf(out, "%d %s %zu", (int)code,
          now_ms() - began < 20000 ? "early" : "late", server_count("ended"));
  curl_easy_cleanup(curl);
}

static void a_delay_is_a_slow_server_s(void **state) {
  char *text =
      faulted_run("delay=400ms", "CURLRETRY_MAX_RETRIES=0", "late", NULL);

  (void)state;
  assert_string_equal(text, "0 late 1;0 connects 0");
  free(text);
  text = faulted_run("delay=20s", "CURLRETRY_MAX_RETRIES=0", "ended", NULL);
  assert_string_equal(text, "42 after 4 calls;28 early 0");
  free(text);
}

/* --- the program's handle --------------------------------------------------
 */

static int opened, tuned, closed;

static curl_socket_t open_socket(void *data, curlsocktype purpose,
                                 struct curl_sockaddr *address) {
  (void)data;
  (void)purpose;
  opened++;
  return socket(address->family, address->socktype, address->protocol);
}

static int tune_socket(void *data, curl_socket_t socket,
                       curlsocktype purpose) {
  (void)data;
  (void)socket;
  (void)purpose;
  tuned++;
  return CURL_SOCKOPT_OK;
}

static int close_socket(void *data, curl_socket_t socket) {
  (void)data;
  closed++;
  return close(socket);
}

/* Nothing of a fault is left behind, neither options nor descriptors; and the
 * connection of before it is still there. */
static void own(FILE *out) {
  CURL *curl = handle_for("own", GOOD);
  long connects = -1;
  int before;

  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, tune_socket);
  curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
  fprintf(out, "%d", (int)curl_easy_perform(curl));
  before = count_descriptors();
  for (int i = 0; i < 100; i++)
    (void)curl_easy_perform(curl);
  fprintf(out, " %d %d %d %d", opened, tuned, closed,
          count_descriptors() - before);
  curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &connects);
  fprintf(out, " last %ld", connects);
  curl_easy_cleanup(curl);
  fprintf(out, " %d", closed);
}

static void the_program_s_sockets_are_its_own(void **state) {
  char *text = faulted_run("503:90%", "CURLRETRY_FAULTS_SEED=3", "own", NULL);
  int opens = 0, tunes = 0, closes = 0, more = 0;
  int code = -1;

  (void)state;
  assert_int_equal(
      sscanf(text, "%d %d %d %d %d", &code, &opens, &tunes, &closes, &more),
      5);
  assert_int_equal(code, 0);
  assert_in_range(opens, 1, 20); /* of real attempts alone, FRESH_CONNECT's */
  assert_int_equal(tunes, opens);
  assert_int_equal(more, opens - 1 - closes);
  free(text);
}

static void child(const char *name, FILE *out) {
  static const struct {
    const char *name;
    void (*run)(FILE *out);
  } runs[] = {{"get", get},   {"put", put},     {"post", post},
              {"late", late}, {"ended", ended}, {"own", own}};

  for (size_t i = 0; i < COUNT(runs); i++)
    if (!strcmp(runs[i].name, name))
      runs[i].run(out);
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(a_retry_gets_the_answer),
      cmocka_unit_test(an_upload_is_sent_again),
      cmocka_unit_test(a_post_is_not_repeated_once_it_counts_as_sent),
      cmocka_unit_test(who_is_not_meant_has_none),
      cmocka_unit_test(dry_run_has_them_and_repeats_nothing),
      cmocka_unit_test(a_delay_is_a_slow_server_s),
      cmocka_unit_test(the_program_s_sockets_are_its_own),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms", NULL};
  static const struct setup setup = {policy, tests, child};

  return setup_main(argc, argv, &setup);
}
