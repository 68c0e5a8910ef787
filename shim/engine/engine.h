/* engine.h - the steps of a call. No step waits or sleeps: whoever drives them
 * does.
 *
 * After begin the driver makes the real transfer and tells of its end by
 * performed(); then next() says what to do: PERFORM, the same again; WAIT,
 * come back at the time, or earlier; END.
 */
#ifndef CURLRETRY_ENGINE_H
#define CURLRETRY_ENGINE_H

#include "engine/call.h"

/* Take a call of the handle over: from now on our callbacks and options are
 * on it. NULL: it is passed through (no policy covers it, or out of memory).
 * `policy` must outlive the call; NULL: none. So must `siblings`, the other
 * calls of a multi handle; NULL for curl_easy_perform(). */
struct call *engine_begin(struct handle *handle, const struct policy *policy,
                          struct siblings *siblings);

struct next {
  enum next_step { NEXT_PERFORM, NEXT_WAIT, NEXT_END } step;
  int64_t at; /* NEXT_WAIT: come back then, monotonic ms */
};

/* What the driver does now. May call the program's callbacks. `now`: monotonic
 * ms. */
struct next engine_next(struct call *call, int64_t now);

/* The real transfer ended with `code`. */
void engine_performed(struct call *call, CURLcode code);

/* After NEXT_END: the handle is as the program left it. Returns the call's
 * CURLcode. */
CURLcode engine_end(struct call *call);

/* The call ends without an outcome: the program left it by longjmp, or took
 * the transfer away. Nothing is delivered. */
void engine_abandon(struct call *call);

#endif
