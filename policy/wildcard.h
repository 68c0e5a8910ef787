/* wildcard.h - globs: `*` is any run of characters, `?` any one of them. */
#ifndef CURLRETRY_WILDCARD_H
#define CURLRETRY_WILDCARD_H

#include "slice.h"

#define WILDCARD_PARTS 4

/* What a glob is compared with: its parts, one after the other. No part holds
 * a zero byte. */
struct wildcard_text {
  struct slice parts[WILDCARD_PARTS];
  size_t caseless; /* of the first so many characters the case of letters
                      does not count, neither in the glob */
};

/* Whether `glob` matches the whole text. Takes at most length x length steps,
 * whatever the glob. */
bool wildcard_matches(struct slice glob, const struct wildcard_text *text);

#endif
