/* callbacks.h - what libcurl calls while it has a transfer of ours: the only
 * place where request and response meet.
 */
#ifndef CURLRETRY_CALLBACKS_H
#define CURLRETRY_CALLBACKS_H

#include "engine/call.h"

/* Our callbacks; their data is the struct call. Filled in code: a table would
 * be relocated at the start of every process. */
struct ours callbacks_ours(void);

#endif
