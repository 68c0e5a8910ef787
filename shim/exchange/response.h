/* response.h - an attempt's response: held, committed or discarded. Decides
 * what becomes of a piece; the engine's gate does it.
 *
 * HOLDING -> COMMITTED, or HOLDING -> DRAINING (to be discarded); RESUMING ->
 * COMMITTED.
 */
#ifndef CURLRETRY_RESPONSE_H
#define CURLRETRY_RESPONSE_H

#include "exchange/journal.h"
#include "policy.h"
#include "text/entity.h"

enum response_state {
  RESPONSE_HOLDING,  /* nothing of it has reached the program */
  RESPONSE_DRAINING, /* will be discarded; read to keep the connection */
  RESPONSE_RESUMING, /* to continue what the program has: not proved yet */
  RESPONSE_COMMITTED /* streams through, after what is left in the journal */
};

struct response {
  struct journal journal;
  struct entity entity;      /* of the current block */
  enum response_state state; /* from here on zeroed as one */
  int64_t body;              /* body bytes of the final response so far */
  int64_t held;              /* of those, in the journal */
  int64_t header_at;         /* when the final block ended; ms */
  int64_t announced;         /* length of the body; -1: unknown */
  bool is_final;             /* the final block has ended */
  bool is_cut;               /* a discarded body was not kept whole */
  bool is_last;              /* the body is complete with the piece at hand */
  bool has_way_info; /* the attempt's info is of the way's last block */
  int requests;      /* that had one, when it was looked at last */
};

/* What becomes of an event: so many of its bytes are kept, then ... */
struct fate {
  size_t keep;
  enum fate_step {
    FATE_TAKEN, /* libcurl is told that all of it was taken */
    FATE_PASS,  /* what is held is handed over, then this event */
    FATE_STOP   /* the attempt is ended */
  } then;
};

void response_init(struct response *response, const char *folder);

/* Forget everything; some memory is kept for the next attempt. */
void response_clear(struct response *response);

void response_free(struct response *response);

/* A piece of `length` body bytes while the response is held: until so much
 * is held, or so long (policy: HOLD_BYTES, HOLD_TIME), or it is whole. */
struct fate response_hold(struct response *response,
                          const struct policy *policy, size_t length);

/* When HOLD_TIME is over, or a drain has lasted long enough; ms. INT64_MAX:
 * never. */
int64_t response_due(const struct response *response,
                     const struct policy *policy);

/* Whether HOLD_TIME is over. */
bool response_is_due(const struct response *response,
                     const struct policy *policy);

/* The same while it is read to be discarded (DRAIN_BYTES, 1 s). Keeping it is
 * for the case that the program gets this outcome after all. `is_certain`: the
 * request can be sent again; else the response must stay whole, and is handed
 * over when it can't be kept. */
struct fate response_drain(struct response *response,
                           const struct policy *policy, bool is_certain,
                           size_t length);

/* Whether a drain has lasted long enough. */
bool response_is_drained(const struct response *response);

#endif
