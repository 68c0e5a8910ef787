/* delay.c - see delay.h. */
#include "delay.h"

/* base * 2^(n-1), base * n or base; n from 1. Saturates at `max`. */
static int64_t grow(enum backoff_shape shape, int64_t base, unsigned n,
                    int64_t max) {
  if (base <= 0)
    return 0;
  switch (shape) {
  case BACKOFF_EXPONENTIAL:
    if (n - 1 >= 63 || base > max >> (n - 1))
      return max;
    return base << (n - 1);
  case BACKOFF_LINEAR:
    return base > max / n ? max : base * n;
  default:
    return base > max ? max : base;
  }
}

/* Jitter keeps many clients that failed together from coming back together.
 * The remainder's bias is below 2^-20 for any delay a policy can have. */
int64_t policy_delay(const struct policy *policy, unsigned n,
                     uint64_t random) {
  int64_t delay = grow(policy->backoff, policy->base_delay_ms, n == 0 ? 1 : n,
                       policy->max_delay_ms);
  int64_t least = 0;
  if (policy->jitter == JITTER_NONE)
    return delay;
  if (policy->jitter == JITTER_EQUAL)
    least = delay / 2;
  return least + (int64_t)(random % ((uint64_t)(delay - least) + 1));
}
