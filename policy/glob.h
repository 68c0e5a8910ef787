/* glob.h - the HOSTS and PROGRAMS lists. Matching: policy_glob() and
 * policy_glob_host(). */
#ifndef CURLRETRY_GLOB_H
#define CURLRETRY_GLOB_H

#include "policy.h"
#include "slice.h"

/* Store a list in `globs` (POLICY_LIST_SIZE bytes) without blanks around its
 * entries; a host's in lower case. False with the entry that can match
 * nothing in `bad`; the list's length is the caller's to check. */
bool glob_parse_hosts(char *globs, struct slice list, struct slice *bad);
bool glob_parse_programs(char *globs, struct slice list, struct slice *bad);

#endif
