/* clocks.h - which of many has its time first: a heap. A clock is a part of
 * what it is for, so setting one can't fail once there is room.
 */
#ifndef CURLRETRY_CLOCKS_H
#define CURLRETRY_CLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct clock {
  int64_t due;  /* monotonic ms */
  size_t place; /* in the heap; 0: it isn't set */
};

struct clocks {
  struct clock **heap; /* from 1 on: each not before the one at half its place
                        */
  size_t count;
  size_t capacity;
};

/* Room for `count` clocks. False: out of memory, and nothing changed. */
bool clocks_reserve(struct clocks *clocks, size_t count);

/* Set it, or set it anew. INT64_MAX: clocks_stop(). */
void clocks_set(struct clocks *clocks, struct clock *clock, int64_t due);

void clocks_stop(struct clocks *clocks, struct clock *clock);

/* The first one; NULL: none is set. */
static inline struct clock *clocks_first(const struct clocks *clocks) {
  return clocks->count ? clocks->heap[1] : NULL;
}

void clocks_free(struct clocks *clocks);

#endif
