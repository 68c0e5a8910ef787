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
#include "policy.h"
#include "program/callback.h"

enum request_source {
  SOURCE_LIBCURL,  /* none, POSTFIELDS, forms: libcurl sends it again */
  SOURCE_CALLBACK, /* a read callback, or a FILE that can't seek */
  SOURCE_FILE      /* libcurl's own reader on a seekable FILE */
};

struct request {
  struct spool snapshot;
  const struct shadow *shadow; /* from here on zeroed as one */
  CURL *curl;                  /* for the program's ioctl callback */
  const struct policy *policy;
  enum request_source source;
  struct reader reader;
  off_t start;       /* of the body in the FILE, for SOURCE_FILE */
  bool has_start;    /* ... and it is known */
  bool was_seen;     /* the source was looked at: is it a FILE? */
  bool is_read;      /* something was read in this call */
  bool has_ended;    /* the source said "end" */
  bool is_whole;     /* the snapshot has all that was read */
  const char *lack;  /* why it hasn't; static text; NULL: it has */
  bool is_complete;  /* ... and that was all there is */
  bool is_rereading; /* the program's own seek is in use: compare */
  bool is_stale;     /* a new request began, and nothing was rewound */
  bool is_paused;    /* the program paused the upload */
  bool is_told;      /* the log line about the limits was written */
  int64_t size;      /* as announced; -1: unknown */
  int64_t base;      /* where the source stood first: RESUME_FROM */
  int64_t read_at;   /* the source's position, from `base` */
  int64_t furthest;  /* the most of it that was ever read, from `base` */
  int64_t replayed;  /* bytes of this attempt that came from the snapshot */
  int64_t served_at; /* what libcurl gets next, from `base` */
};

void request_init(struct request *request, const char *folder);

/* A call begins. Whether its body is to come through our read and seek
 * callbacks: request_serve(), request_seek(). The pointers must outlive the
 * call. */
bool request_begin(struct request *request, const struct shadow *shadow,
                   CURL *curl, const struct policy *policy);

/* Whether the body can be sent again. `was_sent`: it may have been. */
bool request_can_rewind(struct request *request, bool was_sent);

/* Whether that is certain: not when it hangs on the callbacks of a form, which
 * libcurl alone knows, or on the program's own seek. */
bool request_is_certain(const struct request *request);

/* Back to the first byte before a retry. False: it can't be. */
bool request_rewind(struct request *request);

/* A request begins: its body is to be sent from the beginning, also where
 * libcurl doesn't rewind it. */
void request_next(struct request *request);

/* Before request_serve(): the body is at the place that libcurl means. 7.88
 * forgets to rewind when a pooled connection died before any of the bytes it
 * had read was sent; 8.10 goes on when a rewind failed. False: it can't be
 * brought there. */
bool request_is_ready(struct request *request);

/* Whether the next bytes are kept ones: the program isn't asked. */
bool request_has_kept(const struct request *request);

enum serving {
  SERVED,         /* `*served` bytes; 0: the end */
  SERVED_PAUSE,   /* the program paused the upload */
  SERVED_REFUSED, /* it said stop, or more than it was asked for: `*served` */
  SERVED_OTHER_BYTES /* its seek led to other bytes than those it gave, or
                        what is kept of them can't be read back */
};

/* The next bytes of the body, `size` * `count` at most, into `buffer`. */
enum serving request_serve(struct request *request, char *buffer, size_t size,
                           size_t count, size_t *served);

/* libcurl's seek; a CURL_SEEKFUNC_ value. `is_repeated`: it is about to send
 * again what may have reached the server, which the policy doesn't let be
 * repeated: that it can't do by what is kept, only as without us. */
int request_seek(struct request *request, curl_off_t offset, int origin,
                 bool is_repeated);

/* Forget the snapshot; some memory is kept for the next call. */
void request_end(struct request *request);

void request_free(struct request *request);

#endif
