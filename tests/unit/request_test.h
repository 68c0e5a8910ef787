/* request_test.h - a program that uploads from callbacks of its own, and the
 * server that got it: what was sent, byte by byte. */
#ifndef CURLRETRY_REQUEST_TEST_H
#define CURLRETRY_REQUEST_TEST_H

#include "exchange_test.h"

#include "exchange/request.h"
#include "host/log.h"

#include <stdlib.h>

#define MOST 20000 /* the longest body */

static char bytes[MOST];

/* The program's source, its callbacks, and what they do when they are called
 * for the n-th time. */
struct source {
  const char *bytes;
  size_t size;
  size_t at;
  size_t piece; /* at most given by one call */
  size_t reads;
  size_t special_at; /* this read (from 0) returns `special` */
  size_t special;    /* 0: none is special */
  int seeks;
  curl_off_t seeked_to;
  int seek_answer;
  int ioctls;
  curlioerr ioctl_answer;
  CURL *ioctl_handle;
};

struct fixture {
  struct shadow shadow;
  struct policy policy;
  struct request request;
  struct source source;
  char sent[2 * MOST]; /* by the request at hand */
  size_t size;
  size_t served; /* as request_serve() said last */
};

/* What request.c says in the log. */
static int notes;
static const char *noted = "SNAPSHOT_MEMORY"; /* what it has to name */

void log_note(const struct policy *policy, enum log_level level,
              const char *text) {
  assert_non_null(policy);
  assert_int_equal(level, LEVEL_INFO);
  assert_non_null(strstr(text, noted));
  notes++;
}

static size_t on_read(char *buffer, size_t size, size_t count, void *data) {
  struct source *source = data;
  size_t length = source->size - source->at;

  if (source->special && source->reads == source->special_at) {
    source->reads++;
    return source->special;
  }
  source->reads++;
  if (length > size * count)
    length = size * count;
  if (length > source->piece)
    length = source->piece;
  memcpy(buffer, source->bytes + source->at, length);
  source->at += length;
  return length;
}

static int on_seek(void *data, curl_off_t offset, int origin) {
  struct source *source = data;

  assert_int_equal(origin, SEEK_SET);
  source->seeks++;
  source->seeked_to = offset;
  if (source->seek_answer == CURL_SEEKFUNC_OK)
    source->at = (size_t)offset;
  return source->seek_answer;
}

static inline curlioerr on_ioctl(CURL *handle, int command, void *data) {
  struct source *source = data;

  assert_int_equal(command, CURLIOCMD_RESTARTREAD);
  source->ioctls++;
  source->ioctl_handle = handle;
  if (source->ioctl_answer == CURLIOE_OK)
    source->at = 0;
  return source->ioctl_answer;
}

static inline void set_seek(struct fixture *f) {
  f->shadow.held.seek = on_seek;
  f->shadow.held.seek_data = &f->source;
}

/* So many bytes are kept in memory, none in the file. */
static inline void set_limit(struct fixture *f, int64_t memory) {
  f->policy.snapshot_memory = memory;
  f->policy.snapshot_disk = 0;
}

static inline void set_ioctl(struct fixture *f) {
  f->shadow.held.ioctl = on_ioctl;
  f->shadow.held.ioctl_data = &f->source;
}

/* A PUT of `size` bytes, which the program doesn't announce. */
static inline void prepare(struct fixture *f, size_t size) {
  memset(f, 0, sizeof *f);
  notes = 0;
  f->source = (struct source){.bytes = bytes, .size = size, .piece = MOST};
  f->shadow.request = REQUEST_PUT;
  f->shadow.upload_size = f->shadow.post_size = -1;
  f->shadow.held.read = on_read;
  f->shadow.held.read_data = &f->source;
  f->policy.snapshot_memory = 2 * MOST;
  request_init(&f->request, "/tmp");
}

static inline void begin(struct fixture *f) {
  assert_true(request_begin(&f->request, &f->shadow, f, &f->policy));
}

static inline void end(struct fixture *f) {
  request_end(&f->request);
  request_free(&f->request);
}

/* As libcurl reads: at most so much. */
static inline enum serving serve(struct fixture *f, size_t most) {
  enum serving result;

  assert_true(request_is_ready(&f->request));
  assert_true(f->size + most <= sizeof f->sent);
  f->served = SIZE_MAX;
  result = request_serve(&f->request, f->sent + f->size, 1, most, &f->served);
  if (result == SERVED) {
    assert_true(f->served <= most);
    f->size += f->served;
  }
  return result;
}

/* In pieces of at most `most`, up to so many bytes in all. */
static inline void send_up_to(struct fixture *f, size_t size, size_t most) {
  while (f->size < size) {
    size_t left = size - f->size;
    assert_int_equal(serve(f, left < most ? left : most), SERVED);
    assert_int_not_equal(f->served, 0);
  }
}

/* To the end, which libcurl may ask for more than once. */
static inline void send_all(struct fixture *f, size_t most) {
  do
    assert_int_equal(serve(f, most), SERVED);
  while (f->served);
  assert_int_equal(serve(f, most), SERVED);
  assert_int_equal(f->served, 0);
}

static inline void assert_sent(const struct fixture *f, const char *what,
                               size_t size) {
  assert_int_equal(f->size, size);
  assert_memory_equal(f->sent, what, size);
}

/* A retry. */
static inline void retry(struct fixture *f) {
  assert_true(request_rewind(&f->request));
  f->size = 0;
}

/* libcurl's own rewind: another request of the same attempt. */
static inline void follow(struct fixture *f) {
  request_next(&f->request);
  assert_int_equal(request_seek(&f->request, 0, SEEK_SET, false),
                   CURL_SEEKFUNC_OK);
  f->size = 0;
}

#endif
