/* report.h - the log lines about a call. Decides nothing. */
#ifndef CURLRETRY_REPORT_H
#define CURLRETRY_REPORT_H

#include "engine/call.h"

/* call->verdict: a retry, or one that DRY_RUN only announces; a failure that
 * is given up; at `debug` also one that is never retried. Nothing for a
 * success. */
void report_verdict(struct call *call);

/* The answer to a resume was not the rest of what the program has. */
void report_mismatch(struct call *call);

/* A call that succeeded after retries. */
void report_success(struct call *call);

#endif
