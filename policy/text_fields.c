/* text_fields.c - see text_fields.h. */
#include "text_fields.h"

#include <string.h>

/* Headers that frame the message, choose its meaning or prove who sends it:
 * a number in their place changes the request. RFC 9110 sections 7 to 14,
 * RFC 9112 sections 6 and 9, RFC 6265, the Idempotency-Key draft. */
static const char reserved_headers[] =
    "host|content-length|transfer-encoding|connection|proxy-connection|"
    "keep-alive|te|trailer|upgrade|http2-settings|expect|max-forwards|"
    "authorization|proxy-authorization|cookie|origin|referer|user-agent|from|"
    "content-type|content-encoding|content-range|content-location|"
    "accept|accept-encoding|accept-language|cache-control|date|"
    "range|if-range|if-match|if-none-match|if-modified-since|"
    "if-unmodified-since|idempotency-key|x-idempotency-key|early-data";

const char *text_fields_header(struct policy *policy, struct slice value) {
  bool is_valid = value.length < sizeof policy->attempt_header;
  for (size_t i = 0; is_valid && i < value.length; i++)
    is_valid = slice_is_token(value.at[i]);
  if (!is_valid)
    return "not understood";
  if (slice_find(value, reserved_headers) >= 0)
    return "a header with a meaning of its own";
  if (slice_find(value, "off|none|0") >= 0)
    value.length = 0;
  memcpy(policy->attempt_header, value.at, value.length);
  policy->attempt_header[value.length] = '\0';
  return NULL;
}

/* "warn" or "true" is a slip, not a file in the working directory. */
static bool store_path(char *path, struct slice value) {
  if (memchr(value.at, '/', value.length) == NULL ||
      value.length >= POLICY_PATH_SIZE)
    return false;
  memcpy(path, value.at, value.length);
  path[value.length] = '\0';
  return true;
}

const char *text_fields_log(struct policy *policy, struct slice value) {
  int target = slice_find(value, "stderr|syslog|off");
  policy->log_target = target >= 0 ? (enum log_target)target : LOG_TO_FILE;
  if (target >= 0 || store_path(policy->log_path, value))
    return NULL;
  return "not understood";
}

const char *text_fields_trace(struct policy *policy, struct slice value) {
  policy->trace_path[0] = '\0';
  if (slice_find(value, "off|0") >= 0 || store_path(policy->trace_path, value))
    return NULL;
  return "not understood";
}
