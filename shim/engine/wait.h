/* wait.h - waiting between attempts, and for a paused hand-over. */
#ifndef CURLRETRY_WAIT_H
#define CURLRETRY_WAIT_H

#include "engine/call.h"

/* Wait `delay_ms` on the monotonic clock, calling the program's progress
 * callback at least every 100 ms where it has one. Signals neither end nor
 * lengthen the wait. CURLE_OK, or CURLE_ABORTED_BY_CALLBACK when the program
 * said stop. */
CURLcode wait_delay(struct call *call, int64_t delay_ms);

/* Wait until curl_easy_pause() lets a paused hand-over go on. CURLE_OK, or
 * CURLE_ABORTED_BY_CALLBACK, or CURLE_OPERATION_TIMEDOUT at the program's
 * own deadline. */
CURLcode wait_for_unpause(struct call *call);

#endif
