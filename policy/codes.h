/* codes.h - what kind of failure each CURLcode is. */
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

#endif
