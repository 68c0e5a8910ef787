/* timeline.h - failures over time: bins that grow with the time they cover.
 *
 * All series of a timeline have the same bins: of 1 s at first, of twice as
 * long a time when these don't reach from the earliest time to the latest.
 */
#ifndef CURLRETRY_TIMELINE_H
#define CURLRETRY_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#define TIMELINE_BINS 120

struct timeline {
  int64_t bin_ms;   /* 0: there was no time yet */
  int64_t first;    /* of the first bin: its beginning divided by bin_ms */
  int64_t earliest; /* ms since 1970 */
  int64_t latest;
};

struct series {
  uint32_t *bins; /* NULL: nothing happened */
};

/* Give a time a bin. True: the bins are others now, and every series has to
 * be moved to them. */
bool timeline_cover(struct timeline *timeline, int64_t at_ms);

void series_move(struct series *series, const struct timeline *before,
                 const struct timeline *now);

/* `at_ms` has a bin. */
void series_add(struct series *series, const struct timeline *timeline,
                int64_t at_ms);

void series_merge(struct series *into, const struct series *from);
void series_free(struct series *series);

#endif
