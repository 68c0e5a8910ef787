/* test_budget_time.c - a budget that processes share: what of it is forgotten
 * and when, and that no content of the table does harm. */
#include "policy_test.h"

#include "budget.h"

#include <pthread.h>

#define LIMIT 100
#define ORIGIN 42
#define THREADS 8
#define ALWAYS_MINUTES 4096 /* then the clock's minutes come round */

static struct budget_table table;
static int64_t now_s; /* the clock that all of them have */

static int begin(void **state) {
  (void)state;
  memset(&table, 0, sizeof table);
  now_s = 1795392000; /* of 2026-11-23, a whole minute */
  return 0;
}

static void pass(int64_t minutes) { now_s += 60 * minutes; }

static int left(uint64_t origin) {
  return budget_left(&table, origin, LIMIT, now_s);
}

static bool take(uint64_t origin) {
  return budget_take(&table, origin, 5, LIMIT, now_s);
}

static void take_all(uint64_t origin) {
  while (take(origin))
    ;
  assert_int_equal(left(origin), 0);
}

static void a_dead_host_is_tried_again_after_ten_minutes(void **state) {
  (void)state;
  take_all(ORIGIN);
  pass(10);
  assert_int_equal(left(ORIGIN), 0);
  assert_false(take(ORIGIN));
  pass(1);
  assert_int_equal(left(ORIGIN), LIMIT);
  for (int rest = LIMIT - 5; rest >= 0; rest -= 5) {
    assert_true(take(ORIGIN));
    assert_int_equal(left(ORIGIN), rest);
  }
  assert_false(take(ORIGIN));
}

/* The last retry that was made counts: not that one was refused, nor that
 * something was given back. */
static void only_a_retry_begins_them_anew(void **state) {
  (void)state;
  assert_true(take(ORIGIN));
  pass(6);
  assert_true(take(ORIGIN));
  pass(6);
  assert_int_equal(left(ORIGIN), 90);
  budget_give(&table, ORIGIN, 1, now_s);
  assert_false(budget_take(&table, ORIGIN, 95, LIMIT, now_s));
  pass(4);
  assert_int_equal(left(ORIGIN), 91);
  pass(1);
  assert_int_equal(left(ORIGIN), LIMIT);
}

static void in_any_time_retries_are_bounded(void **state) {
  int retries = 0;

  (void)state;
  for (int minute = 0; minute < 24 * 60; minute++) {
    while (take(ORIGIN))
      retries++;
    pass(1);
  }
  assert_in_range(retries, 20, 20 * (24 * 60 / 11 + 1));
}

static void what_is_given_back_late_is_no_more_than_all(void **state) {
  (void)state;
  assert_true(take(ORIGIN));
  pass(11);
  budget_give(&table, ORIGIN, 5, now_s);
  assert_int_equal(left(ORIGIN), LIMIT);
  assert_true(take(ORIGIN));
  assert_int_equal(left(ORIGIN), LIMIT - 5);
}

static void successes_give_back_as_ever(void **state) {
  (void)state;
  take_all(ORIGIN);
  for (int i = 1; i <= 5; i++) {
    budget_give(&table, ORIGIN, 1, now_s);
    assert_int_equal(left(ORIGIN), i);
  }
  assert_true(take(ORIGIN));
  assert_false(take(ORIGIN));
}

static void clocks_that_differ_a_little_forget_nothing(void **state) {
  (void)state;
  take_all(ORIGIN);
  pass(-10);
  assert_int_equal(left(ORIGIN), 0);
}

static void a_date_that_was_set_back_keeps_nothing(void **state) {
  (void)state;
  take_all(ORIGIN);
  pass(-11);
  assert_int_equal(left(ORIGIN), LIMIT);
  take_all(ORIGIN);
  pass(-60);
  assert_int_equal(left(ORIGIN), LIMIT);
}

static void it_works_at_every_minute(void **state) {
  (void)state;
  for (int i = 0; i < ALWAYS_MINUTES + 20; i++) {
    take_all(ORIGIN);
    pass(10);
    assert_int_equal(left(ORIGIN), 0);
    pass(1);
    assert_int_equal(left(ORIGIN), LIMIT);
  }
  for (now_s = -1000; now_s <= 0; now_s += 500) {
    take_all(ORIGIN + (uint64_t)-now_s);
  }
}

static void whoever_has_no_clock_forgets_nothing(void **state) {
  (void)state;
  now_s = 0;
  take_all(ORIGIN);
  assert_int_equal(left(ORIGIN), 0);
}

/* All entries were short, but long ago: each may be another's. */
static void forgotten_entries_are_turned_over(void **state) {
  (void)state;
  for (uint64_t origin = 1; origin <= BUDGET_SLOTS; origin++)
    take_all(origin);
  assert_int_equal(left(5000), 0); /* shared */
  pass(11);
  for (uint64_t origin = 5000; origin < 5000 + BUDGET_SLOTS; origin++) {
    assert_int_equal(left(origin), LIMIT);
    assert_true(take(origin));
    assert_int_equal(left(origin), LIMIT - 5);
  }
}

static void a_shared_entry_is_as_young_as_its_last_retry(void **state) {
  (void)state;
  for (uint64_t origin = 1; origin <= BUDGET_SLOTS; origin++)
    assert_true(take(origin));
  pass(6);
  assert_true(take(5000));
  assert_int_equal(left(5000), LIMIT - 10);
}

/* --- any content -----------------------------------------------------------
 */

static uint64_t random_word(void) {
  static uint64_t state = 20240229;

  state = state * 6364136223846793005ULL + 1442695040888963407;
  return state ^ state >> 29;
}

static void any_content_is_a_table(void **state) {
  (void)state;
  for (int round = 0; round < 2000; round++) {
    atomic_store(&table.is_used, round % 3 ? random_word() : 0);
    for (unsigned i = 0; i < BUDGET_SLOTS; i++)
      atomic_store(&table.slots[i].word,
                   round % 2 || i % 3 ? random_word() : 0);
    for (int i = 0; i < 20; i++) {
      uint64_t origin = random_word();
      int before = left(origin);

      assert_in_range(before, 0, LIMIT);
      if (take(origin))
        assert_in_range(left(origin), 0, LIMIT - 5);
      budget_give(&table, origin, LIMIT, now_s);
      budget_give(&table, origin, BUDGET_LIMIT_MAX, now_s);
    }
    pass(7);
  }
}

static void what_is_left_of_it_is_forgotten(void **state) {
  (void)state;
  memset(&table, 0xff, sizeof table);
  pass(11 + ALWAYS_MINUTES - (now_s / 60 + 1) % ALWAYS_MINUTES);
  assert_int_equal(left(ORIGIN), LIMIT);
  take_all(ORIGIN);
}

/* --- threads ---------------------------------------------------------------
 */

static atomic_int retries;

static void *take_what_there_is(void *unused) {
  for (int i = 0; i < 200; i++)
    atomic_fetch_add(&retries, take(ORIGIN));
  return unused;
}

/* An entry that all of them see being forgotten is full once. */
static void threads_forget_an_entry_once(void **state) {
  pthread_t threads[THREADS];

  (void)state;
  for (int round = 1; round <= 50; round++) {
    for (int i = 0; i < THREADS; i++)
      assert_int_equal(
          pthread_create(&threads[i], NULL, take_what_there_is, NULL), 0);
    for (int i = 0; i < THREADS; i++)
      pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&retries), round * LIMIT / 5);
    pass(11);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(a_dead_host_is_tried_again_after_ten_minutes,
                             begin),
      cmocka_unit_test_setup(only_a_retry_begins_them_anew, begin),
      cmocka_unit_test_setup(in_any_time_retries_are_bounded, begin),
      cmocka_unit_test_setup(what_is_given_back_late_is_no_more_than_all,
                             begin),
      cmocka_unit_test_setup(successes_give_back_as_ever, begin),
      cmocka_unit_test_setup(clocks_that_differ_a_little_forget_nothing,
                             begin),
      cmocka_unit_test_setup(a_date_that_was_set_back_keeps_nothing, begin),
      cmocka_unit_test_setup(it_works_at_every_minute, begin),
      cmocka_unit_test_setup(whoever_has_no_clock_forgets_nothing, begin),
      cmocka_unit_test_setup(forgotten_entries_are_turned_over, begin),
      cmocka_unit_test_setup(a_shared_entry_is_as_young_as_its_last_retry,
                             begin),
      cmocka_unit_test_setup(any_content_is_a_table, begin),
      cmocka_unit_test_setup(what_is_left_of_it_is_forgotten, begin),
      cmocka_unit_test_setup(threads_forget_an_entry_once, begin),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
