/* budget.c - see budget.h.
 *
 * Open addressing. A slot's word goes from 0 to some origin's once and is
 * never 0 again, so a search may stop at a 0, and two threads that enter the
 * same new origin meet at the same slot. Only once the table has no 0 left
 * are full entries (nothing taken, or long ago) turned over to other origins.
 *
 * Every change is one compare-and-swap of one word, and every word is a legal
 * one: a process that is killed in between leaves a table that is right.
 */
#include "budget.h"

/* A word: the origin's tag, the minute of the last take, the tokens taken. */
#define SPENT_BITS 20
#define MINUTE_BITS 12
#define SPENT_MASK ((UINT64_C(1) << SPENT_BITS) - 1)
#define MINUTES (1u << MINUTE_BITS) /* then they come round, after 68 h */
#define TAG_MASK (~UINT64_C(0) << (SPENT_BITS + MINUTE_BITS))
_Static_assert(BUDGET_LIMIT_MAX <= (int)SPENT_MASK, "what was taken must fit");
_Static_assert((BUDGET_SLOTS & (BUDGET_SLOTS - 1)) == 0, "key_of() masks");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "processes share a table");

/* What an origin is known by, and when it is looked for. */
struct key {
  uint64_t tag; /* its part of a word; never 0 */
  unsigned home;
  unsigned minute;
};

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

static struct key key_of(uint64_t origin, int64_t now_s) {
  uint64_t mixed = mix(origin);
  struct key key = {
      .tag = mixed & TAG_MASK,
      .home = (unsigned)(mixed & (BUDGET_SLOTS - 1)),
      .minute = (unsigned)((uint64_t)now_s / 60 % MINUTES),
  };
  if (key.tag == 0)
    key.tag = TAG_MASK & -TAG_MASK;
  return key;
}

static bool is_of(uint64_t word, const struct key *key) {
  return (word & TAG_MASK) == key->tag;
}

/* The word with these tokens taken, the last of them now. */
static uint64_t word_of(uint64_t tag, const struct key *key, int spent) {
  return (tag & TAG_MASK) | (uint64_t)key->minute << SPENT_BITS |
         (uint64_t)spent;
}

/* Either way: another process may have looked at the clock a little later, and
 * a date that was set back must not keep an entry for ever. */
static bool is_forgotten(uint64_t word, const struct key *key) {
  unsigned taken_at = (unsigned)(word >> SPENT_BITS) % MINUTES;
  unsigned age = (key->minute - taken_at) % MINUTES;
  return age > BUDGET_FORGET_MINUTES && age < MINUTES - BUDGET_FORGET_MINUTES;
}

static int spent_in(uint64_t word, const struct key *key) {
  return is_forgotten(word, key) ? 0 : (int)(word & SPENT_MASK);
}

/* An entry of the origin's that is full is not the last word: while twins are
 * being joined (below), what was taken may stand in the other. */
static struct place find(struct budget_table *table, const struct key *key) {
  struct place best = {PLACE_SHARED, key->home, 0};
  for (unsigned i = 0; i < BUDGET_SLOTS; i++) {
    struct place place = {PLACE_OWN, (key->home + i) % BUDGET_SLOTS, 0};
    place.word = atomic_load(&table->slots[place.index].word);
    bool is_own = is_of(place.word, key);
    bool is_full = spent_in(place.word, key) == 0;
    if (is_own && !is_full)
      return place;
    if (place.word == 0) {
      place.kind = PLACE_FREE;
      return best.kind == PLACE_OWN ? best : place;
    }
    if (is_own && best.kind != PLACE_OWN) {
      best = place;
    } else if (is_full && best.kind == PLACE_SHARED) {
      place.kind = PLACE_FULL;
      best = place;
    } else if (i == 0) {
      best.word = place.word;
    }
  }
  return best;
}

/* What was taken that counts against an origin found at `place`. */
static int spent_at(struct place place, const struct key *key) {
  bool is_entry = place.kind == PLACE_OWN || place.kind == PLACE_SHARED;
  return is_entry ? spent_in(place.word, key) : 0;
}

static bool swap(struct budget_table *table, struct place place,
                 uint64_t word) {
  return atomic_compare_exchange_strong(&table->slots[place.index].word,
                                        &place.word, word);
}

/* Change what the entry at `index` has spent. False when it is not `key`'s
 * any more. */
static bool charge(struct budget_table *table, unsigned index,
                   const struct key *key, int tokens) {
  struct place place = {PLACE_OWN, index, 0};
  int spent;
  do {
    place.word = atomic_load(&table->slots[index].word);
    if (!is_of(place.word, key))
      return false;
    spent = spent_in(place.word, key) + tokens;
    if (spent < 0)
      spent = 0;
    if (spent > BUDGET_LIMIT_MAX)
      spent = BUDGET_LIMIT_MAX;
  } while (!swap(table, place, word_of(key->tag, key, spent)));
  return true;
}

/* Two threads may turn two entries over to one origin at one moment. Each
 * looks again afterwards, so the later one sees both: the first in search
 * order stays, what the others hold is moved into it. Added there before it
 * is taken away here, else a give in between would find nothing to give to.
 * What others may see meanwhile is too little left: for a moment, or, when
 * a twin changes just then and what was added is already given back, until
 * the origin's next successes. Never too much. */
static void join_twins(struct budget_table *table, const struct key *key) {
  unsigned first = BUDGET_SLOTS;
  for (unsigned i = 0; i < BUDGET_SLOTS; i++) {
    struct place place = {PLACE_OWN, (key->home + i) % BUDGET_SLOTS, 0};
    place.word = atomic_load(&table->slots[place.index].word);
    int spent = spent_in(place.word, key);
    if (!is_of(place.word, key))
      continue;
    if (first == BUDGET_SLOTS)
      first = place.index;
    else if (spent != 0 && charge(table, first, key, spent) &&
             !swap(table, place, word_of(key->tag, key, 0)))
      (void)charge(table, first, key, -spent);
  }
}

bool budget_is_whole(struct budget_table *table) {
  return atomic_load_explicit(&table->is_used, memory_order_relaxed) == 0;
}

int budget_left(struct budget_table *table, uint64_t origin, int limit,
                int64_t now_s) {
  if (budget_is_whole(table))
    return limit;
  struct key key = key_of(origin, now_s);
  int spent = spent_at(find(table, &key), &key);
  return spent < limit ? limit - spent : 0;
}

bool budget_take(struct budget_table *table, uint64_t origin, int cost,
                 int limit, int64_t now_s) {
  struct key key = key_of(origin, now_s);
  struct place place;
  uint64_t tag;
  int spent;
  if (cost <= 0)
    return true;
  if (limit > BUDGET_LIMIT_MAX)
    limit = BUDGET_LIMIT_MAX;
  do {
    place = find(table, &key);
    spent = spent_at(place, &key);
    if (limit - spent < cost)
      return false;
    tag = place.kind == PLACE_SHARED ? place.word : key.tag;
    /* before the entry: who is killed in between must not hide it */
    if (budget_is_whole(table))
      atomic_store(&table->is_used, 1);
  } while (!swap(table, place, word_of(tag, &key, spent + cost)));
  if (place.kind == PLACE_FULL)
    join_twins(table, &key);
  return true;
}

void budget_give(struct budget_table *table, uint64_t origin, int tokens,
                 int64_t now_s) {
  if (tokens <= 0 || budget_is_whole(table))
    return;
  struct key key = key_of(origin, now_s);
  struct place place;
  int given;
  do {
    place = find(table, &key);
    int spent = spent_at(place, &key);
    if (spent == 0)
      return;
    given = tokens < spent ? tokens : spent;
  } while (!swap(table, place, place.word - (uint64_t)given));
}
