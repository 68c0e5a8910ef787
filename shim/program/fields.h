/* fields.h - the request's header fields that the program set, one line each:
 * CURLOPT_HTTPHEADER(3). "Name:" takes a field of libcurl's off, "Name;" sends
 * one without a value: neither is one here.
 */
#ifndef CURLRETRY_FIELDS_H
#define CURLRETRY_FIELDS_H

#include "newer.h"

#include <stdbool.h>

/* Whether the field `name` (lower case) is among them. NULL: no lines. */
bool fields_have(const struct curl_slist *lines, const char *name);

/* Whether Content-Type is this media type (lower case), with any parameters,
 * and no other one: RFC 9110, 8.3. */
bool fields_are_of_type(const struct curl_slist *lines, const char *type);

#endif
