/* test_policy_budget.c - retry tokens, alone and among threads. No time
 * passes: that is test_budget_time.c. */
#include "policy_test.h"

#include "budget.h"

#include <pthread.h>
#include <stdlib.h>

#define THREADS 8

/* The sanitizer sees a race the first time, but is 20 times slower. */
#ifdef __SANITIZE_THREAD__
#define MANY 1000
#define ROUNDS 1
#define TRIES 20 /* a thread alone could take all there is */
#define CROWDS 20
#else
#define MANY 30000
#define ROUNDS 5
#define TRIES 200
#define CROWDS 100
#endif

static struct budget_table table;

static int empty_table(void **state) {
  (void)state;
  memset(&table, 0, sizeof table);
  return 0;
}

static int left(uint64_t origin, int limit) {
  return budget_left(&table, origin, limit, 0);
}

static bool take(uint64_t origin, int cost, int limit) {
  return budget_take(&table, origin, cost, limit, 0);
}

static void give(uint64_t origin, int tokens) {
  budget_give(&table, origin, tokens, 0);
}

/* Entries that were made; whatever they are worth. */
static int used(void) {
  int count = 0;
  for (unsigned i = 0; i < BUDGET_SLOTS; i++)
    count += atomic_load(&table.slots[i].word) != 0;
  assert_int_equal(budget_is_whole(&table), count == 0);
  return count;
}

static void an_origin_without_entry_has_all_its_tokens(void **state) {
  (void)state;
  assert_int_equal(left(1, 100), 100);
  assert_int_equal(left(0, 7), 7);
  give(1, 5);
  assert_int_equal(used(), 0);
  assert_int_equal(left(1, 100), 100);
}

static void tokens_are_taken_until_too_few_are_left(void **state) {
  (void)state;
  for (int rest = 95; rest >= 0; rest -= 5) {
    assert_true(take(42, 5, 100));
    assert_int_equal(left(42, 100), rest);
  }
  assert_false(take(42, 5, 100));
  assert_false(take(42, 1, 100));
  assert_true(take(42, 0, 100));
  assert_int_equal(left(42, 100), 0);
  assert_int_equal(left(43, 100), 100);
  assert_int_equal(used(), 1);
}

static void a_cost_above_the_limit_takes_nothing(void **state) {
  (void)state;
  assert_false(take(42, 5, 4));
  assert_false(take(42, 1, 0));
  assert_false(take(42, INT32_MAX, BUDGET_LIMIT_MAX));
  assert_int_equal(used(), 0);
  assert_true(take(42, BUDGET_LIMIT_MAX, BUDGET_LIMIT_MAX));
  assert_false(take(42, 1, INT32_MAX));
  assert_int_equal(left(42, BUDGET_LIMIT_MAX), 0);
}

/* Its bits in a word would be none, which is a free slot's. */
static void an_origin_may_have_any_hash(void **state) {
  const uint64_t no_bits = UINT64_C(0x2200cd8b50391bc6);
  (void)state;
  assert_true(take(no_bits, 5, 100));
  assert_int_equal(left(no_bits, 100), 95);
  assert_int_equal(used(), 1);
  assert_true(take(no_bits, 5, 100));
  assert_int_equal(left(no_bits, 100), 90);
  assert_int_equal(used(), 1);
  give(no_bits, 10);
  assert_int_equal(left(no_bits, 100), 100);
  assert_int_equal(used(), 1); /* a slot is never free again */
}

static void tokens_come_back_up_to_the_limit(void **state) {
  (void)state;
  assert_true(take(42, 30, 100));
  give(42, 10);
  assert_int_equal(left(42, 100), 80);
  give(42, 0);
  give(42, -10);
  assert_int_equal(left(42, 100), 80);
  give(42, INT32_MAX);
  assert_int_equal(left(42, 100), 100);
  give(43, 10);
  assert_true(take(42, 30, 100));
  assert_int_equal(left(42, 100), 70);
  assert_int_equal(used(), 1);
}

static void origin_0_is_origin_1(void **state) {
  (void)state;
  assert_true(take(0, 5, 100));
  assert_int_equal(left(1, 100), 95);
}

static void a_lower_limit_than_what_is_spent_leaves_nothing(void **state) {
  (void)state;
  assert_true(take(9, 50, 100));
  assert_int_equal(left(9, 40), 0);
  assert_false(take(9, 5, 40));
}

/* Origins that differ in one bit only, wherever it is, stay apart. */
static void every_origin_has_its_own_tokens(void **state) {
  (void)state;
  for (unsigned bit = 1; bit < 64; bit++)
    assert_true(take(UINT64_C(1) << bit, (int)bit, 100));
  for (unsigned bit = 1; bit < 64; bit++)
    assert_int_equal(left(UINT64_C(1) << bit, 100), 100 - (int)bit);
  assert_int_equal(used(), 63);
}

static void full_entries_are_turned_over(void **state) {
  (void)state;
  for (uint64_t origin = 1; origin <= BUDGET_SLOTS; origin++)
    assert_true(take(origin, 5, 100));
  assert_int_equal(used(), BUDGET_SLOTS);
  give(77, 5);
  assert_int_equal(left(5000, 100), 100);
  assert_true(take(5000, 20, 100));
  assert_int_equal(left(5000, 100), 80);
  for (uint64_t origin = 1; origin <= BUDGET_SLOTS; origin++) {
    if (origin != 77)
      assert_int_equal(left(origin, 100), 95);
  }
  assert_int_equal(used(), BUDGET_SLOTS);
}

static void with_all_entries_short_origins_share(void **state) {
  (void)state;
  for (uint64_t origin = 1; origin <= BUDGET_SLOTS; origin++)
    assert_true(take(origin, 5, 100));
  assert_int_equal(left(5000, 100), 95);
  assert_true(take(5000, 20, 100));
  assert_int_equal(left(5000, 100), 75);
  give(5000, 20);
  assert_int_equal(left(5000, 100), 95);
  for (uint64_t origin = 1; origin <= BUDGET_SLOTS; origin++)
    assert_int_equal(left(origin, 100), 95);
}

/* No entry was never used, and each is full. */
static void crowd(void) {
  empty_table(NULL);
  for (uint64_t origin = 1; origin <= BUDGET_SLOTS; origin++)
    assert_true(take(origin, 5, 100));
  for (uint64_t origin = 1; origin <= BUDGET_SLOTS; origin++)
    give(origin, 5);
}

/* Two processes made one each at one moment; neither may have lived to look
 * at what the other did. */
static void two_entries_of_an_origin_are_one_budget(void **state) {
  unsigned at = 0;

  (void)state;
  crowd();
  assert_true(take(5000, 70, 100));
  while (!(atomic_load(&table.slots[at].word) & 0xfffff))
    at++;
  atomic_store(&table.slots[(at + 77) % BUDGET_SLOTS].word,
               atomic_load(&table.slots[at].word) - 50);
  assert_int_equal(left(5000, 100), 10);
  assert_false(take(5000, 11, 100));
  assert_true(take(5000, 10, 100));
  give(5000, 95);
  assert_int_equal(left(5000, 100), 95);
  give(5000, 100);
  assert_int_equal(left(5000, 100), 100);
  assert_true(take(5000, 100, 100));
  assert_false(take(5000, 1, 100));
}

static void run_threads(void *(*body)(void *), void *(*argument)(int)) {
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, body, argument(i)), 0);
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
}

static atomic_int taken;

static void *no_argument(int thread) {
  (void)thread;
  return NULL;
}

static void *take_what_there_is(void *unused) {
  (void)unused;
  for (int i = 0; i < TRIES; i++) {
    for (uint64_t origin = 1; origin <= 200; origin++)
      atomic_fetch_add(&taken, take(origin, 5, 100) ? 5 : 0);
  }
  return NULL;
}

static void threads_never_take_more_than_there_is(void **state) {
  (void)state;
  for (int round = 0; round < ROUNDS; round++) {
    empty_table(NULL);
    atomic_store(&taken, 0);
    run_threads(take_what_there_is, no_argument);
    assert_int_equal(atomic_load(&taken), 200 * 100);
    assert_int_equal(used(), 200);
  }
}

static void *odd_threads(int thread) { return thread % 2 ? &table : NULL; }

/* Half of them take one origin's; the others change which entries are full. */
static void *take_all(void *is_odd) {
  for (int i = 0; is_odd && i < 40; i++)
    atomic_fetch_add(&taken, take(5000, 5, 100) ? 5 : 0);
  for (uint64_t i = 0; !is_odd && i < 300; i++)
    if (take(6000 + i, 5, 100))
      give(6000 + i, 5);
  return NULL;
}

/* Those that come last may give back what both took: fewer, never more. */
static void in_a_crowded_table_neither(void **state) {
  (void)state;
  for (int round = 0; round < CROWDS; round++) {
    crowd();
    atomic_store(&taken, 0);
    run_threads(take_all, odd_threads);
    assert_in_range(atomic_load(&taken), 5, 100);
    assert_int_equal(left(5000, 100), 100 - atomic_load(&taken));
  }
}

static void *take_and_give_back(void *unused) {
  (void)unused;
  for (int i = 0; i < MANY / 2; i++) {
    uint64_t origin = (uint64_t)(i % 3);
    if (take(origin, 10, 50))
      give(origin, 10);
  }
  return NULL;
}

static void what_threads_take_and_give_back_adds_up(void **state) {
  (void)state;
  run_threads(take_and_give_back, no_argument);
  for (uint64_t origin = 0; origin < 3; origin++)
    assert_int_equal(left(origin, 50), 50);
}

/* Thousands of origins that need an entry each for a moment only, so that
 * entries are turned over all the time. */
static void *churn(void *first) {
  for (int i = 0; i < MANY; i++) {
    uint64_t origin = (uintptr_t)first + (uint64_t)(i % 1000) * 16;
    int before = left(origin, 100);
    if (before != 100 || !take(origin, 7, 100))
      return first;
    give(origin, 7);
  }
  return NULL;
}

static void *churn_checked(void *first) {
  if (churn(first) != NULL)
    atomic_fetch_add(&taken, 1);
  return NULL;
}

static void *own_origins(int thread) {
  return (void *)(uintptr_t)(1000000 + thread);
}

static void entries_turned_over_keep_their_tokens_apart(void **state) {
  (void)state;
  atomic_store(&taken, 0);
  run_threads(churn_checked, own_origins);
  assert_int_equal(atomic_load(&taken), 0);
  for (unsigned i = 0; i < BUDGET_SLOTS; i++)
    assert_int_equal(atomic_load(&table.slots[i].word) & 0xfffff, 0);
}

/* The same, but all threads use the same origins. */
static void *shared_origins(int thread) {
  (void)thread;
  return (void *)(uintptr_t)2000000;
}

static void *churn_together(void *first) {
  for (int i = 0; i < MANY; i++) {
    uint64_t origin = (uintptr_t)first + (uint64_t)(i % 1000) * 16;
    if (take(origin, 7, 1000))
      give(origin, 7);
  }
  return NULL;
}

/* Of some millions of tokens a few may stay taken, when one who gives back
 * passes an entry before and the other after somebody else has changed them;
 * none for good, and none is ever made up. */
static void what_twins_hold_comes_back(void **state) {
  (void)state;
  int residue = 0;
  run_threads(churn_together, shared_origins);
  for (unsigned i = 0; i < BUDGET_SLOTS; i++)
    residue += (int)(atomic_load(&table.slots[i].word) & 0xfffff);
  assert_in_range(residue, 0, 200);
  for (uint64_t i = 0; i < 1000; i++) {
    uint64_t origin = (uintptr_t)shared_origins(0) + i * 16;
    give(origin, 1000);
    give(origin, 1000);
    assert_int_equal(left(origin, 1000), 1000);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(an_origin_without_entry_has_all_its_tokens,
                             empty_table),
      cmocka_unit_test_setup(tokens_are_taken_until_too_few_are_left,
                             empty_table),
      cmocka_unit_test_setup(a_cost_above_the_limit_takes_nothing,
                             empty_table),
      cmocka_unit_test_setup(an_origin_may_have_any_hash, empty_table),
      cmocka_unit_test_setup(tokens_come_back_up_to_the_limit, empty_table),
      cmocka_unit_test_setup(origin_0_is_origin_1, empty_table),
      cmocka_unit_test_setup(a_lower_limit_than_what_is_spent_leaves_nothing,
                             empty_table),
      cmocka_unit_test_setup(every_origin_has_its_own_tokens, empty_table),
      cmocka_unit_test_setup(full_entries_are_turned_over, empty_table),
      cmocka_unit_test_setup(with_all_entries_short_origins_share,
                             empty_table),
      cmocka_unit_test_setup(threads_never_take_more_than_there_is,
                             empty_table),
      cmocka_unit_test_setup(what_threads_take_and_give_back_adds_up,
                             empty_table),
      cmocka_unit_test_setup(entries_turned_over_keep_their_tokens_apart,
                             empty_table),
      cmocka_unit_test_setup(two_entries_of_an_origin_are_one_budget,
                             empty_table),
      cmocka_unit_test_setup(what_twins_hold_comes_back, empty_table),
      cmocka_unit_test_setup(in_a_crowded_table_neither, empty_table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
