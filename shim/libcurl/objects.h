/* objects.h - what the loader says of the objects in memory.
 *
 * Their order is that of the global scope as far as it was there at the
 * start: the program, the preloaded libraries, what these need.
 */
#ifndef CURLRETRY_OBJECTS_H
#define CURLRETRY_OBJECTS_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

/* The first and one past the last address of an object. */
struct extent {
  uintptr_t start, end;
};

static inline bool extent_holds(const struct extent *extent,
                                const void *address) {
  uintptr_t at = (uintptr_t)address;

  return at >= extent->start && at < extent->end;
}

/* The object that holds `address`. False: none does. */
bool objects_extent(const void *address, struct extent *extent);

/* Where the object that holds `address` stands in the loader's order. */
enum place {
  PLACE_PROGRAM,
  PLACE_AHEAD, /* preloaded before us */
  PLACE_OURS,
  PLACE_BEHIND /* or nowhere */
};
enum place objects_place(const void *address);

/* A handle on the object that holds `address`, for real_close(); NULL: none.
 */
void *objects_open(const void *address);

/* Whether the object that holds `address` defines its symbols with versions:
 * references to another version then pass it by. */
bool objects_has_versions(const void *address);

/* The next library whose name has "curl" in it among the direct dependencies
 * of `object`, in order; `*at` begins with 0. For real_close(); NULL: no more.
 */
void *objects_needed_curl(void *object, int *at);

/* A libcurl in memory by its file's name, the `back`-th from the last one
 * loaded. For real_close(); NULL: no more. */
void *objects_any_curl(int back);

#endif
