/* response.h - the response of an attempt: journal, commit, discard.
 *
 * HOLDING -> COMMITTED, or HOLDING -> DRAINING (to be discarded). Headers and
 * body are journalled in the order of their callbacks; what is committed is
 * delivered in the same order, in the same pieces, to the program's own
 * callbacks.
 */
#ifndef CURLRETRY_RESPONSE_H
#define CURLRETRY_RESPONSE_H

#include "host/spool.h"
#include "libcurl/info.h"
#include "text/entity.h"

struct call;

enum response_state {
  RESPONSE_HOLDING,  /* nothing of it has reached the program */
  RESPONSE_DRAINING, /* will be discarded; read to keep the connection */
  RESPONSE_RESUMING, /* to continue what the program has: not proved yet */
  RESPONSE_COMMITTED /* streams through, after what is left in the journal */
};

/* Where an earlier hop's events end in the journal, and its getinfo. */
struct response_view {
  int64_t end;
  struct info_view info;
  char *url; /* owned */
};

struct response {
  enum response_state state;
  struct spool journal;
  int64_t cursor;    /* delivered up to here: a record's start */
  size_t part;       /* bytes delivered of the record at `cursor` */
  int64_t body;      /* body bytes of the final response taken from libcurl */
  int64_t held;      /* of those, in the journal */
  int64_t header_at; /* when the final block ended; ms */
  int64_t announced; /* length of the body; -1: unknown */
  struct entity entity; /* of the current block, where it may be resumed */
  bool is_final;        /* the final block has ended */
  bool is_cut;          /* a discarded body was not kept whole */
  bool is_last;         /* the body is complete with the piece at hand */
  bool is_delivering;   /* inside deliver_journal() */
  struct response_view *views; /* owned */
  size_t view_count;
  size_t view_capacity;
  size_t view_at; /* the view of the record at `cursor` */
  char *scratch;  /* for records that lie in the file; owned */
  size_t scratch_size;
};

void response_init(struct response *response, const char *folder);

/* Forget everything; some memory is kept for the next attempt. */
void response_clear(struct response *response);

void response_free(struct response *response);

/* The callbacks we install: HEADERFUNCTION and WRITEFUNCTION. `data` is the
 * struct call. */
size_t response_on_header(char *line, size_t size, size_t count, void *data);
size_t response_on_body(char *bytes, size_t size, size_t count, void *data);

/* Commit what is held. CURLE_OK, or CURLE_WRITE_ERROR when the program
 * refused; `*is_paused` is set when it paused (the rest stays in the
 * journal). `is_paused` may be NULL: libcurl is then told to pause. */
CURLcode response_commit(struct call *call, bool *is_paused);

/* Commit, and hand this piece of the body over. Returns what the write
 * callback has to. */
size_t response_commit_and_pass(struct call *call, char *bytes, size_t length);

/* Deliver what a pause left in the journal. Same results. */
CURLcode response_flush(struct call *call, bool *is_paused);

/* Whether a final response is held, so that a blocking read callback of the
 * program would wait for it for ever. */
bool response_is_waiting(const struct call *call);

/* Whether something in the journal is still to be delivered. */
bool response_has_pending(const struct response *response);

/* From the progress callback: HOLD_TIME and the drain's bound.
 * CURLE_OK, or CURLE_WRITE_ERROR: the program refused at a commit. */
CURLcode response_tick(struct call *call, int64_t now);

#endif
