/* hash.h - XXH3-128 of a body as it passes: proves that a repetition is the
 * same. Where the processor has AVX2 it takes half the time (checked once, at
 * the first hash: cpuid is slow in a virtual machine).
 */
#ifndef CURLRETRY_HASH_H
#define CURLRETRY_HASH_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>

struct hash {
  alignas(64) unsigned char state[576]; /* an XXH3_state_t */
};

/* Start anew. */
void hash_begin(struct hash *hash);

/* Go on with `length` bytes. */
void hash_add(struct hash *hash, const void *bytes, size_t length);

/* Whether both are of the same bytes. */
bool hash_is_same(const struct hash *a, const struct hash *b);

/* hash_add() for processors with AVX2 alone. */
void hash_add_avx2(struct hash *hash, const void *bytes, size_t length);

#endif
