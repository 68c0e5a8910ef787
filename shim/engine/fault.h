/* fault.h - attempts that fail on purpose (design.md, "Faults").
 *
 * libcurl itself makes the failure, of a real transfer that goes nowhere: see
 * README.md. What breaks in the middle of a body is a real transfer up to
 * there. Nothing here is called where FAULTS is not set.
 */
#ifndef CURLRETRY_FAULT_H
#define CURLRETRY_FAULT_H

#include "engine/call.h"

static inline bool fault_is_possible(const struct call *call) {
  return call->faulting != NULL;
}

/* The call's first attempt is about to begin. Where it is to wait, the real
 * transfer that begins now ends at once, and is none: fault_performed(). */
void fault_first(struct call *call);

/* PHASE_READY. True: the attempt is to wait, or it was the call's first and
 * has begun; the phase says so. */
bool fault_holds(struct call *call, int64_t now);

/* An attempt after the first begins; all its options are set. */
void fault_begin(struct call *call);

/* The real transfer ended. True: it was none, and the call waits. */
bool fault_performed(struct call *call);

/* What the attempt's code is, given libcurl's; `*text` becomes its error text
 * where libcurl didn't write it. */
CURLcode fault_code(struct call *call, CURLcode code, const char **text);

/* How many of the next `length` bytes of the body come before it breaks; that
 * they came. */
size_t fault_body_left(const struct call *call, size_t length);
void fault_body_came(struct call *call, size_t length);

/* The call is over, or left. */
void fault_end(struct call *call);

#endif
