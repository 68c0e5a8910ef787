/* cost.h - what a call's retries cost: their count and the origin's tokens.
 */
#ifndef CURLRETRY_COST_H
#define CURLRETRY_COST_H

#include "engine/call.h"

/* Take the tokens of the retry that call->verdict asks for. False: there are
 * too few. */
bool cost_pay(struct call *call);

/* Where a resume got on: the count begins anew, the tokens so far are given
 * back (design.md, MAX_RETRIES). */
void cost_begin_anew(struct call *call);

/* Whether a success has anything to give back: a process without a failure
 * never has. */
bool cost_is_owed(const struct call *call);

/* The call succeeded: its retries' tokens are given back, or one. */
void cost_give_back(struct call *call);

/* The retry that call->verdict paid for isn't made: its tokens go back. */
void cost_refund(struct call *call);

#endif
