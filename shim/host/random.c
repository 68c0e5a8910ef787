/* splitmix64 (public domain, S. Vigna) over a shared counter; the clock parts
 * a fork's children. */
#include "host/random.h"

#include <elf.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>

static _Atomic uint64_t counter;

uint64_t random_number(void) {
  const void *random = (const void *)getauxval(AT_RANDOM);
  uint64_t z = atomic_fetch_add(&counter, 0x9e3779b97f4a7c15u);
  uint64_t seed = 0;
  struct timespec now = {0, 0};

  if (random)
    memcpy(&seed, random, sizeof(seed));
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  z += seed + (uint64_t)now.tv_nsec * 0x2545f4914f6cdd1du +
       (uint64_t)now.tv_sec;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}
