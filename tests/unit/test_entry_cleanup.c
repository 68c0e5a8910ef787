/* test_entry_cleanup.c - a handle that is freed in a callback. Where libcurl
 * is on the stack, it says what comes of it: from 8.22 it refuses. Where we
 * are, nothing is freed that we still use. */
#include "entry_scene.h"

#include "engine/call.h"

#define OLD 0x075801
#define GUARDED 0x081600

static struct handle *row; /* of the handle, which may be out of the table */

static int begin_with(unsigned version) {
  (void)entry_begin(version);
  program_makes_easy();
  row = table_find(the_easy());
  return 0;
}

static int begin_old(void **unused) {
  (void)unused;
  return begin_with(OLD);
}

static int begin_guarded(void **unused) {
  (void)unused;
  return begin_with(GUARDED);
}

static size_t cleanups_in_callback;

static void cleanup_in_callback(CURL *curl) {
  size_t before = entry_scene.cleanups;

  entry_easy_cleanup(ENTERED, curl);
  cleanups_in_callback = entry_scene.cleanups - before;
}

static void cleanup_it(void) { cleanup_in_callback(the_easy()); }

static void cleanup_the_copy(void) { cleanup_in_callback(the_copy()); }

static void perform(void (*plays)(void), void (*on_write)(void)) {
  cleanups_in_callback = 99;
  entry_scene.plays = plays;
  entry_scene.on_write = on_write;
  assert_int_equal(entry_easy_perform(ENTERED, the_easy()), CURLE_OK);
  entry_scene.on_write = NULL;
}

/* The same in a multi handle. */
static void drive(void (*plays)(void), void (*on_write)(void)) {
  program_makes_multi();
  program_adds();
  cleanups_in_callback = 99;
  entry_scene.plays = plays;
  entry_scene.on_write = on_write;
  (void)program_drives();
  entry_scene.on_write = NULL;
  entry_scene.plays = plays_nothing;
}

/* --- libcurl is on the stack -----------------------------------------------
 */

static void what_libcurl_refuses_stays(void **unused) {
  (void)unused;
  perform(plays_fine, cleanup_it);
  assert_int_equal(cleanups_in_callback,
                   1); /* libcurl's, which does nothing */
  assert_ptr_equal(table_find(the_easy()), row);
  drive(plays_fine, cleanup_it);
  assert_int_equal(cleanups_in_callback, 1);
  assert_ptr_equal(table_find(the_easy()), row);
  assert_non_null(row->member);
}

/* A row that its own call still used is never freed: the test does. */
static void free_row(void) {
  call_free(row->call);
  answers_free(&row->answers);
  shadow_free(&row->shadow);
  free(row);
}

static void cleanup_and_make_another(void) {
  cleanup_it();
  assert_null(table_find(the_easy()));
  program_makes_easy(); /* at the same address */
}

/* Its call, on the stack still, must not take the other one's row. */
static void an_old_one_s_address_may_come_back(void **unused) {
  (void)unused;
  perform(plays_fine, cleanup_and_make_another);
  assert_int_equal(cleanups_in_callback, 1);
  assert_non_null(table_find(the_easy()));
  assert_ptr_not_equal(table_find(the_easy()), row);
  assert_null(table_find(the_easy())->call);
  free_row();
}

static void an_old_one_leaves_its_multi_handle(void **unused) {
  int left;

  (void)unused;
  drive(plays_fine, cleanup_it);
  assert_int_equal(cleanups_in_callback, 1);
  assert_null(table_find(the_easy()));
  assert_null(row->member);
  assert_int_equal(table_find_multi(the_multi())->siblings.calls, 0);
  assert_int_equal(program_drives(), 0);
  /* what libcurl says of it, it says itself */
  assert_non_null(entry_multi_info_read(ENTERED, the_multi(), &left));
  free_row();
}

static size_t cleanup_once(const char *bytes, size_t size, size_t count,
                           void *unused) {
  (void)bytes, (void)unused;
  if (table_find(the_easy()))
    cleanup_it();
  return size * count;
}

/* The program sees the redirect and frees the handle; libcurl goes on, with
 * callbacks whose clocks begin. */
static void plays_a_redirect(void) {
  libcurl_performs();
  assert_int_equal(libcurl_prerequest(), CURL_PREREQFUNC_OK);
  assert_true(libcurl_header("HTTP/1.1 302 Moved") > 0);
  assert_true(libcurl_header("Location: /there") > 0);
  assert_true(libcurl_header("") > 0);
  assert_int_equal(libcurl_prerequest(), CURL_PREREQFUNC_OK);
  assert_int_equal(cleanups_in_callback, 1);
  assert_true(libcurl_header("HTTP/1.1 200 OK") > 0);
  assert_true(libcurl_header("") > 0);
  assert_int_equal(libcurl_body("held", 4), 4);
}

static void what_an_old_one_does_afterwards_is_nobodys(void **unused) {
  union {
    curl_write_callback function;
    void *pointer;
  } on_header = {.pointer = (void *)(uintptr_t)cleanup_once};

  (void)unused;
  assert_int_equal(entry_easy_setopt(ENTERED, the_easy(),
                                     CURLOPT_FOLLOWLOCATION, (void *)1L),
                   CURLE_OK);
  assert_int_equal(entry_easy_setopt(ENTERED, the_easy(),
                                     CURLOPT_HEADERFUNCTION,
                                     on_header.pointer),
                   CURLE_OK);
  drive(plays_a_redirect, NULL);
  assert_null(table_find(the_easy()));
  assert_int_equal(table_find_multi(the_multi())->members, 0);
  free_row();
}

/* --- we are ----------------------------------------------------------------
 */

static void in_a_hand_over_nothing_is_freed(void **unused) {
  (void)unused;
  perform(plays_unsized, cleanup_it);
  assert_int_equal(cleanups_in_callback, 0);
  assert_ptr_equal(table_find(the_easy()), row);
  drive(plays_unsized, cleanup_it);
  assert_int_equal(cleanups_in_callback, 0);
  assert_ptr_equal(table_find(the_easy()), row);
}

/* Another one of the multi handle, whose callback it isn't. */
static void begin_with_two(void (*on_write)(void)) {
  assert_ptr_equal(entry_easy_duphandle(ENTERED, the_easy()), the_copy());
  program_makes_multi();
  assert_int_equal(entry_multi_add_handle(ENTERED, the_multi(), the_copy()),
                   CURLM_OK);
  program_adds();
  cleanups_in_callback = 99;
  entry_scene.plays = plays_unsized;
  entry_scene.on_write = on_write;
  (void)program_drives();
  entry_scene.on_write = NULL;
  entry_scene.plays = plays_nothing;
}

static void another_one_is_freed(void **unused) {
  (void)unused;
  begin_with_two(cleanup_the_copy);
  assert_int_equal(cleanups_in_callback, 1);
  assert_null(table_find(the_copy()));
}

/* As libcurl would in a callback of its own. */
static void another_one_isnt_where_libcurl_refuses(void **unused) {
  (void)unused;
  begin_with_two(cleanup_the_copy);
  assert_int_equal(cleanups_in_callback, 0);
  assert_non_null(table_find(the_copy()));
  entry_easy_cleanup(ENTERED, the_copy());
  assert_int_equal(entry_scene.cleanups, 1);
}

/* --- a multi handle that is freed -----------------------------------------
 */

/* What is taken out of the real one, before it is freed. */
static size_t taken_out(unsigned version, void (*comes_to)(void)) {
  size_t removals;

  (void)begin_with(version);
  program_makes_multi();
  program_adds();
  comes_to();
  removals = entry_scene.removals;
  assert_int_equal(entry_multi_cleanup(ENTERED, the_multi()), CURLM_OK);
  removals = entry_scene.removals - removals;
  assert_null(row->member);
  assert_int_equal(entry_end(NULL), 0);
  return removals;
}

static void comes_to_its_end(void) {
  entry_scene.plays = plays_fine;
  (void)program_drives();
  entry_scene.plays = plays_nothing;
}

/* libcurl 8.1 to 8.12 would leave in it what it is done with: for the program
 * it runs, or has a message that wasn't read. */
static void what_ended_is_taken_out_of_a_forgetful_one(void **unused) {
  static const struct {
    unsigned version;
    size_t count;
  } rows[] = {{0x075801, 0}, {0x080001, 0}, {0x080100, 1},
              {0x080500, 1}, {0x080c01, 1}, {0x080d00, 0}};

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_int_equal(taken_out(rows[i].version, program_comes_to_wait),
                     rows[i].count);
    assert_int_equal(taken_out(rows[i].version, comes_to_its_end),
                     rows[i].count);
  }
}

#define OLD_TEST(test)                                                        \
  cmocka_unit_test_setup_teardown(test, begin_old, entry_end)
#define GUARDED_TEST(test)                                                    \
  cmocka_unit_test_setup_teardown(test, begin_guarded, entry_end)

int main(void) {
  static const struct CMUnitTest all[] = {
      GUARDED_TEST(what_libcurl_refuses_stays),
      OLD_TEST(an_old_one_s_address_may_come_back),
      OLD_TEST(an_old_one_leaves_its_multi_handle),
      OLD_TEST(what_an_old_one_does_afterwards_is_nobodys),
      OLD_TEST(in_a_hand_over_nothing_is_freed),
      GUARDED_TEST(in_a_hand_over_nothing_is_freed),
      OLD_TEST(another_one_is_freed),
      GUARDED_TEST(another_one_isnt_where_libcurl_refuses),
      cmocka_unit_test(what_ended_is_taken_out_of_a_forgetful_one),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}
