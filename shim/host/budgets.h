/* budgets.h - the retry tokens of this process's calls, or of all the user's
 * (BUDGET_SCOPE). The shared ones are looked up at the first use, once a
 * process; where they can't be used, the process's own stand in for them. */
#ifndef CURLRETRY_BUDGETS_H
#define CURLRETRY_BUDGETS_H

#include "policy.h"

/* Whether every origin has all its tokens: nothing can be given back. */
bool budgets_are_whole(const struct policy *policy);

/* Tokens left for `origin`. */
int budgets_left(const struct policy *policy, uint64_t origin);

/* Take `cost` tokens of it. False, and nothing taken, when fewer are left.
 * Here it is said, once, that those of the user can't be used: a process whose
 * transfers succeed says nothing. */
bool budgets_take(const struct policy *policy, uint64_t origin, int cost);

/* Give `tokens` back, at most up to BUDGET. */
void budgets_give(const struct policy *policy, uint64_t origin, int tokens);

#endif
