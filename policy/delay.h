/* delay.h - how long to wait before a retry. */
#ifndef CURLRETRY_DELAY_H
#define CURLRETRY_DELAY_H

#include "policy.h"

/* The n-th retry's own delay in ms (n from 1), back-off and jitter applied:
 * 0 <= result <= policy->max_delay_ms; never overflows. */
int64_t policy_delay(const struct policy *policy, unsigned n, uint64_t random);

#endif
