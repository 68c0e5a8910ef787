/* trace.h - CURLRETRY_TRACE: every call and attempt as a line of JSON. Version
 * 1 of the format is in libcurlretry(7): fields are added, never renamed.
 */
#ifndef CURLRETRY_TRACE_H
#define CURLRETRY_TRACE_H

#include "host/event.h"
#include "policy.h"

static inline bool trace_is_on(const struct policy *policy) {
  return policy && policy->trace_path[0];
}

/* Each does nothing where the trace is off. URLs are redacted here. errno is
 * kept; nothing is allocated. */

/* A line for an attempt, one for a call, or both at once, which costs half:
 * NULL is none. */
void trace_write(const struct policy *policy,
                 const struct attempt_event *attempt,
                 const struct call_event *call);

/* `call`: 0 for what belongs to none. */
void trace_note(const struct policy *policy, enum log_level level,
                uint64_t call, const char *text);

#endif
