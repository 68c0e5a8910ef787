/* nearest.h - what a misspelt option was meant to be. */
#ifndef CURLRETRY_NEAREST_H
#define CURLRETRY_NEAREST_H

#include <stddef.h>

/* The one of `count` names that `word` is close to: a few slips away, its
 * beginning or end, or what other programs call so. NULL: none. */
const char *nearest_name(const char *word, const char *const *names,
                         size_t count);

#endif
