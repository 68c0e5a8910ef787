/* Runs inside the host: no stdio, no exit, no signal raised. Every failure is
 * a status; the caller then stops keeping, it never stops the transfer. */
#define _GNU_SOURCE
#include "host/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define SPOOL_FIRST 1024 /* first allocation, bytes: most header blocks */

void spool_init(struct spool *spool, const char *folder) {
  memset(spool, 0, sizeof(*spool));
  spool->folder = folder;
  spool->file = descriptor_none();
}

void spool_limit(struct spool *spool, int64_t memory, int64_t file) {
  spool->memory_limit = memory;
  spool->file_limit = file;
}

/* Make room for `extra` more bytes in memory. */
static bool grow(struct spool *spool, size_t extra) {
  size_t need = spool->in_memory + extra;
  size_t capacity = spool->capacity ? spool->capacity : SPOOL_FIRST;
  unsigned char *memory;

  if (need <= spool->capacity)
    return true;
  while (capacity < need) {
    if (capacity > SIZE_MAX / 2)
      return false;
    capacity *= 2;
  }
  memory = realloc(spool->memory, capacity);
  if (!memory)
    return false;
  spool->memory = memory;
  spool->capacity = capacity;
  return true;
}

bool spool_reserve(struct spool *spool, size_t size) {
  return size <= spool->in_memory || grow(spool, size - spool->in_memory);
}

/* An unlinked file in `folder`. O_TMPFILE never has a name; where the file
 * system lacks it, the name lives for two system calls. */
static int open_unlinked(const char *folder) {
  char path[4096];
  size_t length = strlen(folder);
  int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);

  if (file >= 0)
    return file;
  if (length > sizeof(path) - 32)
    return -1;
  memcpy(path, folder, length);
  memcpy(path + length, "/curlretry-XXXXXX", 18);
  file = mkostemp(path, O_CLOEXEC);
  if (file >= 0)
    (void)unlink(path);
  return file;
}

/* Whether the file may grow to `size`: a write past RLIMIT_FSIZE would raise
 * SIGXFSZ in the host. */
static bool may_grow_to(int64_t size) {
  struct rlimit limit;

  if (getrlimit(RLIMIT_FSIZE, &limit))
    return false;
  return limit.rlim_cur == RLIM_INFINITY || (rlim_t)size <= limit.rlim_cur;
}

/* Whether the file is the one that was written: a file that the program made
 * after it closed ours may have its number and even its inode. */
static bool has_file(const struct spool *spool) {
  struct stat now;

  return descriptor_is_ours(&spool->file, &now) &&
         now.st_nlink == spool->file.links && now.st_size == spool->file_size;
}

/* A file to write to; a lost one that held nothing is replaced. */
static bool need_file(struct spool *spool) {
  if (has_file(spool))
    return true;
  if (spool->in_file)
    return false;
  spool->file_size = 0;
  return descriptor_own(&spool->file, open_unlinked(spool->folder));
}

static enum spool_status write_file(struct spool *spool, const void *data,
                                    size_t length) {
  const char *from = data;
  int64_t at = spool->in_file;
  size_t left = length;

  if (!may_grow_to(at + (int64_t)length) || !need_file(spool))
    return SPOOL_NO_FILE;
  while (left) {
    ssize_t n = pwrite(spool->file.number, from, left, at);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return SPOOL_NO_FILE;
    from += n;
    at += n;
    left -= (size_t)n;
    if (spool->file_size < at)
      spool->file_size = at;
  }
  spool->in_file += (int64_t)length;
  return SPOOL_OK;
}

enum spool_status spool_append_some(struct spool *spool, const void *data,
                                    size_t length, size_t *kept) {
  int64_t room = spool->memory_limit - (int64_t)spool->in_memory;
  size_t first = length;
  enum spool_status status;
  size_t rest;

  *kept = 0;
  if (spool->in_file)
    room = 0;
  if (room < (int64_t)first)
    first = room > 0 ? (size_t)room : 0;
  if (first) {
    if (!grow(spool, first))
      return SPOOL_NO_MEMORY;
    memcpy(spool->memory + spool->in_memory, data, first);
    spool->in_memory += first;
    *kept = first;
  }
  rest = length - first;
  if (!rest)
    return SPOOL_OK;
  room = spool->file_limit - spool->in_file;
  if (room <= 0)
    return SPOOL_FULL;
  if ((int64_t)rest > room)
    rest = (size_t)room;
  status = write_file(spool, (const char *)data + first, rest);
  if (status)
    return status;
  *kept += rest;
  return *kept == length ? SPOOL_OK : SPOOL_FULL;
}

enum spool_status spool_append(struct spool *spool, const void *data,
                               size_t length) {
  size_t in_memory = spool->in_memory;
  int64_t in_file = spool->in_file;
  size_t kept;
  enum spool_status status = spool_append_some(spool, data, length, &kept);

  if (status) {
    spool->in_memory = in_memory;
    spool->in_file = in_file;
  }
  return status;
}

void spool_drop(struct spool *spool, size_t length) {
  int64_t from_file = (int64_t)length;

  if (from_file > spool->in_file)
    from_file = spool->in_file;
  spool->in_file -= from_file;
  spool->in_memory -= length - (size_t)from_file;
}

int64_t spool_read(const struct spool *spool, int64_t offset, void *data,
                   size_t length) {
  char *to = data;
  int64_t done = 0;
  size_t from_memory;
  const unsigned char *view = spool_view(spool, offset, &from_memory);

  if (view) {
    if (from_memory > length)
      from_memory = length;
    memcpy(to, view, from_memory);
    done = (int64_t)from_memory;
  }
  if (done == (int64_t)length || offset + done >= spool_size(spool))
    return done;
  if (!has_file(spool))
    return -1;
  while (done < (int64_t)length) {
    int64_t at = offset + done - (int64_t)spool->in_memory;
    int64_t left = spool->in_file - at;
    ssize_t n;
    if (left > (int64_t)length - done)
      left = (int64_t)length - done;
    if (left <= 0)
      break;
    n = pread(spool->file.number, to + done, (size_t)left, at);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return -1;
    done += n;
  }
  return done;
}

bool spool_check(struct spool *spool) {
  if (!spool->in_file || has_file(spool))
    return true;
  spool->in_file = 0;
  return false;
}

void spool_empty(struct spool *spool, size_t keep) {
  if (has_file(spool))
    descriptor_close(&spool->file);
  spool->file = descriptor_none();
  spool->file_size = 0;
  spool->in_memory = 0;
  spool->in_file = 0;
  if (spool->capacity > keep) {
    free(spool->memory);
    spool->memory = NULL;
    spool->capacity = 0;
  }
}
