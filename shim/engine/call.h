/* call.h - one transfer as the program asked for it, and its attempts. State
 * alone: the steps are in engine.h. A call's memory belongs to its handle and
 * is reused by the next call.
 */
#ifndef CURLRETRY_CALL_H
#define CURLRETRY_CALL_H

#include "exchange/hop.h"
#include "exchange/request.h"
#include "exchange/response.h"
#include "exchange/resume.h"
#include "exchange/sink.h"
#include "host/event.h"
#include "judge.h"
#include "program/handle.h"

/* Who ends an attempt, the weakest word first: what we ended ourselves is no
 * refusal of the program's, and a refusal counts whatever else went on. */
enum cause {
  BY_LIBCURL,
  BY_FAULT,    /* as FAULTS say */
  BY_DRAIN,    /* a discarded body: long enough, or slow */
  BY_STALL,    /* STALL_TIMEOUT, MAX_TIME */
  BY_MISMATCH, /* other bytes: of a resume, of the program's seek */
  BY_PROGRAM   /* call->sink.refusal says how */
};

/* One real transfer. */
struct attempt {
  struct response response;
  struct info *info; /* its getinfo, when it is kept; owned, memory kept */
  unsigned number; /* 1 is the first; 0: unused. From here on zeroed as one */
  struct hop hop;
  enum cause cause;
  long connects;       /* made before the request at hand was sent */
  bool is_pooled;      /* it was sent on a connection that was there */
  bool is_unpaused;    /* an old pause was ended (8.18) */
  bool is_barred;      /* libcurl may not send it again, and was told */
  bool took_socket;    /* the program's OPENSOCKETFUNCTION was asked */
  bool lacks_socket;   /* ... and had none that it made just then */
  CURLcode code;       /* as the program may see it */
  int64_t activity_at; /* the last byte sent or received, for STALL; ms */
  curl_off_t
      moved[4];     /* dltotal, dlnow, ultotal, ulnow as libcurl told them */
  bool is_own_end;  /* it ended by something that comes of the retry */
  bool breaks_body; /* on purpose: fault_body_left() */
  bool is_injected; /* it failed on purpose */
};

/* What of the handle's options isn't the program's: options.c alone. */
struct overrides {
  bool has_request; /* our read and seek callbacks are installed */
  bool has_clock;   /* our progress callback is */
  bool is_metered;  /* and libcurl's own progress meter is on */
  bool has_meter;   /* and the program's PROGRESSFUNCTION, which ours hides */
  bool has_connect; /* CONNECTTIMEOUT is bounded */
  bool has_attempt; /* those of a retry are set */
  bool has_opener;  /* our OPENSOCKETFUNCTION is installed */
  bool has_socket;  /* those of a fault */
  bool has_url;     /* and another URL */
  bool is_bounded;  /* MAX_TIME is the attempt's timeout: nothing moved */
  int64_t bound_ms; /* ... this long */
  int64_t
      connect_ms; /* our bound of connecting; 0: the program's is shorter */
  long own_timeout_ms;              /* what it would be without MAX_TIME */
  struct curl_slist attempt_header; /* ATTEMPT_HEADER; data NULL: none */
  struct curl_slist if_range;
};

/* Where a call stands: what the engine does next, and what the other
 * interposed functions may do meanwhile. */
enum phase {
  PHASE_NONE,      /* no call */
  PHASE_TRANSFER,  /* libcurl has it */
  PHASE_ENDED,     /* the attempt is to be judged */
  PHASE_HAND_OVER, /* what is held goes to the program; then phase_after */
  PHASE_WAIT,      /* for the retry */
  PHASE_READY,     /* to begin the next attempt */
  PHASE_OVER
};

struct siblings;
struct faulting;

/* What TRACE tells of a call at its end. */
struct tally {
  struct event_place
      place;         /* of the last attempt that failed, else the last */
  const char *class; /* that attempt's; NULL: none failed */
  int64_t total_us;  /* of all attempts, as the next two */
  int64_t up;
  int64_t down;
  struct attempt_event last; /* told with the call, if `has_last` */
  bool has_last;
};

/* Our callbacks: handed in, so that options.c needn't know them. */
struct ours {
  curl_write_callback header;
  curl_write_callback body;
  curl_read_callback read;
  curl_seek_callback seek;
  curl_xferinfo_callback progress;
  curl_prereq_callback prerequest;
  curl_opensocket_callback socket;
};

struct call {
  struct handle *handle;
  struct ours ours;
  struct attempt attempts[2];
  struct request request;
  struct resume resume;
  struct sink sink;
  struct way way; /* what of it was shown */

  /* From here on zeroed when it is made; what stands before has room for
   * texts, and begins by functions of its own. */
  struct journal rest; /* of a block of the way, whichever attempt began it */
  struct tally *tally; /* owned, memory kept; NULL: never needed */
  char *former_url;    /* the call's, once is_changed; owned; NULL: as set */
  char attempt_text[POLICY_NAME_SIZE + 16]; /* ATTEMPT_HEADER's line */
  struct faulting *faulting; /* fault.c; owned; NULL: no faults */
  char method[32];           /* of the call's first request; "": unknown */
  struct verdict verdict; /* on the attempt at hand; VERDICT_SUCCESS: not asked
                             for */
  struct overrides overrides; /* all 0 between calls */

  /* From here on a call's own: zeroed as one when it begins. */
  const struct policy *policy;
  uint64_t number;           /* unique in the process, from 1 on */
  struct siblings *siblings; /* of a multi handle; NULL: curl_easy_perform() */
  struct call *next_watched; /* siblings.c */
  struct call **watched_by;  /* NULL: it isn't */
  enum url_scheme scheme;    /* of the call's URL */
  enum phase phase;
  enum phase phase_after; /* a hand-over */
  struct attempt *now;
  struct attempt *kept; /* what the program gets if the retry comes to nothing:
                           the previous outcome, or the one that broke a
                           committed body. NULL: none */
  int64_t began_at;     /* monotonic, ms */
  int64_t attempt_at;   /* when the attempt that was made last began */
  int64_t moved_at;     /* the last byte that counts for MAX_TIME */
  int64_t due_at;       /* when the wait is over */
  int64_t waited_ms;    /* in all waits that are over */
  unsigned attempts_made;
  bool is_alive; /* a first sign of it: no longer in a queue of libcurl's */
  bool notes_activity; /* the first sign of it, or each for STALL_TIMEOUT */
  unsigned retries;    /* counted ones */
  unsigned answered;   /* challenges, in attempts before: hop.h */
  bool was_repeated;   /* at once, since the last of them */
  int spent;           /* budget tokens taken */
  int charged;         /* of those, for the retry at hand */
  bool leads;          /* it was the first of its incident's to be charged */
  unsigned incident;   /* the last one it was part of; 0: none */
  bool is_same_connection;      /* ... it failed on failed_connection twice */
  curl_off_t failed_connection; /* connection_id() + 1; 0: none */
  bool used_socket;       /* an attempt before had a connection: sockets.h */
  uint64_t origin;        /* hash; 0: not computed yet */
  curl_off_t progress[4]; /* as the program was told last */
  curl_off_t reached[4];  /* the same when this attempt began */
  bool is_delayed;        /* PHASE_WAIT: by a fault, not for a retry */
  bool is_abandoned;      /* the program reset the handle in a callback */
  bool is_changed;        /* ... or set what may be meant for its next job */
};

/* The call that runs on the handle, or that a longjmp left; NULL: none. */
static inline struct call *call_of(const struct handle *handle) {
  return handle->call && handle->call->phase != PHASE_NONE ? handle->call
                                                           : NULL;
}

/* Whether the program uses the handle for something else already: no other
 * attempt is made. */
static inline bool call_is_over(const struct call *call) {
  return call->is_abandoned || call->is_changed;
}

/* Whether nothing is held. */
static inline bool call_holds_nothing(const struct call *call) {
  return journal_is_empty(&call->now->response.journal) &&
         journal_is_empty(&call->rest);
}

/* The handle's call for a new use, its memory reused. `ours`: our callbacks.
 * NULL: out of memory. */
struct call *call_renew(struct handle *handle, const struct policy *policy,
                        struct ours (*ours)(void));

/* Forget an attempt; some memory is kept for the next. */
void attempt_clear(struct attempt *attempt);

/* What is held of a response is forgotten. */
void call_drop_held(struct call *call);

/* Everything of the call is forgotten but some memory. */
void call_clear(struct call *call);

/* Free a call's memory; NULL is allowed. */
void call_free(struct call *call);

/* Whether the attempt at hand is ended by MAX_TIME: one after the first. */
static inline bool call_is_bounded(const struct call *call) {
  return call->now->number > 1 &&
         call->policy->max_time_ms != POLICY_UNLIMITED;
}

/* Whether the program paused the upload or the response. */
static inline bool call_is_paused(const struct call *call) {
  return call->request.is_paused || call->sink.is_paused;
}

/* When the call began or last moved a byte (MAX_TIME): of the request's body,
 * or of an answer that the program gets or has; ms. */
int64_t call_moved_at(const struct call *call);

/* Milliseconds since then. */
int64_t call_idle_ms(const struct call *call, int64_t now);

/* Milliseconds left to the program's own deadline; POLICY_UNLIMITED: none. */
int64_t call_time_left_ms(const struct call *call, int64_t now);

/* Whether the program's own timeout has passed, of the call or of the attempt
 * (TIMEOUT_SCOPE): libcurl isn't there to end a paused hand-over. */
bool call_is_out_of_time(const struct call *call, int64_t now);

/* libcurl's error text for the program, if it has a buffer for it. */
void call_set_error(const struct call *call, const char *text);

#endif
