/* proxy.h - which proxies a request would go through, for what is told of it.
 * Whether it does, libcurl says from 8.7 on (CURLINFO_USED_PROXY).
 */
#ifndef CURLRETRY_PROXY_H
#define CURLRETRY_PROXY_H

#include "program/shadow.h"

/* The proxy for `url` that the program or the environment names, as
 * "host:port" into `text` (`size` bytes, at least 1; cut to fit). "": none.
 * With PRE_PROXY there may be two: `is_front` asks for the one that is
 * connected to. NO_PROXY isn't looked at. A text that may have a password
 * where a host should be gives "", too. */
void proxy_name(const struct shadow *shadow, const char *url, bool is_front,
                char *text, size_t size);

/* Whether NOPROXY, or NO_PROXY of the environment, names any host. */
bool proxy_may_be_left_out(const struct shadow *shadow);

#endif
