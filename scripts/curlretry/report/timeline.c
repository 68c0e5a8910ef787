/* timeline.c - see timeline.h. */
#include "timeline.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_BIN_MS 1000
#define SERIES_SIZE (TIMELINE_BINS * sizeof(uint32_t))

/* Times before 1970 don't come: a trace's years have four digits, and what is
 * earlier lands in the first bin. */
static int64_t bin_of(int64_t at_ms, int64_t bin_ms) {
  return (at_ms > 0 ? at_ms : 0) / bin_ms;
}

bool timeline_cover(struct timeline *timeline, int64_t at_ms) {
  struct timeline before = *timeline;
  if (timeline->bin_ms == 0) {
    *timeline = (struct timeline){FIRST_BIN_MS, bin_of(at_ms, FIRST_BIN_MS),
                                  at_ms, at_ms};
    return false;
  }
  if (at_ms < timeline->earliest)
    timeline->earliest = at_ms;
  if (at_ms > timeline->latest)
    timeline->latest = at_ms;
  int64_t bin_ms = timeline->bin_ms;
  while (bin_of(timeline->latest, bin_ms) -
             bin_of(timeline->earliest, bin_ms) >=
         TIMELINE_BINS)
    bin_ms *= 2;
  int64_t at = bin_of(at_ms, bin_ms) - timeline->first;
  if (bin_ms == before.bin_ms && at >= 0 && at < TIMELINE_BINS)
    return false;
  timeline->bin_ms = bin_ms;
  timeline->first = bin_of(timeline->earliest, bin_ms);
  return true;
}

static uint32_t *bins_of(struct series *series) {
  if (series->bins == NULL)
    series->bins = memset(text_room(NULL, SERIES_SIZE), 0, SERIES_SIZE);
  return series->bins;
}

void series_move(struct series *series, const struct timeline *before,
                 const struct timeline *now) {
  struct series moved = {NULL};
  for (int i = 0; series->bins != NULL && i < TIMELINE_BINS; i++) {
    int64_t at =
        bin_of((before->first + i) * before->bin_ms, now->bin_ms) - now->first;
    if (series->bins[i] != 0 && at >= 0 && at < TIMELINE_BINS)
      bins_of(&moved)[at] += series->bins[i];
  }
  free(series->bins);
  *series = moved;
}

void series_add(struct series *series, const struct timeline *timeline,
                int64_t at_ms) {
  int64_t at = bin_of(at_ms, timeline->bin_ms) - timeline->first;
  if (at >= 0 && at < TIMELINE_BINS)
    bins_of(series)[at]++;
}

void series_merge(struct series *into, const struct series *from) {
  for (int i = 0; from->bins != NULL && i < TIMELINE_BINS; i++)
    bins_of(into)[i] += from->bins[i];
}

void series_free(struct series *series) {
  free(series->bins);
  series->bins = NULL;
}
