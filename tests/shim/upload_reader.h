/* upload_reader.h - an upload whose read callback does something else once it
 * has given so many bytes: pauses, refuses, changes options. */
#ifndef CURLRETRY_SHIM_UPLOAD_READER_H
#define CURLRETRY_SHIM_UPLOAD_READER_H

#include "upload.h"

#define READER_SIZE 40000

/* A read callback with something to do once it has given `at` bytes. */
struct reader {
  struct upload upload;
  size_t at;
  int times; /* to be done still */
  size_t (*act)(struct reader *reader, char *buffer, size_t length);
  const char *key;
  bool is_paused;
  int calls_while_paused;
  int status;   /* as libcurl saw it */
  int requests; /* as the prerequest callback counted them */
  struct upload other;
};

/* A handle that uploads READER_SIZE bytes and counts its requests; its
 * progress callback lets go on what is paused. */
void reader_begin(struct reader *reader, enum source source, const char *key,
                  const char *plan);

/* Adds a request header. */
void reader_header(struct reader *reader, const char *line);

#endif
