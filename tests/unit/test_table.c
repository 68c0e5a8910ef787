/* test_table.c - the rows of easy handles: found until they are removed,
 * whoever else is in their bucket, and nothing of a former owner's left. In
 * threads: test_table_threads.c. */
#include "exchange_test.h"

#include "drive/table.h"
#include "engine/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HANDLES 20000 /* several in each bucket */

static const struct library library, other;
static const struct call *freed; /* the call that was freed last */
static int frees;

/* Stands in for the engine's. */
void __wrap_call_free(struct call *call);
void __wrap_call_free(struct call *call) {
  freed = call;
  frees += call != NULL;
}

/* Handles are known by their addresses alone; these are never looked into. */
static char handles[HANDLES][64];

static CURL *handle(size_t n) { return handles[n]; }

static void add(size_t n) { assert_non_null(table_add(handle(n), &library)); }

static void assert_there(size_t n) {
  const struct handle *row = table_find(handle(n));

  assert_non_null(row);
  assert_ptr_equal(row->curl, handle(n));
}

static void assert_gone(size_t n) { assert_null(table_find(handle(n))); }

/* Each once, in an order that has nothing to do with their addresses. */
static size_t shuffled(size_t i) { return i * 7919 % HANDLES; }

/* --- rows ------------------------------------------------------------------
 */

static void a_handle_is_found_until_it_is_removed(void **state) {
  (void)state;
  struct handle *row;

  assert_gone(0);
  row = table_add(handle(0), &library);
  assert_non_null(row);
  assert_ptr_equal(table_find(handle(0)), row);
  assert_ptr_equal(row->curl, handle(0));
  assert_ptr_equal(row->library, &library);
  assert_gone(1);
  table_remove(handle(0));
  assert_gone(0);
}

static void what_isnt_there_can_be_removed(void **state) {
  (void)state;
  assert_null(table_find(NULL));
  table_remove(NULL);
  table_remove(handle(0));
  add(0);
  add(1);
  table_remove(handle(0));
  table_remove(handle(0));
  assert_gone(0);
  assert_there(1);
  table_remove(handle(1));
}

static void a_new_row_has_libcurls_defaults(void **state) {
  (void)state;
  const struct handle *row = table_add(handle(0), &library);

  assert_non_null(row);
  assert_ptr_equal(row->shadow.held.write_data, stdout);
  assert_ptr_equal(row->shadow.held.read_data, stdin);
  assert_int_equal(row->shadow.held.no_progress, 1);
  assert_int_equal(row->shadow.attempt.dns_cache_timeout, 60);
  assert_int_equal(row->shadow.upload_size, -1);
  assert_int_equal(row->shadow.url_scheme, URL_NONE);
  assert_null(row->shadow.url);
  assert_null(row->call);
  assert_null(row->mark.frame);
  assert_null(row->answers.view);
  assert_false(row->answers.is_resumed);
  table_remove(handle(0));
}

/* The rest is what the leak checker finds. */
static void a_removed_row_takes_what_it_owns_along(void **state) {
  (void)state;
  static char memory; /* for a call */
  union option_value url = {.pointer = (char[]){"https://a.example/"}};
  union option_value range = {.pointer = (char[]){"0-9"}};
  struct handle *row;

  for (int is_replaced = 0; is_replaced < 2; is_replaced++) {
    row = table_add(handle(0), &library);
    assert_non_null(row);
    row->call = (struct call *)(void *)&memory;
    row->answers.first = calloc(1, sizeof(*row->answers.first));
    shadow_set(&row->shadow, CURLOPT_URL, &url);
    shadow_set(&row->shadow, CURLOPT_RANGE, &range);
    frees = 0;
    if (is_replaced)
      add(0);
    table_remove(handle(0));
    assert_int_equal(frees, 1);
    assert_ptr_equal(freed, is_replaced ? NULL : &memory);
  }
}

/* An address's former owner was freed where we couldn't see it. */
static void a_row_that_was_left_behind_is_replaced(void **state) {
  (void)state;
  struct handle *row = table_add(handle(0), &library);

  row->shadow.follows_location = true;
  row->mark.frame = row;
  row = table_add(handle(0), &other);
  assert_ptr_equal(table_find(handle(0)), row);
  assert_ptr_equal(row->library, &other);
  assert_false(row->shadow.follows_location);
  assert_null(row->mark.frame);
  table_remove(handle(0));
  assert_gone(0); /* there was only one */
}

/* --- many ------------------------------------------------------------------
 */

static void any_number_of_handles_is_found(void **state) {
  (void)state;
  for (size_t i = 0; i < HANDLES; i++)
    add(shuffled(i));
  for (size_t i = 0; i < HANDLES; i++)
    assert_there(i);
  for (size_t i = 0; i < HANDLES; i += 2)
    table_remove(handle(shuffled(i)));
  for (size_t i = 0; i < HANDLES; i++) {
    if (i % 2)
      assert_there(shuffled(i));
    else
      assert_gone(shuffled(i));
  }
  for (size_t i = 0; i < HANDLES; i += 2)
    add(shuffled(i));
  for (size_t i = 0; i < HANDLES; i++)
    assert_there(i);
  for (size_t i = 0; i < HANDLES; i++)
    table_remove(handle(i));
  for (size_t i = 0; i < HANDLES; i++)
    assert_gone(i);
}

/* Several share each bucket; whichever goes first. */
static void neighbours_in_a_bucket_stay(void **state) {
  (void)state;
  enum { GROUP = 9, STEP = HANDLES / GROUP };

  for (size_t first = 0; first < STEP; first++)
    for (size_t k = 0; k < GROUP; k++)
      add(first + k * STEP);
  for (size_t gone = 0; gone < GROUP; gone++) {
    for (size_t first = 0; first < STEP; first++)
      table_remove(handle(first + gone * STEP));
    for (size_t i = 0; i < STEP * GROUP; i++) {
      if (i / STEP <= gone)
        assert_gone(i);
      else
        assert_there(i);
    }
  }
}

/* As many nodes as handles were ever alive at once: here one in a bucket. */
static void a_process_that_lives_long_needs_no_more_memory(void **state) {
  (void)state;
  enum { ROUNDS = 40 };
  const char *before;

  for (size_t i = 0; i < HANDLES; i++) {
    add(i);
    table_remove(handle(i));
  }
  before = sbrk(0);
  for (size_t i = 0; i < (size_t)ROUNDS * HANDLES; i++) {
    add(shuffled(i % HANDLES));
    table_remove(handle(shuffled(i % HANDLES)));
  }
  assert_true((const char *)sbrk(0) - before < 1000000);
}

/* --- messages of what is no member -----------------------------------------
 */

/* A program that frees a handle without taking it out gets no message of it:
 * that named freed memory. */
static void a_stranger_s_message_ends_with_its_handle(void **state) {
  struct multi *multi = multi_make(&library, (CURLM *)handles[HANDLES - 1]);
  struct member *member;

  (void)state;
  assert_non_null(multi);
  assert_null(table_take_stranger(handle(0)));
  assert_true(table_reserve_stranger(NULL)); /* libcurl has an answer to it */
  for (int i = 0; i < 2; i++) {
    assert_true(table_reserve_stranger(handle(0)));
    assert_null(table_take_stranger(handle(0))); /* it has no message yet */
  }
  assert_true(table_reserve_stranger(handle(0)));
  for (int turn = 0; turn < 2; turn++) { /* its address comes back */
    assert_true(multi_has_spare(multi));
    member = multi_join_stranger(multi);
    member->message.easy_handle = handle(0);
    multi_move(member, MEMBER_QUEUED);
    table_add_stranger(handle(0), multi);
    table_add_stranger(handle(0), multi);
    assert_ptr_equal(table_take_stranger(handle(0)), multi);
    assert_null(table_take_stranger(handle(0)));
    multi_forget_stranger(multi, handle(0));
    assert_int_equal(multi_list(multi, MEMBER_QUEUED)->count, 0);
    assert_int_equal(multi->strangers, 0);
  }
  multi_free(multi);
}

int main(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(a_handle_is_found_until_it_is_removed),
      cmocka_unit_test(what_isnt_there_can_be_removed),
      cmocka_unit_test(a_new_row_has_libcurls_defaults),
      cmocka_unit_test(a_removed_row_takes_what_it_owns_along),
      cmocka_unit_test(a_row_that_was_left_behind_is_replaced),
      cmocka_unit_test(any_number_of_handles_is_found),
      cmocka_unit_test(neighbours_in_a_bucket_stay),
      cmocka_unit_test(a_process_that_lives_long_needs_no_more_memory),
      cmocka_unit_test(a_stranger_s_message_ends_with_its_handle),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}
