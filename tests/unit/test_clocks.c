/* test_clocks.c - the heap of clocks, against a list that is searched. */
#include "unit_test.h"

#include "drive/clocks.h"

#define CLOCKS 200
#define STEPS 20000

static struct clocks heap;
static struct clock clocks[CLOCKS];
static int64_t expected[CLOCKS]; /* INT64_MAX: not set */
static uint32_t seed;

static uint32_t pick(uint32_t below) {
  seed = seed * 1664525u + 1013904223u;
  return (seed >> 8) % below;
}

static int begin(void **unused) {
  (void)unused;
  memset(&heap, 0, sizeof(heap));
  memset(clocks, 0, sizeof(clocks));
  for (int i = 0; i < CLOCKS; i++)
    expected[i] = INT64_MAX;
  return 0;
}

static int end(void **unused) {
  (void)unused;
  clocks_free(&heap);
  return 0;
}

static int64_t first_expected(void) {
  int64_t first = INT64_MAX;

  for (int i = 0; i < CLOCKS; i++)
    if (expected[i] < first)
      first = expected[i];
  return first;
}

static void assert_first(void) {
  const struct clock *first = clocks_first(&heap);

  assert_true((first ? first->due : INT64_MAX) == first_expected());
}

static void the_first_is_the_earliest(void **unused) {
  (void)unused;
  for (seed = 1; seed < 4; seed++) {
    assert_true(clocks_reserve(&heap, CLOCKS));
    for (int step = 0; step < STEPS; step++) {
      uint32_t i = pick(CLOCKS);
      int64_t due = pick(4) ? (int64_t)pick(1000) : INT64_MAX;
      if (due == INT64_MAX && pick(2))
        clocks_stop(&heap, &clocks[i]);
      else
        clocks_set(&heap, &clocks[i], due);
      expected[i] = due;
      assert_first();
    }
  }
}

static void they_come_out_in_order(void **unused) {
  struct clock *clock;
  int64_t before = -1;
  int count = 0;

  (void)unused;
  assert_true(clocks_reserve(&heap, CLOCKS));
  seed = 7;
  for (int i = 0; i < CLOCKS; i++)
    clocks_set(&heap, &clocks[i], (int64_t)pick(50));
  for (; (clock = clocks_first(&heap)); count++) {
    assert_true(clock->due >= before);
    before = clock->due;
    clocks_stop(&heap, clock);
    assert_int_equal(clock->place, 0);
  }
  assert_int_equal(count, CLOCKS);
}

/* Room is made before it is needed, and keeps what is there. */
static void room_grows(void **unused) {
  (void)unused;
  for (int i = 0; i < CLOCKS; i++) {
    assert_true(clocks_reserve(&heap, (size_t)i + 1));
    clocks_set(&heap, &clocks[i], CLOCKS - i);
    expected[i] = CLOCKS - i;
    assert_first();
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(the_first_is_the_earliest, begin, end),
      cmocka_unit_test_setup_teardown(they_come_out_in_order, begin, end),
      cmocka_unit_test_setup_teardown(room_grows, begin, end),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
