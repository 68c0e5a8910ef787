/* ending.h - how an attempt's outcome reaches the program, or is kept until
 * the next attempt has answered.
 */
#ifndef CURLRETRY_ENDING_H
#define CURLRETRY_ENDING_H

#include "engine/call.h"

/* libcurl's error text for the program, if it has a buffer for it. */
void ending_set_error(const struct call *call, const char *text);

/* Set call->code from the real perform's `code`: what we ended ourselves is
 * no refusal of the program's. */
void ending_settle(struct call *call, CURLcode code);

/* The outcome at hand goes to the program; call->code becomes its code. */
void ending_deliver(struct call *call);

/* The outcome before the one at hand goes to the program, with its getinfo
 * and error text. */
void ending_deliver_kept(struct call *call);

/* A continued body can't be continued: the program gets the failure that
 * broke it, as that attempt left it. */
void ending_fail_resume(struct call *call);

/* Deliver what a pause left in the journal of a committed response. False:
 * that ended the call, call->code says how. */
bool ending_deliver_rest(struct call *call);

/* Keep what the program gets if the retry comes to nothing. False: without
 * memory for it nothing is retried. */
bool ending_keep(struct call *call);

#endif
