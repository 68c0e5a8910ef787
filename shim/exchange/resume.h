/* resume.h - continuing a committed body on a later attempt. Pure: what
 * libcurl is asked or told, the engine does.
 *
 * The program must not see where two attempts meet: it gets the first
 * response's status and headers, then every byte once, from one version of
 * the resource, or the failure that broke the body.
 */
#ifndef CURLRETRY_RESUME_H
#define CURLRETRY_RESUME_H

#include "exchange/hop.h"
#include "exchange/proof.h"
#include "program/shadow.h"
#include "text/entity.h"

enum resume_mode {
  RESUME_NONE,  /* the first response streams, or nothing can be resumed */
  RESUME_RANGE, /* the rest is asked for */
  RESUME_SKIP   /* everything is asked for; what was delivered is skipped */
};

/* What a response says of itself when its final block has ended. */
struct answer {
  const struct hop *hop;
  const struct entity *entity;
  int status;            /* 0: FTP, SFTP, HTTP/0.9 */
  bool is_http;          /* whatever its status line said */
  bool may_have_gaps;    /* libcurl may have lost a piece of the body */
  int64_t announced;     /* length of the body; -1: unknown */
  const char *url;       /* where it comes from; NULL: not known */
  const char *first_url; /* where the program's response came from */
  time_t (*getdate)(const char *, const time_t *); /* curl_getdate(); NULL */
};

struct resume {
  struct proof *proof; /* owned; NULL: never needed */
  /* Of the first response, where `is_possible`. */
  struct entity entity;
  char range[64];                      /* what is asked for; "": nothing */
  char if_range[ENTITY_TAG_SIZE + 16]; /* a header line */

  bool is_possible; /* the committed response can be continued; from here
                       on zeroed as one */
  bool is_ranged;   /* ... by a range request */
  bool is_resuming; /* an attempt that must prove itself runs */
  bool was_resumed; /* the program sees more than one attempt's body */
  bool is_hashing;
  bool is_encoded;       /* the first response, with a Content-Encoding */
  bool may_trail;        /* CURLOPT_HEADER: trailers may come as body bytes */
  enum resume_mode mode; /* of the attempt that runs */
  int status;            /* of the first response; 0: FTP, SFTP */
  int64_t length;        /* announced for the first response; -1: unknown */
  int64_t delivered;     /* body bytes the program has, of all attempts */
  int64_t base;          /* `delivered` when this attempt began */
  int64_t skipped;       /* of this attempt, RESUME_SKIP */
  int64_t first;         /* the first byte of `range` */
  size_t repeated; /* bytes at the head of the next piece that the program has:
                  it comes again after a pause */
  const char *mismatch; /* why a resume was refused; NULL: it wasn't */
};

/* Without anything that it owns. */
static inline void resume_init(struct resume *resume) { resume->proof = NULL; }

/* Before a call. */
void resume_begin(struct resume *resume);

/* The response is committed: can it be continued, and how? */
void resume_committed(struct resume *resume, const struct answer *answer,
                      const struct shadow *shadow);

/* The program took `length` body bytes. */
void resume_delivered(struct resume *resume, const void *bytes, size_t length);

/* What getinfo is to say of the body's size; -1: what libcurl says, which
 * counts the whole repetition, and what a body was before it was decoded. */
static inline int64_t resume_counts(const struct resume *resume) {
  return resume->mode == RESUME_SKIP ? -1 : resume->delivered;
}

/* Whether the broken body at hand can be continued. Where no byte of it was
 * delivered its headers were, and a strong ETag alone proves what follows. */
bool resume_is_possible(const struct resume *resume);

/* Before the attempt that continues: what it has to ask for. */
void resume_prepare(struct resume *resume);

/* The final block of that attempt ended: does it continue the body? False:
 * it doesn't (`mismatch` says why). */
bool resume_accepts(struct resume *resume, const struct answer *answer,
                    const struct shadow *shadow);

/* The body goes on where the program's ends: after `repeated` bytes of the
 * piece at hand. */
void resume_continues(struct resume *resume, size_t repeated);

/* The attempt at hand was not the rest, `why` where that isn't known yet.
 * Whether the next one may be: not where the length is unknown (a stream can't
 * wait), nor when bytes of this attempt went to the program beyond it. */
bool resume_rejects(struct resume *resume, const char *why);

/* Whether the attempt at hand, which continued the body, got on: it delivered
 * so much that the failure after it begins a new count. */
bool resume_got_on(const struct resume *resume);

/* The continued body, whole: is it shorter than announced? */
bool resume_is_short(const struct resume *resume);

/* Whether `length` more bytes go beyond it. */
bool resume_is_long(const struct resume *resume, size_t length);

/* What a piece of a repeated body is to the program. */
enum repetition {
  REPEATS_SO_FAR,     /* it has all of this piece, and more */
  REPEATS_TO_THE_END, /* it has `*head` bytes of it, the rest is new */
  REPEATS_OTHER_BYTES /* they aren't what it has */
};
enum repetition resume_repeats(struct resume *resume, const char *bytes,
                               size_t length, size_t *head);

void resume_free(struct resume *resume);

#endif
