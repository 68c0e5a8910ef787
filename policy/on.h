/* on.h - the ON list: which failures are retried. */
#ifndef CURLRETRY_ON_H
#define CURLRETRY_ON_H

#include "policy.h"
#include "slice.h"

/* Fill `set` from an ON list. False with the entry that is not understood
 * in `bad`. */
bool on_parse(struct retry_set *set, struct slice list, struct slice *bad);

bool on_has_code(const struct retry_set *set, int code);
bool on_has_status(const struct retry_set *set, int status);

#endif
