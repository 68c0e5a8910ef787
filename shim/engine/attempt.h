/* attempt.h - one real transfer: its beginning, its cause of death, the
 * program's progress callback while it lives.
 */
#ifndef CURLRETRY_ATTEMPT_H
#define CURLRETRY_ATTEMPT_H

#include "engine/siblings.h"
#include "host/clock.h"

/* Begin the next attempt of the call: nothing of an earlier one is left. */
void attempt_begin(struct call *call);

/* The attempt is ended by `cause`: the strongest word counts. */
static inline void attempt_stop(struct attempt *attempt, enum cause cause) {
  if (attempt->cause < cause)
    attempt->cause = cause;
}

/* The program refused with `code`. */
static inline void attempt_refuse(struct call *call, CURLcode code) {
  call->sink.refusal.code = code;
  attempt_stop(call->now, BY_PROGRAM);
}

/* The first sign of life of an attempt that libcurl may have had in a queue:
 * the time until then is not for MAX_TIME. */
void attempt_revive(struct call *call);

/* A byte was sent or received, where that is to be noted. */
void attempt_note_active(struct call *call);
static inline void attempt_active(struct call *call) {
  if (call->notes_activity)
    attempt_note_active(call);
}

/* Nobody could move a byte until now: the program had paused. */
static inline void attempt_waited(struct call *call) {
  call->moved_at = clock_now_ms();
  call->now->activity_at = call->moved_at;
}

/* Whether STALL_TIMEOUT, or in an attempt after the first MAX_TIME, has passed
 * without a byte. `has_moved`: libcurl just told of some. */
bool attempt_is_stalled(struct call *call, bool has_moved, int64_t now);

/* When that is to be looked at next; ms. INT64_MAX: never, as far as is known
 * now. */
int64_t attempt_due(const struct call *call);

/* libcurl's progress as the program sees it: one transfer, in which nothing
 * goes back. */
void attempt_note_progress(struct call *call, const curl_off_t values[4]);

/* Capture what getinfo says now into `*where`: memory of the handle's, made
 * once. False: there is none. */
bool attempt_capture(const struct call *call, struct info **where);

/* The same on the way to the answer: `response.has_way_info` says whether
 * there is one. */
void attempt_capture_way(struct call *call);

/* Call the program's progress callback with the last values. Its answer; a
 * refusal is recorded. */
int attempt_tell_progress(struct call *call);

#endif
