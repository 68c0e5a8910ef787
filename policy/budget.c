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
  uint64_t word;   /* the slot's, as it was seen */
  int spent;       /* what was taken and counts against the origin */
  bool is_crowded; /* there was no free slot */
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

/* Where the origin's tokens are taken and given back. In a table without a
 * free slot two entries may have been turned over to it at one moment: what
 * all of them hold was taken. One that isn't full is used first. */
static struct place find(struct budget_table *table, const struct key *key) {
  struct place best = {PLACE_SHARED, key->home, 0, 0, true};
  int total = 0;
  for (unsigned i = 0; i < BUDGET_SLOTS; i++) {
    unsigned index = (key->home + i) % BUDGET_SLOTS;
    uint64_t word = atomic_load(&table->slots[index].word);
    int spent = spent_in(word, key);
    if (word == 0) {
      if (best.kind != PLACE_OWN)
        best = (struct place){PLACE_FREE, index, 0, 0, false};
      best.is_crowded = false;
      break;
    }
    if (is_of(word, key)) {
      if (best.kind != PLACE_OWN || (total == 0 && spent != 0))
        best = (struct place){PLACE_OWN, index, word, 0, true};
      total += spent;
    } else if (best.kind == PLACE_SHARED && spent == 0) {
      best = (struct place){PLACE_FULL, index, word, 0, true};
    } else if (i == 0) {
      best.word = word;
    }
  }
  best.spent = best.kind == PLACE_SHARED ? spent_in(best.word, key) : total;
  return best;
}

/* What stands in the entry itself. */
static int spent_at(struct place place, const struct key *key) {
  bool is_entry = place.kind == PLACE_OWN || place.kind == PLACE_SHARED;
  return is_entry ? spent_in(place.word, key) : 0;
}

static bool swap(struct budget_table *table, struct place place,
                 uint64_t word) {
  return atomic_compare_exchange_strong(&table->slots[place.index].word,
                                        &place.word, word);
}

bool budget_is_whole(struct budget_table *table) {
  return atomic_load_explicit(&table->is_used, memory_order_relaxed) == 0;
}

int budget_left(struct budget_table *table, uint64_t origin, int limit,
                int64_t now_s) {
  if (budget_is_whole(table))
    return limit;
  struct key key = key_of(origin, now_s);
  int spent = find(table, &key).spent;
  return spent < limit ? limit - spent : 0;
}

bool budget_take(struct budget_table *table, uint64_t origin, int cost,
                 int limit, int64_t now_s) {
  struct key key = key_of(origin, now_s);
  struct place place;
  uint64_t word;
  if (cost <= 0)
    return true;
  if (limit > BUDGET_LIMIT_MAX)
    limit = BUDGET_LIMIT_MAX;
  do {
    place = find(table, &key);
    if (limit - place.spent < cost)
      return false;
    word = word_of(place.kind == PLACE_SHARED ? place.word : key.tag, &key,
                   spent_at(place, &key) + cost);
    /* before the entry: who is killed in between must not hide it */
    if (budget_is_whole(table))
      atomic_store(&table->is_used, 1);
  } while (!swap(table, place, word));
  /* Another entry may have been made the origin's meanwhile. The later one of
   * two that took sees both; at worst both give back. */
  if (place.is_crowded && place.kind != PLACE_SHARED &&
      find(table, &key).spent > limit) {
    budget_give(table, origin, cost, now_s);
    return false;
  }
  return true;
}

void budget_give(struct budget_table *table, uint64_t origin, int tokens,
                 int64_t now_s) {
  struct key key = key_of(origin, now_s);
  if (budget_is_whole(table))
    return;
  while (tokens > 0) {
    struct place place = find(table, &key);
    int spent = spent_at(place, &key);
    int given = tokens < spent ? tokens : spent;
    if (spent == 0)
      return;
    if (swap(table, place, place.word - (uint64_t)given))
      tokens -= given;
  }
}
