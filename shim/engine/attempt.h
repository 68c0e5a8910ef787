/* attempt.h - one real perform: the options it runs under and its clocks. */
#ifndef CURLRETRY_ATTEMPT_H
#define CURLRETRY_ATTEMPT_H

#include "engine/call.h"
#include "host/runtime.h"

/* Install our callbacks over the program's, for all attempts of the call. */
void attempt_install(struct call *call);

/* From now on libcurl calls progress_on_info(), at least once a second: most
 * calls end without a moment at which that is needed. */
void attempt_start_clock(struct call *call);

/* Before each attempt: forget the last one's state. */
void attempt_begin(struct call *call);

/* Set what a retry changes: fresh connection, remaining time, attempt header.
 * `is_fresh`: connect and resolve anew. */
void attempt_override(struct call *call, bool is_fresh);

/* Give the program's values back, ours and the attempt's options. */
void attempt_restore(struct call *call);

/* The same for a duplicate that was made while the call runs. */
void attempt_give_back(const struct call *call, CURL *copy);

/* Whether `option` is replaced at this moment: the program's value then goes
 * to the shadow alone. */
bool attempt_holds(const struct call *call, CURLoption option);

/* The program set `option`, which is held: what hangs on it follows. */
void attempt_changed(struct call *call, CURLoption option);

/* A byte was sent or received. */
static inline void attempt_active(struct call *call) {
  if (call->policy->stall_timeout_ms != POLICY_UNLIMITED)
    call->activity_at = runtime_now_ms();
}

/* The first header line of the attempt: it is connected. */
void attempt_connected(struct call *call);

/* The first line of a header block came: the previous outcome is gone. */
void attempt_first_line(struct call *call);

/* The response was committed: MAX_TIME no longer ends the attempt. */
void attempt_committed(struct call *call);

/* Milliseconds since the call began or last delivered a byte (MAX_TIME). */
int64_t attempt_idle(const struct call *call, int64_t now);

/* Milliseconds left to the program's own deadline; POLICY_UNLIMITED: none. */
int64_t attempt_time_left(const struct call *call, int64_t now);

#endif
