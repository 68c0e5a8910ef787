/* random.h - numbers for jitter. */
#ifndef CURLRETRY_RANDOM_H
#define CURLRETRY_RANDOM_H

#include <stdint.h>

/* A uniform number, another one in each process and child: no system call. */
uint64_t random_number(void);

#endif
