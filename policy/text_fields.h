/* text_fields.h - the variables whose value stays a text: header, log, trace.
 */
#ifndef CURLRETRY_TEXT_FIELDS_H
#define CURLRETRY_TEXT_FIELDS_H

#include "policy.h"
#include "slice.h"

/* Set attempt_header. NULL, or what is wrong with the name. */
const char *text_fields_header(struct policy *policy, struct slice value);

/* Set log_target and log_path. NULL, or what is wrong with the value. */
const char *text_fields_log(struct policy *policy, struct slice value);

/* Set trace_path. NULL, or what is wrong with the value. */
const char *text_fields_trace(struct policy *policy, struct slice value);

#endif
