/* account.h - what is told of an attempt: who it was with, how it went, how
 * long it took.
 */
#ifndef CURLRETRY_ACCOUNT_H
#define CURLRETRY_ACCOUNT_H

#include "engine/call.h"
#include "host/event.h"

/* The attempt at hand, so far. Texts in `event` live until the next transfer
 * of the handle. The policy's answer isn't asked for. */
void account_take(struct call *call, struct attempt_event *event);

/* Add an attempt that ended to the call's tally. */
void account_add(struct call *call, const struct attempt_event *event);

#endif
