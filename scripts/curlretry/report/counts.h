/* counts.h - what a row of the report counts, and the total. */
#ifndef CURLRETRY_COUNTS_H
#define CURLRETRY_COUNTS_H

#include "record.h"
#include "spread.h"

struct counts {
  uint64_t calls;
  uint64_t outcomes[OUTCOME_COUNT];
  uint64_t attempts;
  uint64_t classes[CLASS_COUNT]; /* failed attempts, by enum retry_class */
  uint64_t injected;             /* some of these */
  double waited_ms;
  double failed_ms; /* what the failed attempts took */
  double bytes_up, bytes_down;
  struct spread attempt_ms, call_ms;
};

void counts_add(struct counts *counts, const struct record *record);
void counts_merge(struct counts *into, const struct counts *from);

/* All failed attempts. */
uint64_t counts_failures(const uint64_t *classes);

#define PEERS_MAX 16

struct peer {
  char *name;
  uint64_t attempts;
  uint64_t classes[CLASS_COUNT];
};

/* A row's peers. Of more than PEERS_MAX, one that fails takes the place of
 * one that never has; after that they are not told apart. */
struct peers {
  size_t count;
  size_t last; /* the one found last: often the next one too */
  struct peer list[PEERS_MAX];
};

/* Of an attempt. */
void peers_add(struct peers *peers, const struct record *record);

/* The one with the most failures; NULL: none has failed. */
const struct peer *peers_worst(const struct peers *peers);

void peers_free(struct peers *peers);

#endif
