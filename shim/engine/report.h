/* report.h - what is said about a call, in the log and in the trace. Decides
 * nothing.
 */
#ifndef CURLRETRY_REPORT_H
#define CURLRETRY_REPORT_H

#include "engine/call.h"
#include "host/event.h"

void report_first(const struct call *call);

/* A call begins. Of the process's first one: version, libcurl and policy, at
 * `info`. */
static inline void report_begin(const struct call *call) {
  if (call->number == 1 && call->policy->log_level >= LEVEL_INFO)
    report_first(call);
}

/* call->verdict: a retry, or one that DRY_RUN only announces; a failure that
 * is given up; at `debug` also one that is never retried. Nothing for a
 * success. */
void report_verdict(struct call *call);

/* The answer to a resume was not the rest of what the program has. */
void report_mismatch(struct call *call);

/* The attempt that `event` tells of ended, and call->verdict is the answer to
 * it. Where the trace is on. */
void report_attempt(struct call *call, struct attempt_event *event);

/* The call ended. */
void report_end(struct call *call);

/* The program took the transfer away. */
void report_abandon(struct call *call);

#endif
