/* memory.h - the shim's allocations fail. */
#ifndef CURLRETRY_FUZZ_MEMORY_H
#define CURLRETRY_FUZZ_MEMORY_H

#include "fuzz.h"

/* From now on: `after` of them succeed, then `count` fail. 0, 0: none. */
void memory_fails(unsigned after, unsigned count);

#endif
