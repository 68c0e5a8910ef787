/* upload.h - the ways a program can give libcurl a request body, with a count
 * of how it was asked for it. */
#ifndef CURLRETRY_SHIM_UPLOAD_H
#define CURLRETRY_SHIM_UPLOAD_H

#include "setup.h"

#include <pthread.h>
#include <stdatomic.h>

enum source {
  SOURCE_READ,         /* a read callback and nothing else */
  SOURCE_READ_SEEK,    /* with a seek callback */
  SOURCE_READ_IOCTL,   /* with the deprecated ioctl callback */
  SOURCE_READ_STUCK,   /* with a seek callback that always fails */
  SOURCE_READ_POST,    /* a read callback for a POST */
  SOURCE_OFFSET,       /* a seekable FILE that doesn't begin at 0 */
  SOURCE_OFFSET_FREAD, /* the same with READFUNCTION set to fread */
  SOURCE_PIPE,         /* a FILE that can't seek */
  SOURCE_FREAD,        /* the same with READFUNCTION set to fread */
  SOURCE_TERMINAL,     /* a FILE on a terminal */
  SOURCE_FIELDS,       /* POSTFIELDS */
  SOURCE_BINARY,       /* with zero bytes and POSTFIELDSIZE */
  SOURCE_COPIED,       /* COPYPOSTFIELDS */
  SOURCE_MIME_DATA,
  SOURCE_MIME_FILE,
  SOURCE_MIME_SEEK, /* curl_mime_data_cb() with its own seek */
  SOURCE_MIME_READ, /* without */
  SOURCE_FORM,      /* curl_formadd() */
  SOURCE_FORM_READ, /* with CURLFORM_STREAM */
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

  bool is_post;            /* where the source can be both */
  bool is_chunked;         /* libcurl isn't told the length */
  curl_read_callback read; /* upload_read() ... */
  curl_seek_callback seek; /* upload_seek() ... */
  void *data;              /* and this, unless changed */

  FILE *file;
  char path[64];
  pthread_t writer; /* for a FILE that can't seek */
  int writer_end;
  bool is_fed;
  atomic_bool is_starved; /* the writer is to end */
  curl_mime *mime;
  struct curl_httppost *form;
  struct curl_slist *headers;
};

/* The bytes are drawn from `seed`. What is said of the request can be changed
 * before upload_put(). */
void upload_init(struct upload *upload, enum source source, size_t size,
                 unsigned long long seed);

/* Gives them to a handle that has no other body. */
void upload_put(struct upload *upload, CURL *curl);

/* Forgets them; the handle must not be used with them any more. */
void upload_free(struct upload *upload);

/* All of it with a handle of its own. */
void upload_begin(struct upload *upload, enum source source, const char *key,
                  const char *plan, size_t size);
void upload_end(struct upload *upload);

/* Whether this system has what the source needs (a terminal). */
bool upload_is_possible(enum source source);

/* Whether the program's own callback is asked for the bytes. */
bool upload_is_read(const struct upload *upload);

bool upload_is_form(const struct upload *upload);

/* What request `index` for `key` should have as its body: `*length` bytes,
 * owned by the caller. */
char *upload_body(const struct upload *upload, const char *key, size_t index,
                  size_t *length);

/* Its SHA-256. */
struct hash upload_hash(const struct upload *upload, const char *key,
                        size_t index);

const char *upload_name(enum source source);

/* The callbacks; their data is the upload. */
size_t upload_read(char *buffer, size_t size, size_t count, void *data);
int upload_seek(void *data, curl_off_t offset, int origin);

/* Word `index` of a random sequence, as tests/server/body.c has it. */
unsigned long long upload_word(unsigned long long seed,
                               unsigned long long index);

/* --- between upload.c, upload_form.c and upload_feed.c -------------------
 */

void upload_write(FILE *file, const char *bytes, size_t length);
void upload_put_form(struct upload *upload);

/* Opens a FILE that can't seek and lets a thread write the bytes. */
void upload_feed(struct upload *upload);

/* Ends that thread; the FILE is closed already. */
void upload_starve(struct upload *upload);

#endif
