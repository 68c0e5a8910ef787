/* fnv.h - FNV-1a, 64 bits (draft-eastlake-fnv): to tell short texts of one
 * process apart. Not against who chooses them.
 */
#ifndef CURLRETRY_FNV_H
#define CURLRETRY_FNV_H

#include <stdint.h>

#define FNV_BASIS UINT64_C(0xcbf29ce484222325)

/* `hash`, FNV_BASIS at first, with one more byte. */
static inline uint64_t fnv_add(uint64_t hash, char byte) {
  return (hash ^ (unsigned char)byte) * UINT64_C(0x100000001b3);
}

#endif
