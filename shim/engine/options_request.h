/* options_request.h - what libcurl forgets of the program's request when it
 * follows a redirect.
 */
#ifndef CURLRETRY_OPTIONS_REQUEST_H
#define CURLRETRY_OPTIONS_REQUEST_H

#include "engine/call.h"

/* Before an attempt after the first: the program's request again. */
void options_request_again(const struct call *call);

#endif
