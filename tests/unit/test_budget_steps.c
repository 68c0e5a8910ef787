/* test_budget_steps.c - a process that uses a table is stopped, or killed, at
 * each of its steps, and others use it meanwhile. */
#include "unit_test.h"

/* What the table's code does with shared memory, a step each. */
static void step(void);
#include <stdatomic.h>
#undef atomic_load
#undef atomic_store
#define atomic_load(at)                                                       \
  (step(), atomic_load_explicit(at, memory_order_seq_cst))
#define atomic_store(at, word)                                                \
  (step(), atomic_store_explicit(at, word, memory_order_seq_cst))
#undef atomic_compare_exchange_strong
#define atomic_compare_exchange_strong(at, old, word)                         \
  (step(), atomic_compare_exchange_strong_explicit(                           \
               at, old, word, memory_order_seq_cst, memory_order_seq_cst))
#include "budget.c"

#define ORIGIN 5000
#define LIMIT 100
#define COST 5

static struct budget_table table;
static long steps_left; /* until it happens; 0: it did, or nothing is to */
static void (*happens)(void);

static void step(void) {
  if (steps_left && --steps_left == 0)
    happens();
}

static bool take(uint64_t origin) {
  return budget_take(&table, origin, COST, LIMIT, 0);
}

static void give(uint64_t origin) { budget_give(&table, origin, COST, 0); }

static int take_all(void) {
  int count = 0;

  while (take(ORIGIN))
    count++;
  return count;
}

/* No entry was never used, and each is full. */
static void crowd(void) {
  memset(&table, 0, sizeof table);
  for (uint64_t origin = 1; origin <= BUDGET_SLOTS; origin++)
    assert_true(take(origin));
  for (uint64_t origin = 1; origin <= BUDGET_SLOTS; origin++)
    give(origin);
}

/* --- stopped ---------------------------------------------------------------
 */

static uint64_t first; /* whose entry would be turned over */
static int taken;      /* by others */

/* The origin whose entry a crowded table turns over to ORIGIN. */
static uint64_t find_first(void) {
  unsigned at = 0;

  crowd();
  assert_true(take(ORIGIN));
  while (!(table.slots[at].word & SPENT_MASK))
    at++;
  for (uint64_t origin = 1; origin <= BUDGET_SLOTS; origin++) {
    crowd();
    assert_true(take(origin));
    if (table.slots[at].word & SPENT_MASK)
      return origin;
  }
  fail();
  return 0;
}

/* Others use all of ORIGIN's budget, in another entry than the stopped one is
 * about to take: that is as it was when they have done. */
static void others_take_all(void) {
  assert_true(take(first));
  taken = take_all();
  give(first);
}

static void others_take_all_and_give(void) {
  others_take_all();
  for (int i = 0; i < taken; i++)
    give(ORIGIN);
  taken = 0;
}

static void whoever_was_stopped_takes_no_more_than_there_is(void **unused) {
  long steps = 1;

  (void)unused;
  first = find_first();
  for (bool is_over = false; !is_over; steps++) {
    int all;

    crowd();
    taken = 0;
    happens = others_take_all;
    steps_left = steps;
    all = take(ORIGIN);
    is_over = steps_left > 0; /* it needed fewer */
    steps_left = 0;
    all += taken;
    all += take_all();
    assert_in_range(all, 19, 20);
  }
  assert_true(steps > BUDGET_SLOTS);
}

static void what_is_given_back_meanwhile_may_be_taken(void **unused) {
  long steps = 1;

  (void)unused;
  first = find_first();
  for (bool is_over = false; !is_over; steps++) {
    crowd();
    happens = others_take_all_and_give;
    steps_left = steps;
    assert_true(take(ORIGIN));
    is_over = steps_left > 0;
    steps_left = 0;
    assert_int_equal(take_all(), 19);
  }
}

/* --- killed ----------------------------------------------------------------
 */

static jmp_buf life;

static void it_is_killed(void) { longjmp(life, 1); }

/* Whether `does` came to its end before step number `steps`. */
static bool lives(long steps, void (*does)(void)) {
  volatile bool has_ended = false;

  happens = it_is_killed;
  if (!setjmp(life)) {
    steps_left = steps;
    does();
    has_ended = true;
  }
  steps_left = 0;
  return has_ended;
}

static void take_one(void) { assert_true(take(ORIGIN)); }

static void give_one(void) { give(ORIGIN); }

/* In a table that is empty, that is crowded, that has the entry. */
static void whoever_was_killed_took_one_or_none(void **unused) {
  (void)unused;
  for (int kind = 0; kind < 3; kind++) {
    int left, rest = kind == 2 ? 19 : 20;
    bool is_over = false;

    for (long steps = 1; !is_over; steps++) {
      crowd();
      if (kind == 0)
        memset(&table, 0, sizeof table);
      if (kind == 2)
        assert_true(take(ORIGIN));
      is_over = lives(steps, take_one);
      left = budget_left(&table, ORIGIN, LIMIT, 0);
      assert_in_range(left / COST, rest - 1, rest);
      assert_int_equal(take_all(), left / COST);
      assert_true(is_over || steps < 10000);
    }
  }
}

static void or_gave_one_or_none(void **unused) {
  bool is_over = false;

  (void)unused;
  for (long steps = 1; !is_over; steps++) {
    crowd();
    (void)take_all();
    is_over = lives(steps, give_one);
    assert_in_range(take_all(), is_over, 1);
    assert_true(is_over || steps < 10000);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whoever_was_stopped_takes_no_more_than_there_is),
      cmocka_unit_test(what_is_given_back_meanwhile_may_be_taken),
      cmocka_unit_test(whoever_was_killed_took_one_or_none),
      cmocka_unit_test(or_gave_one_or_none),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
