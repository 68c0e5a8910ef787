/* outcome.h - what the policy is told about an attempt. */
#ifndef CURLRETRY_OUTCOME_H
#define CURLRETRY_OUTCOME_H

#include "engine/call.h"

/* Collect the outcome of the attempt so far; `code` is its CURLcode (CURLE_OK
 * while it still runs). Pointers in it live as long as the call. */
void outcome_collect(struct call *call, CURLcode code,
                     struct outcome *outcome);

/* The origin of the call's URL, for its budget. */
uint64_t outcome_origin(struct call *call);

/* The call's URL as the program gave it. "" when there is none. */
const char *outcome_url(const struct call *call);

/* "status 503", "reset (56)": into `text`. */
#define OUTCOME_CAUSE_SIZE 48
void outcome_cause(const struct verdict *verdict, CURLcode code, char *text);

#endif
