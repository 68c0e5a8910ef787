/* Bodies: seekable pseudo-random bytes of any length, or bytes in memory. */
#ifndef FAULTY_BODY_H
#define FAULTY_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bodies that must be built in memory (gzip, multipart) end here. */
#define BODY_MEMORY_MAX ((uint64_t)64 << 20)

struct body {
  char *memory;   /* the bytes; NULL for a generated body */
  uint64_t seed;  /* of a generated body */
  uint64_t first; /* where this body starts in the whole one (ranges) */
  uint64_t size;  /* bytes from first on */
};

/* A generated body: the same SEED gives the same bytes, and a shorter body
   is the start of a longer one. */
struct body body_generated(const char *seed, uint64_t size);

/* A body of a copy of SIZE bytes; release with body_free(). */
struct body body_copied(const void *bytes, size_t size);

/* Copies COUNT bytes from OFFSET on to OUT; O(1) memory. */
void body_read(const struct body *body, uint64_t offset, void *out,
               size_t count);

/* Replaces BODY by its gzip form; false when it is too large. */
bool body_gzip(struct body *body);

void body_free(struct body *body);

/* Writes a generated body to stdout; false when that failed. */
bool body_print(const char *seed, uint64_t size);

#endif
