/* method.h - the method of a call's first request: what the log says, and what
 * is asked for again.
 */
#ifndef CURLRETRY_METHOD_H
#define CURLRETRY_METHOD_H

#include "engine/call.h"

/* The method of the call's first request; before it is sent, what libcurl
 * would say then. NULL: unknown. */
const char *method_of(const struct call *call);

/* Remember the method of the call's first request, when it is about to be
 * sent. */
void method_note(struct call *call);

/* The same as method_note() for libcurls that have no such moment: what
 * the program set. */
void method_guess(struct call *call);

#endif
