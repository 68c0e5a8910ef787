/* sockets.h - the program's CURLOPT_OPENSOCKETFUNCTION: whether it makes a
 * socket each time it is asked, or has one descriptor to give. One that was
 * given once is closed by libcurl, and its number may be a file of the
 * program's by now.
 */
#ifndef CURLRETRY_SOCKETS_H
#define CURLRETRY_SOCKETS_H

#include "engine/call.h"

/* CURLOPT_OPENSOCKETFUNCTION(3) as we install it; `data` is the struct call.
 * The program's is asked. Once an attempt of the call had a connection, what
 * it didn't make just then is CURL_SOCKET_BAD: that one's socket may be
 * closed. */
curl_socket_t sockets_open(void *data, curlsocktype purpose,
                           struct curl_sockaddr *address);

/* Whether a retry may not ask the program for another socket. It may for the
 * first one of the call: after a name that wasn't resolved. */
bool sockets_are_given(const struct call *call);

#endif
