/* unit_test.h - what all unit tests share: cmocka, and what it needs. */
#ifndef CURLRETRY_UNIT_TEST_H
#define CURLRETRY_UNIT_TEST_H

/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* `length` bytes in a place of their own, so that the sanitizer sees a read
 * beside them. To be freed. */
static inline char *copy_of(const char *bytes, size_t length) {
  char *copy = malloc(length ? length : 1);
  if (!copy)
    fail_msg("out of memory");
  if (length)
    memcpy(copy, bytes, length);
  return copy;
}

/* The next of a sequence that `seed` alone decides (xorshift64); not 0. */
static inline uint64_t random_next(uint64_t *seed) {
  *seed ^= *seed << 13;
  *seed ^= *seed >> 7;
  *seed ^= *seed << 17;
  return *seed;
}

static inline uint32_t random_below(uint64_t *seed, uint32_t bound) {
  return (uint32_t)(random_next(seed) >> 32) % bound;
}

#endif
