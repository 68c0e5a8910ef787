/* names.h - names whose addresses the program gave itself (RESOLVE). They lie
 * in libcurl's DNS cache, where those with a "+" age as all others do:
 * CURLOPT_RESOLVE(3).
 */
#ifndef CURLRETRY_NAMES_H
#define CURLRETRY_NAMES_H

#include <stdbool.h>

/* A handle's. They outlive curl_easy_reset(), as cache and share do. */
struct names {
  bool has_given; /* it was given some; NULL takes none away */
  bool is_shared; /* SHARE: the cache may be one of several handles */
};

/* The handle was given some. */
void names_give(struct names *names);

/* Whether some may be in the cache that the handle uses: its own, or where
 * that is shared those of any handle of this process. */
bool names_are_cached(const struct names *names);

#endif
