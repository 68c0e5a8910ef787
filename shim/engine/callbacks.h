/* callbacks.h - what libcurl calls while it has a transfer of ours: the only
 * place where request and response meet.
 */
#ifndef CURLRETRY_CALLBACKS_H
#define CURLRETRY_CALLBACKS_H

#include "engine/call.h"

/* Our callbacks; their data is the struct call. Filled in code: a table would
 * be relocated at the start of every process. */
struct ours callbacks_ours(void);

/* When a call that libcurl has needs its progress callback called, since one
 * of our clocks is over then: a driver whose libcurl doesn't see to that does.
 * From now on libcurl has that callback where it is the response's clock.
 * Monotonic ms, maybe long past; INT64_MAX: never, as far as is known now
 * (siblings_watch() says when that changes). */
int64_t callbacks_due(struct call *call);

#endif
