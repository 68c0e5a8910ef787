/* methods.h - the METHODS list: which requests may be sent twice. */
#ifndef CURLRETRY_METHODS_H
#define CURLRETRY_METHODS_H

#include "policy.h"
#include "slice.h"

/* Store a METHODS list in `methods` (POLICY_LIST_SIZE bytes), upper case and
 * without blanks. False with the entry that is no method in `bad`; the list's
 * length is the caller's to check. */
bool methods_parse(char *methods, struct slice list, struct slice *bad);

/* Whether METHODS lets `method` be repeated after it was sent: the last three
 * as in struct outcome. `has_side_commands`: more than the method is repeated,
 * so that it is not idempotent either. */
bool methods_allow(const char *methods, const char *method,
                   bool has_idempotency_key, bool has_precondition,
                   bool has_side_commands);

#endif
