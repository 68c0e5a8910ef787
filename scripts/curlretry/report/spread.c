/* spread.c - see spread.h. */
#include "spread.h"

#include "record.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 32
#define BUCKET_BITS 5

struct place {
  int power, bucket;
};

static struct place place_of(double ms) {
  double us = ms * 1000 + 0.5;
  uint64_t whole = us < 0x1p63 ? (uint64_t)us : UINT64_C(1) << 63;
  if (whole < BUCKETS)
    return (struct place){0, (int)whole};
  int shift = 63 - __builtin_clzll(whole) - BUCKET_BITS;
  if (shift + 1 >= SPREAD_POWERS)
    return (struct place){SPREAD_POWERS - 1, BUCKETS - 1};
  return (struct place){shift + 1, (int)(whole >> shift) - BUCKETS};
}

static double middle_ms(int power, int bucket) {
  if (power == 0)
    return bucket / 1000.0;
  double width = (double)(UINT64_C(1) << (power - 1));
  return ((BUCKETS + bucket) * width + (width - 1) / 2) / 1000;
}

static uint64_t *power_of(struct spread *spread, int power) {
  if (spread->powers[power] == NULL) {
    size_t size = BUCKETS * sizeof *spread->powers[power];
    spread->powers[power] = memset(text_room(NULL, size), 0, size);
  }
  return spread->powers[power];
}

static void widen(struct spread *spread, double least_ms, double most_ms) {
  if (spread->count == 0 || least_ms < spread->least_ms)
    spread->least_ms = least_ms;
  if (spread->count == 0 || most_ms > spread->most_ms)
    spread->most_ms = most_ms;
}

void spread_add(struct spread *spread, double ms) {
  if (isnan(ms))
    return;
  struct place place = place_of(ms);
  power_of(spread, place.power)[place.bucket]++;
  widen(spread, ms, ms);
  spread->count++;
  spread->sum_ms += ms;
}

void spread_merge(struct spread *into, const struct spread *from) {
  if (from->count == 0)
    return;
  for (int power = 0; power < SPREAD_POWERS; power++) {
    for (int i = 0; from->powers[power] != NULL && i < BUCKETS; i++)
      power_of(into, power)[i] += from->powers[power][i];
  }
  widen(into, from->least_ms, from->most_ms);
  into->count += from->count;
  into->sum_ms += from->sum_ms;
}

void spread_free(struct spread *spread) {
  for (int power = 0; power < SPREAD_POWERS; power++)
    free(spread->powers[power]);
  memset(spread, 0, sizeof *spread);
}

static double bounded(double number, double least, double most) {
  return number < least ? least : number > most ? most : number;
}

double spread_quantile(const struct spread *spread, double share) {
  double wanted = share * (double)spread->count;
  double seen = 0;
  if (spread->count == 0)
    return UNKNOWN;
  if (wanted <= 1)
    return spread->least_ms;
  if (wanted > (double)spread->count - 1)
    return spread->most_ms;
  for (int power = 0; power < SPREAD_POWERS; power++) {
    for (int i = 0; spread->powers[power] != NULL && i < BUCKETS; i++) {
      seen += (double)spread->powers[power][i];
      if (seen >= wanted && seen > 0)
        return bounded(middle_ms(power, i), spread->least_ms, spread->most_ms);
    }
  }
  return spread->most_ms;
}

double spread_most(const struct spread *spread) {
  return spread->count != 0 ? spread->most_ms : UNKNOWN;
}
