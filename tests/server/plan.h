/* Plans: what the server does, one step per request or connection.
   README.md has the grammar. */
#ifndef FAULTY_PLAN_H
#define FAULTY_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLAN_STEPS_MAX 64
#define PLAN_ERROR_SIZE 200
#define STEP_LIST_MAX 8
#define SIZE_UNSET UINT64_MAX
#define AT_NEVER UINT64_MAX
#define AT_HEAD (UINT64_MAX - 1) /* in the middle of the header block */
#define STALL_FOREVER (-1)

enum step_action {
  STEP_ANSWER, /* a status and what follows; a tunnel or relay passes */
  STEP_CLOSE,  /* FIN without an answer */
  STEP_RESET,  /* RST without an answer */
  STEP_HANG    /* no answer until the peer closes */
};

enum fault_cut { CUT_NONE, CUT_CLOSE, CUT_RESET };

/* What goes wrong in one direction, by body bytes passed. */
struct fault {
  enum fault_cut cut;
  uint64_t cut_at;
  uint64_t stall_at;
  int64_t stall_ms; /* STALL_FOREVER: until the peer closes */
  uint64_t flip_at; /* this byte is changed; relays only */
};

struct pair {
  uint64_t first;
  uint64_t second;
};

struct step {
  const char *text; /* as written, for the log */
  enum step_action action;
  unsigned repeat;
  int status;
  struct fault down;     /* response, or bytes to the client */
  struct fault up;       /* request body, or bytes to the target */
  const char *challenge; /* "digest", "basic" or NULL: of a 401 step */

  uint64_t size;
  uint64_t chunk; /* chunk size; 0: not chunked */
  uint64_t wait_ms;
  uint64_t info; /* a 1xx status sent first; 0: none */
  uint64_t expect;
  struct pair rate;   /* bytes, then milliseconds of pause */
  struct pair events; /* count, milliseconds between them */
  const char *seed, *body, *retry_after, *type, *etag, *weak_etag;
  const char *modified, *to, *location, *content_range, *auth;
  const char *headers[STEP_LIST_MAX];  /* Name~Value */
  const char *trailers[STEP_LIST_MAX]; /* Name~Value */
  bool vary, length, eof, gzip, ranges, noranges, multipart, connclose;
  bool http10, nodate, next, noloc, early, drop, nocontinue, nohash;
};

struct plan {
  size_t count;
  struct step steps[PLAN_STEPS_MAX];
  char *storage; /* the texts the steps point into */
};

/* Parses TEXT. The plan is the caller's (plan_free), or NULL with one line
   about the first mistake in ERROR. */
struct plan *plan_parse(const char *text, char error[PLAN_ERROR_SIZE]);

/* The step of the request with 0-based NUMBER; the last one repeats. */
const struct step *plan_step(const struct plan *plan, uint64_t number);

void plan_free(struct plan *plan);

#endif
