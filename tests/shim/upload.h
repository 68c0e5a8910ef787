/* upload.h - the ways a program can give libcurl a request body, with a count
 * of how it was asked for it. */
#ifndef CURLRETRY_SHIM_UPLOAD_H
#define CURLRETRY_SHIM_UPLOAD_H

#include "setup.h"

enum source {
  SOURCE_READ,       /* a read callback and nothing else */
  SOURCE_READ_SEEK,  /* with a seek callback */
  SOURCE_READ_IOCTL, /* with the deprecated ioctl callback */
  SOURCE_READ_POST,  /* a read callback for a POST */
  SOURCE_OFFSET,     /* a seekable FILE that doesn't begin at 0 */
  SOURCE_PIPE,       /* a FILE on a pipe */
  SOURCE_FREAD,      /* the same with READFUNCTION set to fread */
  SOURCE_FIELDS,     /* POSTFIELDS */
  SOURCE_COPIED,     /* COPYPOSTFIELDS */
  SOURCE_MIME_DATA,
  SOURCE_MIME_FILE,
  SOURCE_MIME_SEEK, /* curl_mime_data_cb() with its own seek */
  SOURCE_MIME_READ, /* without */
  SOURCE_FORM,      /* curl_formadd() */
  SOURCES
};

struct upload {
  enum source source;
  CURL *curl;
  char *bytes; /* owned */
  size_t size;
  size_t at;       /* of the read callback */
  size_t most;     /* bytes at a time */
  long long taken; /* bytes given, repeated ones too */
  int seeks;
  bool has_ended;
  int calls_after_end; /* and no seek between */
  FILE *file;
  char path[64];
  curl_mime *mime;
  struct curl_httppost *form;
  struct curl_slist *headers;
};

/* A handle that uploads `size` bytes. */
void upload_begin(struct upload *upload, enum source source, const char *key,
                  const char *plan, size_t size);
void upload_end(struct upload *upload);

/* The SHA-256 that request `index` for `key` should have. */
struct hash upload_hash(const struct upload *upload, const char *key,
                        size_t index);

const char *upload_name(enum source source);

/* The read callback; its data is the upload. */
size_t upload_read(char *buffer, size_t size, size_t count, void *data);

#endif
