/* outlet.h - from the journal and from libcurl to the program: the one way to
 * the sink.
 */
#ifndef CURLRETRY_OUTLET_H
#define CURLRETRY_OUTLET_H

#include "engine/call.h"

/* A value that libcurl takes for a failed write. */
static inline size_t outlet_refused(size_t length) { return length ? 0 : 1; }

/* End the attempt: what libcurl's callback has to return for it. */
size_t outlet_stop(struct call *call, enum cause cause, size_t length);

/* Hand over what is held of the attempt at hand, after the transfer. A refusal
 * ends it. */
enum delivery outlet_hand_over(struct call *call);

/* The same inside the transfer, where no callback of libcurl's can return a
 * pause: it is told of it. False: the program refused. */
bool outlet_flush(struct call *call);

/* From here on the response streams through; outlet_flush(). */
bool outlet_open(struct call *call);

/* The program is to see the way before libcurl goes on: hand over what is
 * held, although the answer stays held and may yet be retried. What an
 * attempt before this one showed is left out, what a pause left comes later.
 * False: the program refused. */
bool outlet_show(struct call *call);

/* Hand over what is held, then this event; commits. Returns what libcurl's
 * callback has to. */
size_t outlet_pass(struct call *call, const struct event *event);

/* The body goes on where the program's ends, after `repeated` bytes of the
 * piece at hand. */
void outlet_continue(struct call *call, size_t repeated);

#endif
