/* request.h - the upload of a call: served, kept, sent again.
 *
 * What the program's read callback or FILE produced is kept while it is
 * served (the snapshot), so that a retry, and libcurl's own rewinds, can send
 * the same bytes again. The program's callback is never asked twice for the
 * same bytes, unless its own seek was used, and never after it said "end".
 */
#ifndef CURLRETRY_REQUEST_H
#define CURLRETRY_REQUEST_H

#include "host/spool.h"
#include "libcurl/library.h"

#include <stdio.h>

struct call;

enum request_source {
  SOURCE_LIBCURL,  /* none, POSTFIELDS, forms: libcurl sends it again */
  SOURCE_CALLBACK, /* a read callback, or a FILE that can't seek */
  SOURCE_FILE      /* libcurl's own reader on a seekable FILE */
};

struct request {
  enum request_source source;
  curl_read_callback read; /* as set when the call began, like libcurl */
  void *read_data;
  FILE *file;        /* the data is a FILE, read by fread */
  off_t start;       /* of the FILE, for SOURCE_FILE */
  bool has_start;    /* the FILE was looked at */
  bool is_read;      /* something was read in this call */
  bool has_ended;    /* the source said "end" */
  bool is_whole;     /* the snapshot has all that was read */
  bool is_complete;  /* ... and that was all there is */
  bool is_rereading; /* the program's own seek is in use: compare */
  bool is_stale;     /* a new request began, and nothing was rewound */
  bool is_paused;    /* the program paused the upload */
  bool is_told;      /* the log line about the limits was written */
  int64_t size;      /* as announced; -1: unknown */
  int64_t base;      /* where the source stood first: RESUME_FROM */
  int64_t read_at;   /* the source's position, from `base` */
  int64_t furthest;  /* the most of it that was ever read, from `base` */
  int64_t served_at; /* what libcurl gets next, from `base` */
  struct spool snapshot;
};

void request_init(struct request *request, const char *folder);

/* Take the source over for a call: installs our read and seek callbacks when
 * the program's would be used. */
void request_begin(struct call *call);

/* Whether the body can be sent again. */
bool request_can_rewind(const struct call *call);

/* Whether that is certain: not when it hangs on the callbacks of a form, which
 * libcurl alone knows, or on the program's own seek. */
bool request_is_certain(const struct call *call);

/* Back to the first byte before a retry. False: it can't be. */
bool request_rewind(struct call *call);

/* A request begins: its body is to be sent from the beginning, also where
 * libcurl doesn't rewind it. */
void request_next(struct call *call);

/* Forget the snapshot; some memory is kept for the next call. */
void request_end(struct request *request);

void request_free(struct request *request);

/* The callbacks we install: READFUNCTION and SEEKFUNCTION. */
size_t request_on_read(char *buffer, size_t size, size_t count, void *data);
int request_on_seek(void *data, curl_off_t offset, int origin);

#endif
