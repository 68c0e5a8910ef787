/* call.h - one curl_easy_perform() of the program: its state and its steps.
 *
 * The engine does not know who drives it: begin, attempt-done, prepare-retry
 * and end are steps; the blocking loop around the real perform is one driver.
 * A call's memory belongs to its handle and is reused by the next call.
 */
#ifndef CURLRETRY_CALL_H
#define CURLRETRY_CALL_H

#include "exchange/hop.h"
#include "exchange/request.h"
#include "exchange/response.h"
#include "exchange/resume.h"
#include "judge.h"
#include "libcurl/info.h"
#include "program/handle.h"

#include <pthread.h>
#include <stdatomic.h>

/* What the engine is doing: decides what the other wrappers may do. */
enum call_phase {
  PHASE_NONE,     /* no call */
  PHASE_TRANSFER, /* inside the real perform */
  PHASE_WAIT,     /* between attempts */
  PHASE_HAND_OVER /* delivering after the real perform */
};

/* Why we ended an attempt ourselves: its CURLcode then isn't the program's
 * doing. */
enum call_stop {
  STOP_NONE,
  STOP_DRAIN,   /* a discarded body: long enough, or slow */
  STOP_STALL,   /* STALL_TIMEOUT */
  STOP_MISMATCH /* the program's seek led to other bytes */
};

struct call {
  struct handle *handle;
  const struct library *library;
  CURL *curl;
  const struct policy *policy;
  enum url_scheme scheme; /* of the call's URL */
  const void *frame;      /* of the perform that runs: tells a stale call */
  pthread_t thread;
  enum call_phase phase;

  int64_t began_at;     /* monotonic, ms */
  int64_t delivered_at; /* the last byte handed to the program */
  unsigned attempt;     /* 1 is the first */
  unsigned retries;     /* counted ones */
  int spent;            /* budget tokens taken */
  uint64_t origin;      /* hash; 0: not computed yet */
  bool has_given_up;    /* said so in the log: the outcome is a failure */
  bool is_abandoned;    /* the program reset the handle in a callback */
  bool has_overrides;   /* attempt options differ from the program's */
  int64_t override_at;  /* when they were set: libcurl's timeout starts */
  long own_timeout_ms;  /* the attempt's timeout without MAX_TIME */
  bool is_bounded;      /* MAX_TIME is the attempt's timeout */
  atomic_bool is_receive_paused; /* by a callback's PAUSE, curl_easy_pause() */

  struct hop hop;
  struct response response;
  struct request request;
  struct resume resume;

  enum call_stop stop;   /* of this attempt */
  char refusal_text[96]; /* of a held piece: libcurl's own error text */
  CURLcode refusal;      /* the program's own, of this attempt */
  CURLcode code;         /* of this attempt, as the program may see it */
  char method[32];       /* of the call's first request; "": unknown */

  int64_t activity_at;    /* the last byte sent or received, for STALL */
  curl_off_t progress[4]; /* dltotal, dlnow, ultotal, ulnow as last told */
  curl_off_t moved[4];    /* as libcurl told them last */
  bool has_clock;         /* our progress callback is installed */
  bool is_metered;        /* and libcurl's own progress meter is on */

  struct info_view view_now; /* not on a stack that a longjmp leaves */
  const struct info_view
      *view; /* getinfo's, while held events are delivered */

  bool has_kept; /* the previous outcome is kept */
  CURLcode kept_code;
  struct response kept; /* its response, until the next header */
  struct info *past;    /* its getinfo; owned, made by the first retry */
  struct info *first;   /* of the committed response that was resumed */
  CURLcode broken_code; /* what broke the committed body */

  struct curl_slist attempt_header; /* ATTEMPT_HEADER */
  char attempt_text[POLICY_NAME_SIZE + 16];
};

/* curl_easy_perform(). `frame`: the wrapper's frame address. */
CURLcode call_perform(struct handle *handle, const void *frame);

/* Whether a call runs on this handle and this stack, below its frame: a
 * nested use from a callback. False for a call that was left by longjmp. */
bool call_is_nested(const struct handle *handle, const void *frame);

/* Give a handle back that a longjmp left in a call: the program uses it
 * otherwise now. */
void call_release(struct handle *handle, const void *frame);

/* curl_easy_pause() while a call runs. */
CURLcode call_pause(struct call *call, int action);

/* Whether the failure at hand would be retried: asks the policy. Fills
 * `verdict`. `code` is the CURLcode to judge by. */
bool call_judge(struct call *call, CURLcode code, struct verdict *verdict);

/* Answer curl_easy_getinfo() where libcurl's own answer is of another moment.
 * False: ask libcurl. */
bool call_answers(const struct handle *handle, CURLINFO id, void *answer);

/* The header fields that curl_easy_header() must answer from; NULL: libcurl's
 * own are right. */
struct headers *call_headers(const struct handle *handle);

/* Free a call's memory; NULL is allowed. */
void call_free(struct call *call);

#endif
