/* resume.h - continuing a committed body on a later attempt.
 *
 * The program must not see a seam: it gets the first response's status and
 * headers, then every byte once, from one version of the resource, or the
 * failure that broke the body.
 */
#ifndef CURLRETRY_RESUME_H
#define CURLRETRY_RESUME_H

#include "libcurl/library.h"
#include "text/entity.h"

struct call;
struct resume_hash;

enum resume_mode {
  RESUME_NONE,  /* the first response streams, or nothing can be resumed */
  RESUME_RANGE, /* the rest is asked for */
  RESUME_SKIP   /* everything is asked for; what was delivered is skipped */
};

struct resume {
  bool is_possible;         /* the committed response can be continued */
  bool is_ranged;           /* ... by a range request */
  bool is_resuming;         /* an attempt that must prove itself runs */
  bool was_resumed;         /* the program sees more than one attempt's body */
  enum resume_mode mode;    /* of the attempt that runs */
  struct entity entity;     /* of the first response */
  int status;               /* of the first response; 0: FTP, SFTP */
  int64_t length;           /* announced for the first response; -1: unknown */
  int64_t delivered;        /* body bytes the program has, of all attempts */
  int64_t base;             /* `delivered` when this attempt began */
  int64_t skipped;          /* of this attempt, RESUME_SKIP */
  size_t seam;              /* bytes at the head of a piece that the program
                               paused at, skipped already */
  const char *mismatch;     /* why a resume was refused; NULL: it wasn't */
  struct resume_hash *hash; /* owned; NULL: never needed */
  bool is_hashing;
  bool is_encoded; /* the first response, with a Content-Encoding */
  char range[64];  /* CURLOPT_RANGE of the attempt */
  char if_range[ENTITY_TAG_SIZE + 16];
  struct curl_slist header; /* If-Range */
};

/* Before a call. */
void resume_begin(struct resume *resume);

/* The response at hand is committed: can it be continued, and how? */
void resume_committed(struct call *call);

/* The program took `length` body bytes. */
void resume_delivered(struct call *call, const void *bytes, size_t length);

/* Whether the broken body at hand can be continued. */
bool resume_is_possible(const struct call *call);

/* Before the attempt that continues: set its options. */
void resume_prepare(struct call *call);

/* The final block of that attempt ended: does it continue the body? False:
 * it doesn't (`mismatch` says why). */
bool resume_accepts(struct call *call);

/* The continued body, whole: is it as long as announced? */
bool resume_is_short(const struct call *call);

/* Whether `length` more bytes go beyond it. */
bool resume_is_long(const struct call *call, size_t length);

/* How many bytes at the head of this piece the program has already. False:
 * they differ from what it has. `*is_done`: all of it was seen. */
bool resume_skip(struct call *call, const char *bytes, size_t length,
                 size_t *skip, bool *is_done);

void resume_free(struct resume *resume);

#endif
