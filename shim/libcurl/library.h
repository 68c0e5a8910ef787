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

#include "newer.h"

#include "libcurl/functions.h"
#include "libcurl/objects.h"

#include <stdbool.h>
#include <time.h>

/* libcurl.h wraps these in type-checking macros; we forward what we get. */
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt
#undef curl_multi_socket

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

/* Whether it has what the multi interface is driven by. */
static inline bool library_has_multi(const struct library *library) {
  return library->multi_perform && library->multi_socket_action &&
         library->multi_socket_all && library->multi_socket &&
         library->multi_info_read && library->multi_remove_handle &&
         library->multi_timeout && library->multi_wait &&
         library->multi_fdset && library->multi_setopt;
}

/* All functions that `object` has; what is needed of them is for the caller to
 * check. */
void library_look_up(struct library *library, void *object);

/* The direct record of the libcurl that defines `symbol`, one of its
 * functions.
 * NULL: it is none, or there is no room for one more. */
const struct library *library_of_symbol(void *symbol);

#define LIBRARY_MAX 8 /* libcurls in one process */

/* A record's number, 0 to LIBRARY_MAX - 1, and back. */
int library_slot(const struct library *library);
const struct library *library_in_slot(int slot);

/* Whether `address` lies in `library`: libcurl calling itself. */
static inline bool library_contains(const struct library *library,
                                    const void *address) {
  return extent_holds(&library->extent, address);
}

/* Whether it knows what is asked for, of what is answered here. */
static inline bool library_has_info(const struct library *library,
                                    CURLINFO id) {
  return id != CURLINFO_SIZE_DELIVERED || library->version >= 0x081400;
}

/* 8.18: what a transfer ended paused in stays on the handle. */
static inline bool library_keeps_pauses(const struct library *library) {
  return library->version >= 0x081200 && library->version < 0x081300;
}

#endif
