/* spread.h - how many times of which length: quantiles in little memory.
 *
 * Buckets of a 32nd of a power of two, in microseconds: a quantile is at most
 * 1.6 % off, those below 32 us are exact. Least, most and sum are kept as they
 * came, and so are quantiles that are these. A power of two that nothing falls
 * into takes no memory.
 */
#ifndef CURLRETRY_SPREAD_H
#define CURLRETRY_SPREAD_H

#include <stdint.h>

#define SPREAD_POWERS 42 /* up to some 400 days; what is longer counts so */

struct spread {
  uint64_t count;
  double least_ms, most_ms, sum_ms;
  uint64_t *powers[SPREAD_POWERS];
};

/* UNKNOWN is not counted. */
void spread_add(struct spread *spread, double ms);
void spread_merge(struct spread *into, const struct spread *from);
void spread_free(struct spread *spread);

/* The least time that a share (0 to 1) of all were not over; UNKNOWN where
 * there were none. */
double spread_quantile(const struct spread *spread, double share);
double spread_most(const struct spread *spread);

#endif
