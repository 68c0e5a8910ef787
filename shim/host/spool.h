/* spool.h - bytes kept in order: in memory first, then in an unlinked file.
 *
 * Serves the response journal and the request snapshot. Append at the end,
 * read anywhere. The file has no name (without O_TMPFILE: it loses it at
 * once), so nothing is left behind, also after SIGKILL. The host may close it
 * under us (descriptor.h): then what it held is lost, and nothing else is
 * taken for it. Not thread-safe: a spool belongs to a call.
 */
#ifndef CURLRETRY_SPOOL_H
#define CURLRETRY_SPOOL_H

#include "host/descriptor.h"

#include <stddef.h>
#include <stdint.h>

enum spool_status {
  SPOOL_OK,
  SPOOL_FULL, /* the limits are in the way */
  SPOOL_NO_MEMORY,
  SPOOL_NO_FILE /* the temporary file can't be made or written */
};

struct spool {
  unsigned char *memory; /* owned */
  size_t capacity;
  size_t in_memory;     /* bytes in `memory` */
  int64_t in_file;      /* bytes in the file, after those in memory */
  int64_t memory_limit; /* most bytes in memory */
  int64_t file_limit;   /* most bytes in the file */
  const char *folder;   /* for the file; not owned */
  struct descriptor file;
  int64_t file_size; /* in_file, or more: what was dropped stays there */
};

/* An empty spool; allocates nothing. `folder` must outlive it. */
void spool_init(struct spool *spool, const char *folder);

/* Set the limits, in bytes. To be called while the spool is empty. */
void spool_limit(struct spool *spool, int64_t memory, int64_t file);

/* Bytes kept. */
static inline int64_t spool_size(const struct spool *spool) {
  return (int64_t)spool->in_memory + spool->in_file;
}

/* Append `length` bytes that the caller writes: where to; NULL: they don't fit
 * into the memory there is now. */
static inline unsigned char *spool_room(struct spool *spool, size_t length) {
  size_t at = spool->in_memory;

  if (spool->in_file || length > spool->capacity - at ||
      (int64_t)(at + length) > spool->memory_limit)
    return NULL;
  spool->in_memory = at + length;
  return spool->memory + at;
}

/* Memory for the first `size` bytes. False: there is none. */
bool spool_reserve(struct spool *spool, size_t size);

/* Append `length` bytes: all of them, or none and the reason why. */
enum spool_status spool_append(struct spool *spool, const void *data,
                               size_t length);

/* Append as many of `length` bytes as the limits let; `*kept` says how many
 * (always a prefix). SPOOL_OK when that is all of them. */
enum spool_status spool_append_some(struct spool *spool, const void *data,
                                    size_t length, size_t *kept);

/* Take the last `length` bytes back, at most spool_size(). */
void spool_drop(struct spool *spool, size_t length);

/* Copy up to `length` bytes from `offset` into `data`.
 * Returns how many; fewer than asked only at the end; -1: read error. */
int64_t spool_read(const struct spool *spool, int64_t offset, void *data,
                   size_t length);

/* The bytes from `offset` while they lie in memory: `*length` of them.
 * NULL when `offset` is in the file or past the end. The pointer is good
 * until the next append or clear. */
static inline const unsigned char *spool_view(const struct spool *spool,
                                              int64_t offset, size_t *length) {
  if (offset < 0 || offset >= (int64_t)spool->in_memory)
    return NULL;
  *length = spool->in_memory - (size_t)offset;
  return spool->memory + offset;
}

/* Whether all that was kept can still be read back. If not, what the file held
 * is forgotten. */
bool spool_check(struct spool *spool);

/* Forget the content and close the file; memory is kept for the next use if
 * its capacity is at most `keep` bytes. */
void spool_empty(struct spool *spool, size_t keep);
static inline void spool_clear(struct spool *spool, size_t keep) {
  if (spool->capacity > keep || spool->file.number >= 0 || spool->in_file)
    spool_empty(spool, keep);
  else
    spool->in_memory = 0;
}

#endif
