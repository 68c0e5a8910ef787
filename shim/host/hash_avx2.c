/* hash_add() with wider registers; see hash.c. */
#if defined(__x86_64__) && !defined(__clang__)
#pragma GCC target("avx2")
#endif

#include "host/hash.h"

#include <stdint.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

void hash_add_avx2(struct hash *hash, const void *bytes, size_t length) {
  (void)XXH3_128bits_update((XXH3_state_t *)(uintptr_t)hash->state, bytes,
                            length);
}
