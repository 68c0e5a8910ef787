/* test_longjmp.c - hosts leave curl_easy_perform() by longjmp or a C++
 * exception out of a callback. Nothing may crash, and other handles, made
 * before or after, are retried as ever. */
#define _GNU_SOURCE
#include "setup.h"

#include <stdlib.h>
#include <string.h>

struct jumper {
  jmp_buf back;
  long long got;
  bool jumps;
};

static size_t on_body(char *bytes, size_t size, size_t count, void *data) {
  struct jumper *jumper = data;

  (void)bytes;
  if (jumper->jumps)
    longjmp(jumper->back, 1);
  jumper->got += (long long)(size * count);
  return size * count;
}

static int on_progress(void *data, curl_off_t a, curl_off_t b, curl_off_t c,
                       curl_off_t d) {
  struct jumper *jumper = data;

  (void)a, (void)b, (void)c, (void)d;
  if (jumper->jumps && b)
    longjmp(jumper->back, 1);
  return 0;
}

static CURL *begin(struct jumper *jumper, const char *key, const char *plan) {
  CURL *curl = handle_for(key, plan);

  jumper->got = 0;
  jumper->jumps = true;
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, jumper);
  return curl;
}

/* True when the call was left by longjmp. */
static bool perform_and_jump(CURL *curl, struct jumper *jumper) {
  if (setjmp(jumper->back))
    return true;
  (void)curl_easy_perform(curl);
  return false;
}

static void assert_new_handle_is_retried(const char *key) {
  CURL *curl = handle_for(key, "503,200");

  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  assert_int_equal(server_count(key), 2);
  curl_easy_cleanup(curl);
}

/* Handed over after the real perform: libcurl knows of nothing. */
static void jump_out_of_held_data_leaves_a_usable_handle(void **state) {
  static const char *const plans[] = {
      "200:size=1000:chunked,503,200:size=1000:chunked",
      "rst,200:size=1000:chunked,503,200:size=1000:chunked"};
  static struct jumper jumper;

  (void)state;
  for (size_t i = 0; i < COUNT(plans); i++) {
    char key[32];
    CURL *curl;
    snprintf(key, sizeof key, "held%zu", i);
    curl = begin(&jumper, key, plans[i]);
    assert_true(perform_and_jump(curl, &jumper));
    assert_int_equal(server_count(key), i + 1);
    jumper.jumps = false;
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    assert_int_equal(jumper.got, 1000);
    assert_int_equal(server_count(key), i + 3);
    snprintf(key, sizeof key, "held-other%zu", i);
    assert_new_handle_is_retried(key);
    curl_easy_cleanup(curl);
  }
}

static void setopt_after_a_jump_is_the_program_s(void **state) {
  static struct jumper jumper;
  CURL *curl = begin(&jumper, "setopt",
                     "200:size=1000:chunked,503,200:size=77:chunked"),
       *copy;
  struct jumper second = {.got = 0};

  (void)state;
  assert_true(perform_and_jump(curl, &jumper));
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &second);
  copy = curl_easy_duphandle(curl);
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  assert_int_equal(second.got, 77);
  assert_int_equal(curl_easy_perform(copy), CURLE_OK);
  assert_int_equal(second.got, 154);
  assert_int_equal(jumper.got, 0);
  curl_easy_cleanup(curl);
  curl_easy_cleanup(copy);
}

static void reset_after_a_jump_begins_anew(void **state) {
  static struct jumper jumper;
  CURL *curl = begin(&jumper, "reset", "200:size=1000:chunked");

  (void)state;
  assert_true(perform_and_jump(curl, &jumper));
  curl_easy_reset(curl);
  curl_easy_setopt(curl, CURLOPT_URL, url_of("reset2", "503,200").text);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_all);
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  assert_int_equal(server_count("reset2"), 2);
  curl_easy_cleanup(curl);
}

static void multi_after_a_jump_gets_the_program_s_callbacks(void **state) {
  static struct jumper jumper;
  CURL *curl = begin(&jumper, "to-multi", "200:size=1000:chunked");
  CURLM *multi = curl_multi_init();
  int running = 1;

  (void)state;
  assert_true(perform_and_jump(curl, &jumper));
  jumper.jumps = false;
  assert_int_equal(curl_multi_add_handle(multi, curl), CURLM_OK);
  while (running) {
    assert_int_equal(curl_multi_perform(multi, &running), CURLM_OK);
    curl_multi_poll(multi, NULL, 0, 100, NULL);
  }
  assert_int_equal(jumper.got, 1000);
  curl_multi_remove_handle(multi, curl);
  curl_easy_cleanup(curl);
  curl_multi_cleanup(multi);
}

/* Out of the middle of a transfer: libcurl's handle is stuck, its answers are
 * as unshimmed. In a child, for what libcurl leaks then. */
static void jump_inside(const char *name, FILE *out) {
  static struct jumper jumper;
  CURL *curl = begin(&jumper, "inside", "200:size=1000");
  CURL *other = handle_for("after", "200:size=10");

  if (!strcmp(name, "progress")) {
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_all);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &jumper);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  }
  fprintf(out, "%d ", perform_and_jump(curl, &jumper));
  jumper.jumps = false;
  fprintf(out, "%d ", curl_easy_perform(curl));
  fprintf(out, "%d ", curl_easy_perform(curl));
  fprintf(out, "%d ", curl_easy_perform(other));
  curl_easy_cleanup(other);
  if (!strcmp(name, "cleanup"))
    curl_easy_cleanup(curl);
  other = handle_for("new", "200:size=10");
  fprintf(out, "%d ", curl_easy_perform(other));
  curl_easy_cleanup(other);
  fprintf(out, "%zu %zu", server_count("after"), server_count("new"));
}

static void jump_out_of_the_transfer_is_as_unshimmed(void **state) {
  (void)state;
  assert_as_unshimmed("body");
  assert_as_unshimmed("progress");
}

static void cleanup_after_a_jump_is_as_unshimmed(void **state) {
  (void)state;
  if (patience() > 1)
    skip(); /* libcurl's own leak would be found */
  assert_as_unshimmed("cleanup");
}

static void other_handles_are_retried_after_a_jump(void **state) {
  static struct jumper jumper;
  CURL *curl = begin(&jumper, "stuck", "200:size=1000:chunked");
  CURL *before = handle_for("before", "503,200");

  (void)state;
  assert_true(perform_and_jump(curl, &jumper));
  assert_int_equal(curl_easy_perform(before), CURLE_OK);
  assert_int_equal(server_count("before"), 2);
  assert_new_handle_is_retried("afterwards");
  curl_easy_cleanup(before);
  curl_easy_cleanup(curl);
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(jump_out_of_held_data_leaves_a_usable_handle),
      cmocka_unit_test(setopt_after_a_jump_is_the_program_s),
      cmocka_unit_test(reset_after_a_jump_begins_anew),
      cmocka_unit_test(multi_after_a_jump_gets_the_program_s_callbacks),
      cmocka_unit_test(jump_out_of_the_transfer_is_as_unshimmed),
      cmocka_unit_test(cleanup_after_a_jump_is_as_unshimmed),
      cmocka_unit_test(other_handles_are_retried_after_a_jump),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms", NULL};
  static const struct setup setup = {policy, tests, jump_inside};

  return setup_main(argc, argv, &setup);
}
