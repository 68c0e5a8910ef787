/* options_opener.h - the program's OPENSOCKETFUNCTION, which ours asks in a
 * call: see sockets.h.
 */
#ifndef CURLRETRY_OPTIONS_OPENER_H
#define CURLRETRY_OPTIONS_OPENER_H

#include "engine/call.h"

/* Ours in place of the program's, where it has one. */
void options_opener_take(struct call *call);

/* Whether `option` is one of those, and ours at this moment. */
bool options_opener_holds(const struct call *call, CURLoption option);

/* The program's again, for `curl`: the call's handle, or a duplicate of it
 * that was made meanwhile. */
void options_opener_give_back(const struct call *call, CURL *curl);

#endif
