/* test_policy_delay.c - back-off and jitter. */
#include "policy_test.h"

#include "delay.h"

#include <limits.h>

static struct policy plain(enum backoff_shape shape, int64_t base,
                           int64_t max) {
  struct policy policy = policy_of("JITTER=none");
  policy.backoff = shape;
  policy.base_delay_ms = base;
  policy.max_delay_ms = max;
  return policy;
}

static void assert_delays(const struct policy *policy, const int64_t *delays,
                          unsigned count) {
  for (unsigned n = 1; n <= count; n++)
    assert_int_equal(policy_delay(policy, n, 0), delays[n - 1]);
}

static void delays_grow_as_the_shape_says(void **state) {
  (void)state;
  static const int64_t exponential[] = {1000,  2000,  4000, 8000,
                                        16000, 30000, 30000};
  static const int64_t linear[] = {1000, 2000, 3000, 4000, 5000, 6000, 7000};
  static const int64_t constant[] = {1000, 1000, 1000, 1000, 1000, 1000, 1000};
  struct policy policy = plain(BACKOFF_EXPONENTIAL, 1000, 30000);
  assert_delays(&policy, exponential, COUNT(exponential));
  assert_int_equal(policy_delay(&policy, 0, 0), 1000);
  policy = plain(BACKOFF_LINEAR, 1000, 30000);
  assert_delays(&policy, linear, COUNT(linear));
  assert_int_equal(policy_delay(&policy, 30, 0), 30000);
  assert_int_equal(policy_delay(&policy, 31, 0), 30000);
  policy = plain(BACKOFF_CONSTANT, 1000, 30000);
  assert_delays(&policy, constant, COUNT(constant));
}

static void the_longest_delay_wins_over_the_first(void **state) {
  (void)state;
  for (int shape = 0; shape <= (int)BACKOFF_CONSTANT; shape++) {
    struct policy policy = plain((enum backoff_shape)shape, 5000, 1000);
    assert_int_equal(policy_delay(&policy, 1, 0), 1000);
    policy.base_delay_ms = 0;
    assert_int_equal(policy_delay(&policy, 7, UINT64_MAX), 0);
  }
}

static void no_count_of_retries_overflows(void **state) {
  (void)state;
  static const int64_t bases[] = {1, 3, 1000, INT64_MAX / 2, INT64_MAX};
  static const int64_t maxima[] = {1, 30000, INT64_MAX - 1, INT64_MAX};
  static const unsigned counts[] = {
      1, 2, 31, 32, 33, 62, 63, 64, INT_MAX, 1u << 31, UINT_MAX - 1, UINT_MAX};
  for (int shape = 0; shape <= (int)BACKOFF_CONSTANT; shape++) {
    for (size_t i = 0; i < COUNT(bases) * COUNT(maxima); i++) {
      int64_t max = maxima[i % COUNT(maxima)];
      struct policy policy =
          plain((enum backoff_shape)shape, bases[i / COUNT(maxima)], max);
      int64_t last = 0;
      for (size_t k = 0; k < COUNT(counts); k++) {
        int64_t delay = policy_delay(&policy, counts[k], UINT64_MAX);
        assert_true(delay >= last && delay <= max);
        last = delay;
        policy.jitter = JITTER_FULL;
        int64_t random = policy_delay(&policy, counts[k], UINT64_MAX - k);
        assert_true(random >= 0 && random <= delay);
        policy.jitter = JITTER_NONE;
      }
    }
  }
  struct policy policy = plain(BACKOFF_EXPONENTIAL, 1, INT64_MAX);
  assert_true(policy_delay(&policy, 63, 0) == INT64_C(1) << 62);
  assert_true(policy_delay(&policy, 64, 0) == INT64_MAX);
  assert_true(policy_delay(&policy, UINT_MAX, 0) == INT64_MAX);
  policy.backoff = BACKOFF_LINEAR;
  assert_true(policy_delay(&policy, UINT_MAX, 0) == UINT_MAX);
}

/* Every value of the range comes, none outside of it, about equally often. */
static void assert_spread(enum jitter_kind jitter, int64_t base, int64_t least,
                          int64_t most) {
  enum { ROUNDS = 200000, VALUES = 64 };
  unsigned counts[VALUES] = {0};
  uint64_t seed = 88172645463325252u;
  struct policy policy = plain(BACKOFF_CONSTANT, base, 30000);
  policy.jitter = jitter;
  assert_true(most < VALUES);
  for (int i = 0; i < ROUNDS; i++) {
    int64_t delay = policy_delay(&policy, 1, random_next(&seed));
    assert_in_range(delay, least, most);
    counts[delay]++;
  }
  double expected = (double)ROUNDS / (double)(most - least + 1);
  for (int64_t value = least; value <= most; value++) {
    assert_true(counts[value] > 0.9 * expected);
    assert_true(counts[value] < 1.1 * expected);
  }
}

static void jitter_spreads_over_its_range(void **state) {
  (void)state;
  assert_spread(JITTER_FULL, 20, 0, 20);
  assert_spread(JITTER_EQUAL, 40, 20, 40);
  assert_spread(JITTER_EQUAL, 41, 20, 41);
  assert_spread(JITTER_EQUAL, 1, 0, 1);
  assert_spread(JITTER_NONE, 33, 33, 33);
}

static void
the_ends_of_the_random_range_are_the_ends_of_the_delay(void **state) {
  (void)state;
  struct policy policy = plain(BACKOFF_CONSTANT, 1000, 30000);
  policy.jitter = JITTER_FULL;
  assert_int_equal(policy_delay(&policy, 1, 0), 0);
  assert_int_equal(policy_delay(&policy, 1, 1000), 1000);
  policy.jitter = JITTER_EQUAL;
  assert_int_equal(policy_delay(&policy, 1, 0), 500);
  assert_int_equal(policy_delay(&policy, 1, 500), 1000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(delays_grow_as_the_shape_says),
      cmocka_unit_test(the_longest_delay_wins_over_the_first),
      cmocka_unit_test(no_count_of_retries_overflows),
      cmocka_unit_test(jitter_spreads_over_its_range),
      cmocka_unit_test(the_ends_of_the_random_range_are_the_ends_of_the_delay),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
