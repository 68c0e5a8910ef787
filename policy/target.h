/* target.h - which URLs a glob of METHODS means.
 *
 * Compared is `scheme://host[:port]/path`: without user info, query and
 * fragment (RFC 3986, 3), an empty path as `/`, scheme and host in any case,
 * all else as the program wrote it. A star stands for slashes too.
 */
#ifndef CURLRETRY_TARGET_H
#define CURLRETRY_TARGET_H

#include "slice.h"

/* Whether the glob can match a URL of the schemes that are retried. One that
 * can't (a host alone, user info, a fragment) is a slip. */
bool target_is_possible(struct slice glob);

/* Whether the glob matches `url`. One that names no scheme is taken for any:
 * which one libcurl guesses, or CURLOPT_DEFAULT_PROTOCOL says, isn't known
 * here. */
bool target_matches(struct slice glob, const char *url);

#endif
