/* budget.c - see budget.h.
 *
 * Open addressing. A slot's word goes from 0 to some origin's once and is
 * never 0 again, so a search may stop at a 0, and two threads that enter the
 * same new origin meet at the same slot. Only once the table has no 0 left
 * are full entries (nothing taken) turned over to other origins.
 */
#include "budget.h"

#define SPENT_BITS 20
#define SPENT_MASK ((UINT64_C(1) << SPENT_BITS) - 1)
_Static_assert(BUDGET_LIMIT_MAX <= (int)SPENT_MASK, "what was taken must fit");
_Static_assert((BUDGET_SLOTS & (BUDGET_SLOTS - 1)) == 0, "home_of() masks");

enum place_kind {
  PLACE_OWN,   /* the origin's entry */
  PLACE_FREE,  /* none; here it may be made */
  PLACE_FULL,  /* none, no free slot; this entry may be turned over */
  PLACE_SHARED /* none, and every entry is short: use this one */
};

struct place {
  enum place_kind kind;
  unsigned index;
  uint64_t word; /* the slot's, as it was seen */
};

/* SplitMix64's finalizer: the caller's hash may be weak in some bits. */
static uint64_t mix(uint64_t hash) {
  hash = hash == 0 ? 1 : hash;
  hash = (hash ^ (hash >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  hash = (hash ^ (hash >> 27)) * UINT64_C(0x94d049bb133111eb);
  return hash ^ (hash >> 31);
}

static unsigned home_of(uint64_t mixed) {
  return (unsigned)(mixed & (BUDGET_SLOTS - 1));
}

/* The origin's part of a word, tokens 0. Never 0. */
static uint64_t tag_of(uint64_t mixed) {
  uint64_t tag = mixed & ~SPENT_MASK;
  return tag == 0 ? SPENT_MASK + 1 : tag;
}

static int spent_in(uint64_t word) { return (int)(word & SPENT_MASK); }

/* An entry of the origin's that is full is not the last word: while twins are
 * being joined (below), what was taken may stand in the other. */
static struct place find(struct budget_table *table, uint64_t tag,
                         unsigned home) {
  struct place best = {PLACE_SHARED, home, 0};
  for (unsigned i = 0; i < BUDGET_SLOTS; i++) {
    struct place place = {PLACE_OWN, (home + i) % BUDGET_SLOTS, 0};
    place.word = atomic_load(&table->slots[place.index].word);
    bool is_own = (place.word & ~SPENT_MASK) == tag;
    if (is_own && spent_in(place.word) != 0)
      return place;
    if (place.word == 0) {
      place.kind = PLACE_FREE;
      return best.kind == PLACE_OWN ? best : place;
    }
    if (is_own && best.kind != PLACE_OWN) {
      best = place;
    } else if (spent_in(place.word) == 0 && best.kind == PLACE_SHARED) {
      place.kind = PLACE_FULL;
      best = place;
    } else if (i == 0) {
      best.word = place.word;
    }
  }
  return best;
}

/* What was taken that counts against an origin found at `place`. */
static int spent_at(struct place place) {
  bool is_entry = place.kind == PLACE_OWN || place.kind == PLACE_SHARED;
  return is_entry ? spent_in(place.word) : 0;
}

static bool swap(struct budget_table *table, struct place place,
                 uint64_t word) {
  return atomic_compare_exchange_strong(&table->slots[place.index].word,
                                        &place.word, word);
}

/* Change what the entry at `index` has spent. False when it is not `tag`'s
 * any more. */
static bool charge(struct budget_table *table, unsigned index, uint64_t tag,
                   int tokens) {
  struct place place = {PLACE_OWN, index, 0};
  int spent;
  do {
    place.word = atomic_load(&table->slots[index].word);
    if ((place.word & ~SPENT_MASK) != tag)
      return false;
    spent = spent_in(place.word) + tokens;
    if (spent < 0)
      spent = 0;
    if (spent > BUDGET_LIMIT_MAX)
      spent = BUDGET_LIMIT_MAX;
  } while (!swap(table, place, tag | (uint64_t)spent));
  return true;
}

/* Two threads may turn two entries over to one origin at one moment. Each
 * looks again afterwards, so the later one sees both: the first in search
 * order stays, what the others hold is moved into it. Added there before it
 * is taken away here, else a give in between would find nothing to give to.
 * What others may see meanwhile is too little left: for a moment, or, when
 * a twin changes just then and what was added is already given back, until
 * the origin's next successes. Never too much. */
static void join_twins(struct budget_table *table, uint64_t tag,
                       unsigned home) {
  unsigned first = BUDGET_SLOTS;
  for (unsigned i = 0; i < BUDGET_SLOTS; i++) {
    struct place place = {PLACE_OWN, (home + i) % BUDGET_SLOTS, 0};
    place.word = atomic_load(&table->slots[place.index].word);
    int spent = spent_in(place.word);
    if ((place.word & ~SPENT_MASK) != tag)
      continue;
    if (first == BUDGET_SLOTS)
      first = place.index;
    else if (spent != 0 && charge(table, first, tag, spent) &&
             !swap(table, place, tag))
      (void)charge(table, first, tag, -spent);
  }
}

int budget_left(struct budget_table *table, uint64_t origin, int limit) {
  if (atomic_load_explicit(&table->used, memory_order_relaxed) == 0)
    return limit;
  uint64_t mixed = mix(origin);
  int spent = spent_at(find(table, tag_of(mixed), home_of(mixed)));
  return spent < limit ? limit - spent : 0;
}

bool budget_take(struct budget_table *table, uint64_t origin, int cost,
                 int limit) {
  uint64_t mixed = mix(origin);
  uint64_t tag = tag_of(mixed);
  struct place place;
  uint64_t word;
  if (cost <= 0)
    return true;
  if (limit > BUDGET_LIMIT_MAX)
    limit = BUDGET_LIMIT_MAX;
  do {
    place = find(table, tag, home_of(mixed));
    if (limit - spent_at(place) < cost)
      return false;
    if (place.kind == PLACE_OWN || place.kind == PLACE_SHARED)
      word = place.word + (uint64_t)cost;
    else
      word = tag | (uint64_t)cost;
  } while (!swap(table, place, word));
  if (place.kind == PLACE_FREE)
    atomic_fetch_add_explicit(&table->used, 1, memory_order_relaxed);
  else if (place.kind == PLACE_FULL)
    join_twins(table, tag, home_of(mixed));
  return true;
}

void budget_give(struct budget_table *table, uint64_t origin, int tokens) {
  if (tokens <= 0 ||
      atomic_load_explicit(&table->used, memory_order_relaxed) == 0)
    return;
  uint64_t mixed = mix(origin);
  struct place place;
  int given;
  do {
    place = find(table, tag_of(mixed), home_of(mixed));
    int spent = spent_at(place);
    if (spent == 0)
      return;
    given = tokens < spent ? tokens : spent;
  } while (!swap(table, place, place.word - (uint64_t)given));
}
