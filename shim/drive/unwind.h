/* unwind.h - to learn that a function was left without a return.
 *
 * C++ exceptions, pthread_cancel() and pthread_exit() unwind the stack, and
 * the handlers that then run may lie where the function's frame was: no
 * comparison of addresses tells them from what it called.
 */
#ifndef CURLRETRY_UNWIND_H
#define CURLRETRY_UNWIND_H

#include "program/handle.h"

/* function(data). When it is left by unwinding, `mark->frame` is NULL before
 * any handler of its callers runs. Not everywhere: musl's pthread_cancel()
 * doesn't unwind, and longjmp() never does. */
CURLcode unwind_watch(CURLcode (*function)(void *), void *data,
                      struct mark *mark);

#endif
