/* exchange_test.h - what the tests of an exchange's parts share: cmocka, a
 * clock that stands until it is moved, bytes that tell their place. */
#ifndef CURLRETRY_EXCHANGE_TEST_H
#define CURLRETRY_EXCHANGE_TEST_H

/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Bytes that don't repeat: a piece in another place is another piece. */
static inline void fill(char *bytes, size_t length) {
  uint32_t state = 1;

  for (size_t i = 0; i < length; i++) {
    state = state * 1664525u + 1013904223u;
    bytes[i] = (char)(state >> 24);
  }
}

#endif
