/* budget.h - retry tokens per origin in a bounded table (design: "budget").
 *
 * The table is the caller's memory, all zero at first. Lock-free: any number
 * of threads may use one table, and a fork at any moment leaves it usable.
 * An origin without an entry has all its tokens; entries are made by the
 * first retry and are given up again for others once they are full, so the
 * table's size bounds only how many origins can be short at one time; past
 * that, origins share an entry.
 */
#ifndef CURLRETRY_BUDGET_H
#define CURLRETRY_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define BUDGET_SLOTS 256
#define BUDGET_LIMIT_MAX 1000000 /* larger limits count as this one */

/* 44 bits that stand for the origin, 20 bits of tokens taken and not given
 * back: in one word, so that no thread ever sees one without the other, and
 * an entry can't be given to another origin under somebody's hands. */
struct budget_slot {
  _Atomic uint64_t word; /* 0: never used */
};

struct budget_table {
  _Atomic int used; /* slots that ever held an origin: 0 is the fast path */
  struct budget_slot slots[BUDGET_SLOTS];
};

/* Tokens left for `origin` of `limit`; `limit` when it has no entry. */
int budget_left(struct budget_table *table, uint64_t origin, int limit);

/* Take `cost` tokens. False, and nothing taken, when fewer are left. */
bool budget_take(struct budget_table *table, uint64_t origin, int cost,
                 int limit);

/* Give `tokens` back, at most up to the limit. */
void budget_give(struct budget_table *table, uint64_t origin, int tokens);

#endif
