/* test_entry_push.c - CURLMOPT_PUSHFUNCTION: libcurl makes the handle of a
 * pushed stream by itself, as a copy of one that a call of ours is on. */
#include "entry_scene.h"

static char data; /* what its callback is to get */
static size_t pushes;
static int answer;

static int on_push(CURL *parent, CURL *curl, size_t count,
                   struct curl_pushheaders *headers, void *given) {
  (void)count, (void)headers;
  assert_ptr_equal(parent, the_easy());
  assert_ptr_equal(curl, the_copy());
  assert_ptr_equal(given, &data);
  pushes++;
  return answer;
}

static CURLMcode set(CURLMoption option, void *word) {
  return entry_multi_setopt(ENTERED, the_multi(), option, word);
}

static int begin(void **unused) {
  (void)unused;
  pushes = 0;
  answer = CURL_PUSH_OK;
  (void)entry_begin(0x075801);
  program_makes_easy();
  program_makes_multi();
  assert_int_equal(set(CURLMOPT_PUSHFUNCTION, (void *)(uintptr_t)on_push),
                   CURLM_OK);
  assert_int_equal(set(CURLMOPT_PUSHDATA, &data), CURLM_OK);
  program_adds();
  return 0;
}

static int end(void **unused) {
  (void)entry_end(unused);
  entry_easy_cleanup(ENTERED, the_copy());
  return 0;
}

static void push(void) { assert_int_equal(libcurl_pushes(), answer); }

static void pushed_ends(void) {
  libcurl_is_done(the_copy(), CURLE_RECV_ERROR);
}

static CURLoption difference(void) {
  return options_difference(&libcurl.options_of_copy, &entry_scene.options);
}

/* A callback of ours with the other's call would be the end of both. */
static void a_pushed_handle_has_the_programs_options(void **unused) {
  (void)unused;
  entry_scene.plays = push;
  assert_int_equal(program_drives(), 1);
  assert_int_equal(pushes, 1);
  assert_int_not_equal(
      options_difference(&libcurl.options, &entry_scene.options), 0);
  assert_int_equal(difference(), 0);
}

static void its_end_is_told_as_it_is(void **unused) {
  (void)unused;
  entry_scene.plays = push;
  (void)program_drives();
  entry_scene.plays = pushed_ends;
  (void)program_drives();
  program_reads(the_copy(), CURLE_RECV_ERROR);
  assert_int_equal(entry_multi_remove_handle(ENTERED, the_multi(), the_copy()),
                   CURLM_OK);
}

/* libcurl frees it at once. */
static void one_that_the_program_denies_is_forgotten(void **unused) {
  (void)unused;
  answer = CURL_PUSH_DENY;
  entry_scene.plays = push;
  (void)program_drives();
  assert_int_equal(pushes, 1);
  assert_null(table_find(the_copy()));
}

static void passed_through_it_is_libcurls(void **unused) {
  (void)unused;
  entry_scene.policy.multi = false;
  entry_scene.plays = push;
  (void)program_drives();
  assert_int_equal(pushes, 1);
  assert_null(table_find(the_copy()));
}

static void without_a_callback_libcurl_has_none(void **unused) {
  (void)unused;
  assert_int_equal(set(CURLMOPT_PUSHFUNCTION, NULL), CURLM_OK);
  assert_int_equal(libcurl_pushes(), CURL_PUSH_DENY);
  assert_int_equal(pushes, 0);
}

static void what_libcurl_refuses_is_refused(void **unused) {
  (void)unused;
  entry_scene.refusal = CURLM_UNKNOWN_OPTION;
  assert_int_equal(set(CURLMOPT_PUSHFUNCTION, NULL), CURLM_UNKNOWN_OPTION);
  assert_int_equal(set(CURLMOPT_PUSHDATA, NULL), CURLM_UNKNOWN_OPTION);
  entry_scene.refusal = CURLM_OK;
  assert_int_equal(libcurl_pushes(), CURL_PUSH_OK); /* the former stays */
  assert_int_equal(pushes, 1);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void) {
  static const struct CMUnitTest all[] = {
      TEST(a_pushed_handle_has_the_programs_options),
      TEST(its_end_is_told_as_it_is),
      TEST(one_that_the_program_denies_is_forgotten),
      TEST(passed_through_it_is_libcurls),
      TEST(without_a_callback_libcurl_has_none),
      TEST(what_libcurl_refuses_is_refused),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}
