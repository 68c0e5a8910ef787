/* Basic and Digest authentication of the user "user" with password "secret"
   (RFC 7617; RFC 7616 with MD5 and qop=auth). */
#ifndef FAULTY_AUTH_H
#define FAULTY_AUTH_H

#include "request.h"

#include <stdio.h>

/* True when REQUEST carries right credentials of SCHEME ("basic" or
   "digest"), for the proxy or for the origin. */
bool auth_accepts(const struct request *request, const char *scheme,
                  bool is_proxy);

/* Writes the challenge's header line. Each Digest challenge has a new nonce;
   all nonces of this process stay valid. */
void auth_challenge(FILE *head, const char *scheme, bool is_proxy);

#endif
