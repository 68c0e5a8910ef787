/* connection.h - what an attempt's connection was.
 */
#ifndef CURLRETRY_CONNECTION_H
#define CURLRETRY_CONNECTION_H

#include "engine/call.h"

/* Remember whether the connection of the request that is about to be sent is
 * one of the pool. */
void connection_note(struct call *call);

/* Whom the last connection was made to: address and port, where known; else
 * "". */
void connection_peer(const struct call *call, char *text, size_t size);

/* What tells the transfer's connection from others that are open: its local
 * port, or where there is none libcurl's number of it, from 8.2 on; -1:
 * unknown. */
curl_off_t connection_id(const struct call *call);

/* Whether the attempt at hand had a connection, or may have had one: a new one
 * on a socket of the program's, or one that was there. */
bool connection_was_used(const struct call *call);

/* The attempt at hand failed, and is to be retried. Twice on one connection:
 * libcurl keeps one that died for as long as a paused stream is on it, and
 * puts retries there. */
void connection_failed(struct call *call);

/* Whether other transfers of the multi handle have the same connection, or
 * may have: HTTP/2 and HTTP/3. */
bool connection_is_multiplexed(const struct call *call);

/* Whether the retry may have a fresh one. Transfers of a multi handle share
 * it, or may, with HTTP/2 and HTTP/3: a fresh one for each would be one for
 * each stream, and where it died libcurl has closed it. Where that didn't
 * help, one of them gets one; and none spends its last retry on a connection
 * that it has failed on twice. */
bool connection_may_be_left(const struct call *call);

#endif
