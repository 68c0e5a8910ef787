/* options_set.h - the call's curl_easy_setopt(), for the files that set
 * options of libcurl.
 */
#ifndef CURLRETRY_OPTIONS_SET_H
#define CURLRETRY_OPTIONS_SET_H

#include "engine/call.h"

typedef CURLcode (*setter)(CURL *, CURLoption, ...);

static inline setter setter_of(const struct call *call) {
  return call->handle->library->easy_setopt;
}

/* For another transfer of the call's: libcurl calls HSTSREADFUNCTION at each
 * perform, the program expects that once. */
static inline void options_read_no_hsts(const struct call *call) {
  if (call->handle->shadow.attempt.hsts_read)
    (void)setter_of(call)(call->handle->curl, CURLOPT_HSTSREADFUNCTION, NULL);
}

#endif
