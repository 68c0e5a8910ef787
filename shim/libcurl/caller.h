/* caller.h - which of the process's libcurls some code means when it calls us.
 */
#ifndef CURLRETRY_CALLER_H
#define CURLRETRY_CALLER_H

#include "libcurl/library.h"

#include <stdatomic.h>

/* The libcurl that the code at `caller` (a return address) would reach
 * without us, through the wrappers that it would meet behind us; NULL when it
 * would reach none. Cached until an object is loaded or unloaded: cheap after
 * the first call from one place. Any thread. */
const struct library *caller_library(const void *caller);

/* Whatever libcurl functions the caller would reach, for one call: where no
 * record can be made (more than LIBRARY_MAX libcurls, one that lacks what we
 * need) calls are passed through. False: it reaches none. */
bool caller_borrow(const void *caller, struct library *library);

/* Whether another copy of us was preloaded ahead: it does the work, and what
 * it hands on is to be passed through. */
bool caller_has_rival(void);

/* The first libcurl behind us in the global scope, reached through the
 * wrappers that were preloaded behind us; NULL: there are none. caller.c's. */
extern _Atomic(const struct library *) caller_wrapped;

/* The libcurl that the code at `caller` is a part of, for its calls of itself;
 * NULL: of none that is known. Any thread. Inline: there is one in most
 * processes, and it calls itself in each curl_easy_perform(). */
static inline const struct library *caller_inside(const void *caller) {
  const struct library *library, *behind;

  for (int i = 0; i < LIBRARY_MAX; i++) {
    library = library_in_slot(i);
    if (!library)
      return NULL;
    if (!library_contains(library, caller))
      continue;
    behind = atomic_load_explicit(&caller_wrapped, memory_order_acquire);
    return behind && behind->direct == library ? behind : library;
  }
  return NULL;
}

#endif
