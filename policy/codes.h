/* codes.h - what kind of failure each CURLcode is, and the kinds' names. */
#ifndef CURLRETRY_CODES_H
#define CURLRETRY_CODES_H

#include "policy.h"

/* The class of a CURLcode; CLASS_FINAL for a code of no class. */
enum retry_class codes_class(int code);

/* Whether ON can't select the code, not even by curl:N. */
bool codes_is_never(int code);

/* Whether a failed proxy handshake (CURLE_PROXY) may go better next time,
 * by its CURLINFO_PROXY_ERROR. */
bool codes_proxy_may_pass(int proxy_error);

/* "dns", "connect" ...: the word of ON and of the logs. Static text; "final"
 * for what is no class. */
const char *policy_class_name(enum retry_class retry_class);

#endif
