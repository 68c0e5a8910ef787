/* spool_test.h - what the tests of the spool share: a folder of their own, and
 * bytes to keep. */
#ifndef CURLRETRY_SPOOL_TEST_H
#define CURLRETRY_SPOOL_TEST_H

#include "unit_test.h"

#include "host/spool.h"

#include <unistd.h>

#define MOST 20000

static char folder[] = "/tmp/curlretry-test-XXXXXX";
static unsigned char bytes[MOST];

static inline void begin(struct spool *spool, int64_t memory, int64_t file) {
  spool_init(spool, folder);
  spool_limit(spool, memory, file);
}

/* A spool of `count` bytes, `in_memory` of them in memory. */
static inline void begin_full(struct spool *spool, size_t in_memory,
                              size_t count) {
  begin(spool, (int64_t)in_memory, MOST);
  assert_int_equal(spool_append(spool, bytes, count), SPOOL_OK);
}

/* It holds the first `count` bytes, and no more. */
static inline void assert_holds(const struct spool *spool, size_t count) {
  static unsigned char content[MOST + 1];

  assert_int_equal(spool_size(spool), count);
  assert_int_equal(spool_read(spool, 0, content, sizeof content), count);
  assert_memory_equal(content, bytes, count);
}

/* Before the tests and after them. */
static inline int make_folder(void **unused) {
  uint32_t state = 1;

  (void)unused;
  for (size_t i = 0; i < MOST; i++) {
    state = state * 1664525u + 1013904223u;
    bytes[i] = (unsigned char)(state >> 24);
  }
  return mkdtemp(folder) ? 0 : -1;
}

static inline int remove_folder(void **unused) {
  (void)unused;
  return rmdir(folder);
}

#endif
