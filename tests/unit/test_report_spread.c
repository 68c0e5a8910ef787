/* test_report_spread.c - the report's quantiles. */
#include "unit_test.h"

#include "report/record.h"
#include "report/spread.h"

#include <math.h>

#define MOST_OFF 0.016 /* spread.h */

static double off(double got, double expected) {
  return expected == 0 ? fabs(got) : fabs(got - expected) / expected;
}

static void quantiles_of_none_are_unknown(void **state) {
  struct spread spread = {0};
  (void)state;
  assert_true(isnan(spread_quantile(&spread, 0.5)));
  assert_true(isnan(spread_most(&spread)));
  spread_add(&spread, UNKNOWN);
  assert_int_equal(spread.count, 0);
}

static void one_time_is_every_quantile(void **state) {
  static const double times[] = {0, 0.001, 0.0314, 1, 123.456, 86400000, 1e15};
  (void)state;
  for (size_t i = 0; i < COUNT(times); i++) {
    struct spread spread = {0};
    spread_add(&spread, times[i]);
    assert_true(spread_quantile(&spread, 0) == times[i]);
    assert_true(spread_quantile(&spread, 0.5) == times[i]);
    assert_true(spread_quantile(&spread, 1) == times[i]);
    assert_true(spread_most(&spread) == times[i]);
    spread_free(&spread);
  }
}

static void quantile_is_the_least_that_a_share_is_not_over(void **state) {
  struct spread spread = {0};
  (void)state;
  for (int i = 1; i <= 20; i++)
    spread_add(&spread, i / 1000.0); /* exact there */
  assert_true(spread_quantile(&spread, 0.5) == 0.010);
  assert_true(spread_quantile(&spread, 0.95) == 0.019);
  assert_true(spread_quantile(&spread, 0.951) == 0.020);
  spread_free(&spread);
}

static void quantiles_are_near_at_every_length(void **state) {
  (void)state;
  for (uint64_t us = 1; us < 100000000000; us = us * 3 + 1) {
    struct spread spread = {0};
    double unit = (double)us / 1000;
    for (int i = 1; i <= 1000; i++)
      spread_add(&spread, i * unit);
    assert_true(off(spread_quantile(&spread, 0.5), 500 * unit) < MOST_OFF);
    assert_true(off(spread_quantile(&spread, 0.95), 950 * unit) < MOST_OFF);
    assert_true(off(spread_quantile(&spread, 0.001), unit) < MOST_OFF);
    assert_true(off(spread.sum_ms, 500500 * unit) < 1e-9);
    spread_free(&spread);
  }
}

static void merged_spreads_are_as_one(void **state) {
  struct spread one = {0};
  struct spread two = {0};
  struct spread all = {0};
  (void)state;
  spread_merge(&one, &two);
  assert_int_equal(one.count, 0);
  for (int i = 1; i <= 1000; i++) {
    spread_add(i % 3 ? &one : &two, i);
    spread_add(&all, i);
  }
  spread_merge(&one, &two);
  assert_int_equal(one.count, all.count);
  assert_true(one.least_ms == 1 && one.most_ms == 1000);
  for (double share = 0; share <= 1; share += 0.01)
    assert_true(spread_quantile(&one, share) == spread_quantile(&all, share));
  spread_free(&one);
  spread_free(&two);
  spread_free(&all);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(quantiles_of_none_are_unknown),
      cmocka_unit_test(one_time_is_every_quantile),
      cmocka_unit_test(quantile_is_the_least_that_a_share_is_not_over),
      cmocka_unit_test(quantiles_are_near_at_every_length),
      cmocka_unit_test(merged_spreads_are_as_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
