/* test_handle.c - a handle stays the program's own: between calls nothing is
 * changed, copies are copies, and any use libcurl allows works. */
#define _GNU_SOURCE
#include "setup.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct sink {
  long long got;
  int calls;
};

static size_t into_sink(char *bytes, size_t size, size_t count, void *data) {
  struct sink *sink = data;

  (void)bytes;
  sink->calls++;
  sink->got += (long long)(size * count);
  return size * count;
}

static void set_sink(CURL *curl, struct sink *sink) {
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, into_sink);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, sink);
}

static void options_stay_between_calls(void **state) {
  struct sink body = {0}, header = {0};
  CURL *curl = handle_for("again", "503,200:size=1000,rst,200:size=70");
  int headers;

  (void)state;
  set_sink(curl, &body);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, into_sink);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &header);
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  assert_int_equal(body.got, 1000);
  headers = header.calls;
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  assert_int_equal(body.got, 1070);
  assert_int_equal(header.calls, 2 * headers);
  /* libcurl itself repeats a request on a reused connection that broke */
  assert_in_range(server_count("again"), 3, 4);
  curl_easy_cleanup(curl);
}

/* Each driver leaves the options as it found them. */
static void easy_handle_works_in_a_multi_and_back(void **state) {
  struct sink sink = {0};
  CURL *curl = handle_for("multi", "503,200:size=1000");
  CURLM *multi = curl_multi_init();

  (void)state;
  set_sink(curl, &sink);
  for (int turn = 1; turn <= 3; turn++) {
    int running = 1;
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    assert_int_equal(sink.got, turn * 2000 - 1000);
    assert_int_equal(curl_multi_add_handle(multi, curl), CURLM_OK);
    while (running) {
      assert_int_equal(curl_multi_perform(multi, &running), CURLM_OK);
      curl_multi_poll(multi, NULL, 0, 100, NULL);
    }
    assert_int_equal(curl_multi_remove_handle(multi, curl), CURLM_OK);
    assert_int_equal(sink.got, turn * 2000);
  }
  assert_int_equal(server_count("multi"), 7);
  curl_easy_cleanup(curl);
  curl_multi_cleanup(multi);
}

static void perform_inside_a_multi_is_refused(void **state) {
  CURL *curl = handle_for("in-multi", "200");
  CURLM *multi = curl_multi_init();

  (void)state;
  curl_multi_add_handle(multi, curl);
  assert_int_equal(curl_easy_perform(curl), CURLE_FAILED_INIT);
  assert_int_equal(server_count("in-multi"), 0);
  curl_multi_remove_handle(multi, curl);
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  curl_easy_cleanup(curl);
  curl_multi_cleanup(multi);
}

static void duplicate_has_the_options_and_is_retried(void **state) {
  struct sink sink = {0};
  CURL *curl = handle_for("dup", "503,200:size=1000"), *copy;

  (void)state;
  set_sink(curl, &sink);
  copy = curl_easy_duphandle(curl);
  curl_easy_cleanup(curl); /* the copy doesn't need it */
  assert_int_equal(curl_easy_perform(copy), CURLE_OK);
  assert_int_equal(sink.got, 1000);
  assert_int_equal(server_count("dup"), 2);
  curl_easy_cleanup(copy);
}

static void reset_forgets_the_options(void **state) {
  struct sink old = {0}, sink = {0};
  CURL *curl = handle_for("reset", "503,200:size=1000");

  (void)state;
  set_sink(curl, &old);
  curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, into_sink);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &old);
  curl_easy_reset(curl);
  assert_int_equal(curl_easy_perform(curl), CURLE_URL_MALFORMAT);
  curl_easy_setopt(curl, CURLOPT_URL,
                   url_of("reset", "503,200:size=1000").text);
  set_sink(curl, &sink);
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  assert_int_equal(sink.got, 1000);
  assert_int_equal(old.calls, 0);
  assert_int_equal(server_count("reset"), 2);
  curl_easy_cleanup(curl);
}

static void *perform(void *curl) {
  return (void *)(uintptr_t)curl_easy_perform(curl);
}

static void handle_moves_between_threads(void **state) {
  struct sink sink = {0};
  CURL *curl = handle_for("moved", "503,200:size=1000,rst,200:size=1000");

  (void)state;
  set_sink(curl, &sink);
  for (int i = 0; i < 4; i++) {
    pthread_t thread;
    void *code;
    assert_int_equal(pthread_create(&thread, NULL, perform, curl), 0);
    pthread_join(thread, &code);
    assert_int_equal((uintptr_t)code, CURLE_OK);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  }
  assert_int_equal(sink.got, 8000);
  curl_easy_cleanup(curl);
}

static void cleanup_in_any_order(void **state) {
  CURL *handles[12], *copies[COUNT(handles)];

  (void)state;
  for (size_t i = 0; i < COUNT(handles); i++) {
    handles[i] = handle_for("order", "503,200");
    if (i % 2)
      assert_int_equal(curl_easy_perform(handles[i]), CURLE_OK);
    copies[i] = curl_easy_duphandle(handles[i]);
  }
  for (size_t i = 0; i < COUNT(handles); i += 3)
    curl_easy_cleanup(handles[i]);
  for (size_t i = COUNT(handles); i--;) {
    assert_int_equal(curl_easy_perform(copies[i]), CURLE_OK);
    curl_easy_cleanup(copies[i]);
    if (i % 3)
      curl_easy_cleanup(handles[i]);
  }
  curl_easy_cleanup(NULL);
}

/* Also unshimmed: "CODE CODE ..." */
static void use_no_handle(FILE *out) {
  CURL *curl = curl_easy_init(), *copy;
  char *text = NULL;

  fprintf(out, "%d", curl_easy_perform(NULL));
  fprintf(out, " %d", curl_easy_setopt(NULL, CURLOPT_URL, "x"));
  fprintf(out, " %d", curl_easy_getinfo(curl, CURLINFO_EFFECTIVE_URL, NULL));
  fprintf(out, " %d", curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, NULL));
  fprintf(out, " %d", curl_easy_getinfo(curl, (CURLINFO)0x1000fe, &text));
  fprintf(out, " %d", curl_easy_pause(NULL, CURLPAUSE_CONT));
  fprintf(out, " %d", curl_easy_pause(curl, CURLPAUSE_CONT));
  copy = curl_easy_duphandle(curl);
  fprintf(out, " %d", copy != NULL);
  curl_easy_cleanup(copy);
  fprintf(out, " %d", curl_easy_setopt(curl, CURLOPT_URL, NULL));
  fprintf(out, " %d", curl_easy_perform(curl));
  fprintf(out, " %d", curl_easy_getinfo(curl, CURLINFO_EFFECTIVE_URL, &text));
  curl_easy_cleanup(curl);
}

/* What is left in errno by each wrapper and its libcurl. */
static void print_errno(FILE *out) {
  CURL *curl = handle_for("errno", "200");
  CURL *copy;
  long number;

#define PRINT(call)                                                           \
  do {                                                                        \
    errno = 4711;                                                             \
    (void)(call);                                                             \
    fprintf(out, "%d ", errno);                                               \
  } while (0)
  PRINT(curl_easy_setopt(curl, CURLOPT_URL, url_of("errno", "200").text));
  PRINT(curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_all));
  PRINT(curl_easy_setopt(curl, (CURLoption)9999, 1L));
  PRINT(curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &number));
  PRINT(copy = curl_easy_duphandle(curl));
  PRINT(curl_easy_reset(copy));
  PRINT(curl_easy_cleanup(copy));
  PRINT(curl_easy_pause(curl, CURLPAUSE_CONT));
  PRINT(copy = curl_easy_init());
  curl_easy_cleanup(copy);
  curl_easy_setopt(curl, CURLOPT_URL, url_refused().text);
  PRINT(curl_easy_perform(curl));
  curl_easy_setopt(curl, CURLOPT_URL, "nothing://x");
  PRINT(curl_easy_perform(curl));
  curl_easy_cleanup(curl);
}

static void print_child(const char *name, FILE *out) {
  if (!strcmp(name, "errno"))
    print_errno(out);
  else
    use_no_handle(out);
}

static void nothing_to_work_on_is_as_unshimmed(void **state) {
  (void)state;
  assert_as_unshimmed("nothing");
}

static void errno_is_as_unshimmed(void **state) {
  (void)state;
  assert_as_unshimmed("errno");
}

static void refused_connection_is_retried_whatever_the_method(void **state) {
  CURL *curl = handle_for("refused", "200");
  char error[CURL_ERROR_SIZE] = "";

  (void)state;
  log_forget();
  curl_easy_setopt(curl, CURLOPT_URL, url_refused().text);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "a=b");
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
  assert_int_equal(curl_easy_perform(curl), CURLE_COULDNT_CONNECT);
  assert_non_null(strstr(error, "Failed to connect"));
  assert_int_equal(log_count("retry "), 3);
  assert_int_equal(log_count("giving up"), 1);
  curl_easy_cleanup(curl);
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(options_stay_between_calls),
      cmocka_unit_test(easy_handle_works_in_a_multi_and_back),
      cmocka_unit_test(perform_inside_a_multi_is_refused),
      cmocka_unit_test(duplicate_has_the_options_and_is_retried),
      cmocka_unit_test(reset_forgets_the_options),
      cmocka_unit_test(handle_moves_between_threads),
      cmocka_unit_test(cleanup_in_any_order),
      cmocka_unit_test(nothing_to_work_on_is_as_unshimmed),
      cmocka_unit_test(errno_is_as_unshimmed),
      cmocka_unit_test(refused_connection_is_retried_whatever_the_method),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms",
                                       "CURLRETRY_BUDGET=off", NULL};
  static const struct setup setup = {policy, tests, print_child};

  return setup_main(argc, argv, &setup);
}
