/* hop.h - which request of the attempt is this, and is its answer final?
 *
 * One attempt makes several hops: redirects, authentication rounds, CONNECT.
 * prerequest -> 1xx* -> block -> (body | next prerequest | end), with CONNECT
 * replies before a prerequest. Finality, "nothing was sent" and what the
 * response announces hang on it. Pure: no libcurl call.
 */
#ifndef CURLRETRY_HOP_H
#define CURLRETRY_HOP_H

#include "program/shadow.h"
#include "text/field.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hop_state {
  HOP_CONNECTING, /* no request sent yet in this hop */
  HOP_WAITING,    /* sent, or maybe so; 1xx alone may have come */
  HOP_IN_BLOCK,   /* inside a header block */
  HOP_AFTER_BLOCK /* body, trailers, the next hop or the end follow */
};

enum hop_event {
  HOP_LINE,       /* a line inside a block, or a trailer, or an FTP reply */
  HOP_FIRST_LINE, /* the first line of a block: a status line */
  HOP_BLOCK_END   /* the empty line: finality can be asked */
};

/* Who asks for credentials, by Digest. */
enum hop_challenge {
  CHALLENGE_NONE,
  CHALLENGE_SERVER = 1, /* 401 */
  CHALLENGE_PROXY = 2   /* 407 */
};

struct hop {
  enum hop_state state;
  bool has_prerequests; /* libcurl >= 7.80 */
  bool was_sent;        /* a prerequest was reached in this attempt */
  bool has_header;      /* a header line came in this attempt */
  bool is_connect;      /* the block is a CONNECT reply */
  bool may_be_ftp;      /* the call's URL is ftp or ftps */
  bool is_ftp;          /* lines are FTP replies */
  int status;           /* of the block; 0: none yet, or no number */
  int status_before;    /* of the answer before it; 0: none */
  int reply;         /* the last of ftp, but for those to QUIT and to an ABOR
                        of nothing; 0: none */
  unsigned answered; /* challenges that libcurl went on from, enum
                        hop_challenge */
  bool has_begun;    /* ftp: a preliminary reply (RFC 959, 4.2.1) came */

  /* Of the block alone: zeroed as one when it begins. */
  bool is_shown_final; /* a body byte showed it */
  bool is_chunked;
  bool is_encoded; /* Content-Encoding other than identity */
  bool is_h2c;     /* Upgrade: h2c; after a 101 the answer follows */
  bool is_stream;  /* an event stream by its media type */
  bool has_location;
  bool is_digest;    /* a challenge of Digest */
  int64_t length;    /* Content-Length; -1: none */
  uint64_t identity; /* a hash of its status and of where it leads, the
                        Location or the challenge */
};

/* Before each attempt. */
void hop_begin(struct hop *hop, bool has_prerequests, bool may_be_ftp);

/* libcurl is about to send a request. */
void hop_prerequest(struct hop *hop);

/* Whether a header line is a field line of the block that is coming, as most
 * are: then hop_field() will do for hop_line(). */
static inline bool hop_expects_field(const struct hop *hop, const char *line,
                                     size_t length) {
  return hop->state == HOP_IN_BLOCK && length && line[0] != '\r' &&
         line[0] != '\n';
}

/* A field of the block. */
void hop_field(struct hop *hop, const struct field *field);

/* A header line as the header callback gets it; `*field` becomes what it says
 * when it is a field line of a block, FIELD_OTHER when it is anything else. */
enum hop_event hop_line(struct hop *hop, const char *line, size_t length,
                        struct field *field);

/* Whether the line just looked at may be no trailer: a redirect may lead to
 * ftp. Then hop_turn_ftp(): its lines are replies. */
static inline bool hop_may_turn(const struct hop *hop) {
  return hop->state == HOP_AFTER_BLOCK && !hop->is_ftp;
}
static inline void hop_turn_ftp(struct hop *hop) { hop->is_ftp = true; }

/* Note the reply that a line of ftp may be. */
void hop_reply(struct hop *hop, const char *line, size_t length);

/* A body byte came: whatever the block was, it is final. (Not a reply to
 * CONNECT: libcurl keeps its body to itself.) */
void hop_body(struct hop *hop);

/* Whether the block is the one the program will see as the response: asked
 * at HOP_BLOCK_END and later. `shadow`: what libcurl may still act on. */
bool hop_is_final(const struct hop *hop, const struct shadow *shadow);

/* The challenge that the block is. */
enum hop_challenge hop_challenge(const struct hop *hop);

/* Whether a request may have been sent: was, or there is no proof. */
static inline bool hop_may_be_sent(const struct hop *hop) {
  return hop->was_sent || !hop->has_prerequests;
}

/* Whether a request was sent, and no answer to it came. */
static inline bool hop_is_unanswered(const struct hop *hop) {
  return hop->was_sent && hop->state == HOP_WAITING;
}

/* Whether no body can follow the block (RFC 9112, 6.3). */
bool hop_has_no_body(const struct hop *hop, const struct shadow *shadow);

/* The length of the body as the write callback will see it; -1: unknown. */
int64_t hop_announced(const struct hop *hop, const struct shadow *shadow);

#endif
