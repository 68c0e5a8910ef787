/* ending.h - what becomes of a call whose attempt ended. */
#ifndef CURLRETRY_ENDING_H
#define CURLRETRY_ENDING_H

#include "engine/call.h"

enum ending {
  ENDING_JUDGE,    /* the policy is to be asked */
  ENDING_DELIVER,  /* the program gets this outcome */
  ENDING_KEPT,     /* the one before it: this attempt couldn't begin */
  ENDING_MISMATCH, /* this wasn't the rest of the body: another attempt, or
                      the failure that broke it */
  ENDING_RETRY
};

/* What it depends on. */
struct ended {
  bool is_committed; /* the program has a part of this attempt's response */
  bool is_resuming;  /* it was to continue a body, and didn't come so far */
  bool was_resumed;  /* it continued one */
  bool is_short;     /* ... that ended too early */
  bool has_kept;     /* a whole outcome before this one is kept */
  enum cause cause;
  CURLcode code;
  bool is_judged; /* `reason` is the policy's */
  enum verdict_reason reason;
};

/* Pure: the rules of design.md, "Response" and "Resume". */
enum ending ending_of(const struct ended *ended);

/* The same for the attempt at hand. */
enum ending ending_now(const struct call *call);

/* Whether a failure that is never retried is, in an attempt that was to
 * continue a body, an answer that isn't its rest. */
bool ending_is_other_answer(CURLcode code);

/* Set its code from the real transfer's: what we ended ourselves is no
 * refusal of the program's. */
void ending_set_code(struct call *call, CURLcode code);

/* Whether the attempt at hand doesn't replace what is kept: the failure that
 * broke a body, while its rest didn't come; the outcome before an attempt that
 * we ended ourselves, or that met a dead connection. */
bool ending_leaves_kept(const struct call *call);

/* Keep what the program gets if the retry comes to nothing, and make room for
 * the next attempt. False: without memory for it nothing is retried. */
bool ending_keep(struct call *call);

/* The program gets what is kept, with its getinfo and error text: it is the
 * attempt at hand again. */
void ending_restore(struct call *call);

#endif
