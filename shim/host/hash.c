/* Source: xxhash.h, whose vector code is chosen when it is compiled; so it is
 * compiled twice, here and in hash_avx2.c. The state is the same. */
#include "host/hash.h"

#include <stdatomic.h>
#include <stdint.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

_Static_assert(sizeof(XXH3_state_t) == sizeof(struct hash) &&
                   _Alignof(XXH3_state_t) <= _Alignof(struct hash),
               "struct hash has room for the state");

static XXH3_state_t *state_of(const struct hash *hash) {
  return (XXH3_state_t *)(uintptr_t)hash->state;
}

#ifdef __x86_64__
#include <cpuid.h>

#define XCR0_YMM 6u /* the system keeps the wide registers */

static bool find_avx2(void) {
  unsigned a, b, c, d, kept, unused;

  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
    return false;
  __asm__("xgetbv" : "=a"(kept), "=d"(unused) : "c"(0));
  return (kept & XCR0_YMM) == XCR0_YMM &&
         __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_AVX2);
}

static bool has_avx2(void) {
  static atomic_int answer; /* 0: not asked; else 1 or 2 */
  int known = atomic_load_explicit(&answer, memory_order_relaxed);

  if (!known) {
    known = find_avx2() ? 2 : 1;
    atomic_store_explicit(&answer, known, memory_order_relaxed);
  }
  return known == 2;
}
#else
static bool has_avx2(void) { return false; }
#endif

void hash_begin(struct hash *hash) {
  (void)XXH3_128bits_reset(state_of(hash));
}

void hash_add(struct hash *hash, const void *bytes, size_t length) {
  if (has_avx2())
    hash_add_avx2(hash, bytes, length);
  else
    (void)XXH3_128bits_update(state_of(hash), bytes, length);
}

struct digest hash_digest(const struct hash *hash) {
  XXH128_hash_t digest = XXH3_128bits_digest(state_of(hash));

  return (struct digest){digest.low64, digest.high64};
}
