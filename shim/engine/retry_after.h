/* retry_after.h - how long a server asks for.
 */
#ifndef CURLRETRY_RETRY_AFTER_H
#define CURLRETRY_RETRY_AFTER_H

#include "engine/call.h"

/* Retry-After of the response, or of the proxy's that refused CONNECT; ms.
 * 0: none. */
int64_t retry_after_ms(const struct call *call, bool is_connect);

#endif
