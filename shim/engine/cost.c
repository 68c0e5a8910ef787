#include "engine/cost.h"

#include "engine/facts.h"
#include "engine/incident.h"
#include "host/budgets.h"

/* Noted as paid only when it is: else what one couldn't pay would be free for
 * the others. */
bool cost_pay(struct call *call) {
  uint64_t origin = facts_origin(call);
  int cost = call->verdict.cost;
  bool is_incident = !call->verdict.status &&
                     !(call->resume.is_resuming && call->resume.mismatch);

  call->charged = 0;
  call->leads = !is_incident || !incident_is_paid(call, origin);
  if (cost && !budgets_take(call->policy, origin, cost))
    return false;
  if (is_incident)
    incident_join(call, origin);
  call->charged = cost;
  call->spent += cost;
  return true;
}

/* A process without a failure never comes to its origin's hash. */
bool cost_is_owed(const struct call *call) {
  return call->policy->budget && !budgets_are_whole(call->policy);
}

static void give(struct call *call, int tokens) {
  if (cost_is_owed(call))
    budgets_give(call->policy, facts_origin(call), tokens);
}

void cost_refund(struct call *call) {
  if (!call->charged)
    return;
  give(call, call->charged);
  call->spent -= call->charged;
  call->charged = 0;
}

void cost_begin_anew(struct call *call) {
  if (!resume_got_on(&call->resume))
    return;
  call->retries = 0;
  if (call->spent)
    give(call, call->spent);
  call->spent = 0;
}

void cost_give_back(struct call *call) {
  give(call, call->spent ? call->spent : 1);
  call->spent = 0;
}
