/* meanwhile.h - what the program does to its handle while a call runs on it,
 * between the engine's steps or in a callback of one.
 */
#ifndef CURLRETRY_MEANWHILE_H
#define CURLRETRY_MEANWHILE_H

#include "engine/call.h"

/* curl_easy_pause(): arguments and result as libcurl's. */
CURLcode meanwhile_pause(struct call *call, int action);

/* The same in two parts, since libcurl calls the callbacks in the first, and
 * we do in the second, where the first went well. */
CURLcode meanwhile_pause_transfer(struct call *call, int action);
CURLcode meanwhile_show_held(struct call *call);

/* After curl_easy_reset(): no other attempt is made, and where none is under
 * way what is held is for nobody. */
void meanwhile_reset(struct call *call);

/* The program sets `option`: whether that may be for its next job is noted. */
void meanwhile_set(struct call *call, CURLoption option);

#endif
