/* reason.h - the words behind a status in its line (RFC 9112, 4). */
#ifndef CURLRETRY_REASON_H
#define CURLRETRY_REASON_H

/* "Service Unavailable" for 503 (RFC 9110, 15); "Injected" for what has none
 * here. Static text. */
const char *reason_phrase(int status);

#endif
