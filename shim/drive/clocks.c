#include "drive/clocks.h"

#include <stdlib.h>

bool clocks_reserve(struct clocks *clocks, size_t count) {
  size_t capacity = clocks->capacity ? clocks->capacity : 16;
  struct clock **heap;

  if (count <= clocks->capacity)
    return true;
  while (capacity < count)
    capacity *= 2;
  heap = realloc(clocks->heap, (capacity + 1) * sizeof(struct clock *));
  if (!heap)
    return false;
  clocks->heap = heap;
  clocks->capacity = capacity;
  return true;
}

static void put(struct clocks *clocks, size_t place, struct clock *clock) {
  clocks->heap[place] = clock;
  clock->place = place;
}

/* Put it at `place` or where it belongs above it. */
static void raise(struct clocks *clocks, size_t place, struct clock *clock) {
  for (; place > 1 && clock->due < clocks->heap[place / 2]->due; place /= 2)
    put(clocks, place, clocks->heap[place / 2]);
  put(clocks, place, clock);
}

/* The same below it. */
static void sink(struct clocks *clocks, size_t place, struct clock *clock) {
  size_t next;

  for (; (next = place * 2) <= clocks->count; place = next) {
    if (next < clocks->count &&
        clocks->heap[next + 1]->due < clocks->heap[next]->due)
      next++;
    if (clock->due <= clocks->heap[next]->due)
      break;
    put(clocks, place, clocks->heap[next]);
  }
  put(clocks, place, clock);
}

static void settle(struct clocks *clocks, size_t place, struct clock *clock) {
  if (place > 1 && clock->due < clocks->heap[place / 2]->due)
    raise(clocks, place, clock);
  else
    sink(clocks, place, clock);
}

void clocks_stop(struct clocks *clocks, struct clock *clock) {
  size_t place = clock->place;
  struct clock *last;

  if (!place)
    return;
  last = clocks->heap[clocks->count--];
  clock->place = 0;
  if (last != clock)
    settle(clocks, place, last);
}

void clocks_set(struct clocks *clocks, struct clock *clock, int64_t due) {
  if (due == INT64_MAX) {
    clocks_stop(clocks, clock);
    return;
  }
  clock->due = due;
  settle(clocks, clock->place ? clock->place : ++clocks->count, clock);
}

void clocks_free(struct clocks *clocks) {
  free(clocks->heap);
  clocks->heap = NULL;
  clocks->count = clocks->capacity = 0;
}
