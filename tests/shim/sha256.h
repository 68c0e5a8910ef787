/* sha256.h - SHA-256 without asking the server: for tests that need it often
 * and from several threads. */
#ifndef CURLRETRY_SHIM_SHA256_H
#define CURLRETRY_SHIM_SHA256_H

#include "setup.h"

struct hash sha256_of(const void *bytes, size_t length);

#endif
