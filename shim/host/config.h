/* config.h - the policy and the budgets of this process. */
#ifndef CURLRETRY_CONFIG_H
#define CURLRETRY_CONFIG_H

#include "budget.h"
#include "policy.h"

/* The policy, parsed at the first use; NULL when the process runs as if
 * unshimmed: DISABLE, MAX_RETRIES=0 without FAULTS, PROGRAMS, a policy that
 * can't be understood (reported then and there, once), a set-user-ID program.
 */
const struct policy *config_policy(void);

/* Whether dlopen() of `file` loses RTLD_DEEPBIND: not with KEEP_DEEPBIND, not
 * where the shim passes through. */
bool config_strips_deepbind(const char *file);

/* The budgets of this process. */
struct budget_table *config_budgets(void);

#endif
