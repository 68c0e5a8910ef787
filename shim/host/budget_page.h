/* budget_page.h - the budgets that all processes of a user share: one page,
 * a file in /dev/shm, mapped.
 *
 * Every content is a legal one (budget.h), so a process may be killed in any
 * instruction, and whatever a file of that name held does no harm. Only its
 * owner can shorten it, which would raise SIGBUS in those that have it mapped:
 * who may do that may kill them, too. Nothing prevents it: what has a name
 * can't be sealed. Removing it is safe at any time.
 */
#ifndef CURLRETRY_BUDGET_PAGE_H
#define CURLRETRY_BUDGET_PAGE_H

#include "budget.h"

#include <stddef.h>

#define BUDGET_PAGE_FOLDER "/dev/shm"
#define BUDGET_PAGE_PATH_SIZE 64

/* The path of the page of the effective user, with a final zero. A format of
 * the page or of the origins' hashes that isn't this one has another name. */
void budget_page_path(const char *folder, char *path);

/* Open or make the user's page in `folder`, and map it, for ever. Only a
 * regular file of the user's alone (owner, mode 0600, one name) in memory
 * (tmpfs), of the right size and format is used; no descriptor stays open.
 * Several threads and processes may make it at one time. NULL: it can't be
 * used, `problem` says why, static text. */
struct budget_table *budget_page_open(const char *folder,
                                      const char **problem);

#endif
