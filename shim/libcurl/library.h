/* library.h - the real libcurls of this process, one record each.
 *
 * A process may hold several (OpenSSL and GnuTLS flavour, a bundled copy),
 * and a handle must go back to the one that made it. So nothing is found by
 * name alone: a record is found from the code that calls us, or remembered
 * by the handle. Records are made once, published when complete, never
 * changed and never freed; their library is pinned in memory.
 */
#ifndef CURLRETRY_LIBRARY_H
#define CURLRETRY_LIBRARY_H

#include "libcurl/functions.h"
#include "libcurl/objects.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <time.h>

/* libcurl.h wraps these in type-checking macros; we forward what we get. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

/* From 8.22.0 (lib/api.c) libcurl itself refuses perform, reset and cleanup
 * out of a callback. */
#define LIBRARY_GUARDED 0x081600

#define LIBRARY_MEMBER(context, kind, need, result, name, parameters, args)   \
  result(*name) parameters;

struct library {
  struct extent extent;
  const struct library *direct; /* without the wrappers of other preloads that
                                   stand between us and it; often itself */
  unsigned version;             /* 0x075801 for 7.88.1 */
  INTERPOSED(LIBRARY_MEMBER, 0)
  CALLED(LIBRARY_MEMBER, 0)
};

/* Whether it has CURLOPT_PREREQFUNCTION. */
static inline bool library_has_prerequest(const struct library *library) {
  return library->version >= 0x075000; /* 7.80.0 */
}

/* The libcurl that the code at `caller` (a return address) would reach
 * without us, through the wrappers that it would meet behind us; NULL when it
 * would reach none. Cached until an object is loaded or unloaded: cheap after
 * the first call from one place. Any thread. */
const struct library *library_of_caller(const void *caller);

/* Whatever libcurl functions the caller would reach, for one call: where no
 * record can be made (more than LIBRARY_MAX libcurls, one that lacks what we
 * need) calls are passed through. False: it reaches none. */
bool library_borrow(const void *caller, struct library *library);

/* The direct record of the libcurl that defines `symbol`, one of its
 * functions.
 * NULL: it is none, or there is no room for one more. */
const struct library *library_of_symbol(void *symbol);

#define LIBRARY_MAX 8 /* libcurls in one process */

/* A record's number, 0 to LIBRARY_MAX - 1, and back. */
int library_slot(const struct library *library);
const struct library *library_in_slot(int slot);

/* Whether another copy of us was preloaded ahead: it does the work, and what
 * it hands on is to be passed through. */
bool library_has_rival(void);

/* Whether `address` lies in `library`: libcurl calling itself. */
static inline bool library_contains(const struct library *library,
                                    const void *address) {
  return extent_holds(&library->extent, address);
}

#endif
