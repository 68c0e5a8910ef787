/* entrance.h - where an interposed function was entered, and which libcurl
 * that leads to.
 */
#ifndef CURLRETRY_ENTRANCE_H
#define CURLRETRY_ENTRANCE_H

#include "libcurl/caller.h"

/* `library` when our stub for one libcurl was called (dlsym gave it out),
 * else NULL: then the return address leads to the libcurl that the caller
 * would reach without us. */
struct entrance {
  const struct library *library;
  const void *caller;
  const void *frame; /* of the interposed function: where on the stack */
};

/* The libcurl to forward to where no row of ours says it: the stub's, the
 * caller's; or what the caller's scope has, put together in `borrowed`. NULL:
 * none. */
const struct library *entrance_library(struct entrance from,
                                       struct library *borrowed);

/* A wrapper behind us that found the real function by dlsym() and not by
 * RTLD_NEXT: we called it on its way there. */
bool entrance_is_wrapper(struct entrance from);

/* Whether who entered wants the real function of `owner`, a row's libcurl. */
static inline bool entrance_is_forward(struct entrance from,
                                       const struct library *owner) {
  return from.library && owner != from.library &&
         owner->direct == from.library && entrance_is_wrapper(from);
}

/* libcurl calling itself through its own PLT: no row is made. */
static inline bool entrance_is_libcurl(struct entrance from,
                                       const struct library *library) {
  return !from.library && library_contains(library, from.caller);
}

#endif
