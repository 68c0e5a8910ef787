/* multi_pair.h - main() of a test program that does the same in each loop with
 * the shim and without it, and compares what they print.
 */
#ifndef CURLRETRY_SHIM_MULTI_PAIR_H
#define CURLRETRY_SHIM_MULTI_PAIR_H

#include "multi_loop.h"

/* How a line begins that says how a transfer ended. */
#define PAIR_MARK "message "

struct multi_pair {
  void (*print)(const char *loop, FILE *out); /* in each child */
  const char *const *policy;
  size_t transfers; /* lines with a mark: so that all were printed */
};

int multi_pair(int argc, char **argv, const struct multi_pair *pair);

#endif
