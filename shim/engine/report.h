/* report.h - the log lines about a call. */
#ifndef CURLRETRY_REPORT_H
#define CURLRETRY_REPORT_H

#include "engine/call.h"

/* A retry, or one that DRY_RUN only announces. */
void report_retry(struct call *call, const struct verdict *verdict);

/* A failure the policy would have retried, and didn't; at `debug` also one it
 * never would. */
void report_giving_up(struct call *call, const struct verdict *verdict);

/* The answer to a resume was not the rest of what the program has. */
void report_mismatch(struct call *call);

/* A call that succeeded after retries. */
void report_success(struct call *call);

#endif
