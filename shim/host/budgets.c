/* The date, not the monotonic clock: containers with time namespaces of their
 * own may share a page, and it goes on while the machine sleeps. */
#include "host/budgets.h"

#include "host/budget_page.h"
#include "host/clock.h"
#include "host/config.h"
#include "host/log.h"

#include <stdatomic.h>
#include <stdio.h> /* snprintf only */

/* The user's, or the process's own in their place; NULL: not asked for yet. */
static _Atomic(struct budget_table *) shared;

static _Atomic(const char *) problem; /* why they can't be used */

/* Several threads may map it at once: one page, a few times. */
static struct budget_table *find_shared(void) {
  struct budget_table *nobody = NULL;
  struct budget_table *found;
  const char *why;

  found = budget_page_open(BUDGET_PAGE_FOLDER, &why);
  if (!found) {
    atomic_store(&problem, why);
    found = config_budgets();
  }
  return atomic_compare_exchange_strong(&shared, &nobody, found) ? found
                                                                 : nobody;
}

static struct budget_table *table_of(const struct policy *policy) {
  struct budget_table *found;

  if (policy->budget_scope == BUDGET_OF_PROCESS)
    return config_budgets();
  found = atomic_load_explicit(&shared, memory_order_acquire);
  return found ? found : find_shared();
}

static int64_t time_of(const struct policy *policy) {
  return policy->budget_scope == BUDGET_OF_PROCESS ? 0 : clock_date_s();
}

static void complain(const struct policy *policy) {
  const char *why = atomic_exchange(&problem, NULL);
  char path[BUDGET_PAGE_PATH_SIZE];
  char text[256];

  if (!why)
    return;
  budget_page_path(BUDGET_PAGE_FOLDER, path);
  (void)snprintf(text, sizeof(text),
                 "CURLRETRY_BUDGET_SCOPE=user: %s: %s; the budget is this "
                 "process's own",
                 path, why);
  log_note(policy, LEVEL_WARN, text);
}

bool budgets_are_whole(const struct policy *policy) {
  return budget_is_whole(table_of(policy));
}

int budgets_left(const struct policy *policy, uint64_t origin) {
  return budget_left(table_of(policy), origin, policy->budget,
                     time_of(policy));
}

bool budgets_take(const struct policy *policy, uint64_t origin, int cost) {
  struct budget_table *table = table_of(policy);

  complain(policy);
  return budget_take(table, origin, cost, policy->budget, time_of(policy));
}

void budgets_give(const struct policy *policy, uint64_t origin, int tokens) {
  budget_give(table_of(policy), origin, tokens, time_of(policy));
}
