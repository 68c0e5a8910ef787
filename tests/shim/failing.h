/* failing.h - the shim's own calls of libc fail where a test says so; those of
 * the program, of libcurl and of libc itself do not.
 */
#ifndef CURLRETRY_SHIM_FAILING_H
#define CURLRETRY_SHIM_FAILING_H

#include <stdbool.h>

/* curl_global_init(), before anything else. */
void failing_prepare(void);

/* Which calls: "memory", all that allocate, "process", the same and libcurl's
 * own (curl_global_init_mem(3)), "calls", all others that are known
 * here, or the name of a function. False: the shim calls no such function.
 * Once a process. */
bool failing_choose(const char *name);

/* From now on call number `at` (from 0) fails with `error`; with `goes_on` all
 * later ones do, too. */
void failing_begin(long at, bool goes_on, int error);

/* None fails any more. Returns how many did. */
long failing_end(void);

/* What the shim has allocated and not freed, but for the nodes of its table,
 * which are kept for the next handle. "memory" has to be chosen. */
long failing_blocks(void);

/* The lowest descriptor that the shim wrote to or set; "calls" has to be
 * chosen. */
int failing_lowest(void);

#endif
