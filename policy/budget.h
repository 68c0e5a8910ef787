/* budget.h - retry tokens per origin in a bounded table (design: "budget").
 *
 * The table is the caller's memory, all zero at first. Lock-free: any number
 * of threads may use one table, or of processes in memory that they share, and
 * a fork or a kill at any moment leaves it usable.
 * An origin without an entry has all its tokens; entries are made by the
 * first retry and are given up again for others once they are full, so the
 * table's size bounds only how many origins can be short at one time; past
 * that, origins share an entry.
 *
 * Time is what the caller says. An entry of which nothing was taken for
 * BUDGET_FORGET_MINUTES is full again: processes that make a call each could
 * else never try a host again that was dead for hours. Whoever always says 0
 * forgets nothing.
 */
#ifndef CURLRETRY_BUDGET_H
#define CURLRETRY_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define BUDGET_SLOTS 256
#define BUDGET_LIMIT_MAX 1000000 /* larger limits count as this one */
#define BUDGET_FORGET_MINUTES 10 /* whole ones on the clock */

/* 32 bits that stand for the origin, 12 for the minute of the last take, 20
 * for the tokens taken and not given back: in one word, so that nobody ever
 * sees one without the others, and an entry can't be given to another origin
 * under somebody's hands. */
struct budget_slot {
  _Atomic uint64_t word; /* 0: never used */
};

struct budget_table {
  _Atomic uint64_t is_used; /* an entry was made: 0 is the fast path */
  struct budget_slot slots[BUDGET_SLOTS];
};

/* Whether no origin ever had an entry: all have all their tokens. */
bool budget_is_whole(struct budget_table *table);

/* Tokens left for `origin` of `limit`; `limit` when it has no entry. `now_s`:
 * seconds of the clock that all users of the table have. */
int budget_left(struct budget_table *table, uint64_t origin, int limit,
                int64_t now_s);

/* Take `cost` tokens. False, and nothing taken, when fewer are left. */
bool budget_take(struct budget_table *table, uint64_t origin, int cost,
                 int limit, int64_t now_s);

/* Give `tokens` back, at most up to the limit. */
void budget_give(struct budget_table *table, uint64_t origin, int tokens,
                 int64_t now_s);

#endif
