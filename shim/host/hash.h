/* hash.h - XXH3-128 of a body as it passes: proves that a repetition is the
 * same. Where the processor has AVX2 it takes half the time (checked once, at
 * the first hash: cpuid is slow in a virtual machine).
 */
#ifndef CURLRETRY_HASH_H
#define CURLRETRY_HASH_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct digest {
  uint64_t low, high;
};

struct hash {
  alignas(64) unsigned char state[576]; /* an XXH3_state_t */
};

/* Start anew. */
void hash_begin(struct hash *hash);

/* Go on with `length` bytes. */
void hash_add(struct hash *hash, const void *bytes, size_t length);

/* Of the bytes so far; it can go on. */
struct digest hash_digest(const struct hash *hash);

/* Whether both are of the same bytes. */
static inline bool hash_is_same(struct digest a, struct digest b) {
  return a.low == b.low && a.high == b.high;
}

/* hash_add() for processors with AVX2 alone. */
void hash_add_avx2(struct hash *hash, const void *bytes, size_t length);

#endif
