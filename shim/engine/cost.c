#include "engine/cost.h"

#include "engine/connection.h"
#include "engine/facts.h"
#include "engine/siblings.h"
#include "host/budgets.h"

/* One death of a connection is many failures, but no more load: a failure that
 * no answer tells of, once the request was on its way. */
static bool is_paid(struct call *call) {
  return call->siblings && !call->verdict.status && call->now->hop.was_sent &&
         siblings_share_incident(call->siblings, facts_origin(call),
                                 connection_id(call));
}

bool cost_pay(struct call *call) {
  int cost = call->verdict.cost;

  call->charged = 0;
  call->leads = !is_paid(call);
  if (!cost || !call->leads)
    return true;
  if (!budgets_take(call->policy, facts_origin(call), cost))
    return false;
  call->charged = cost;
  call->spent += cost;
  return true;
}

/* A process without a failure never comes to its origin's hash. */
static void give(struct call *call, int tokens) {
  if (call->policy->budget && !budgets_are_whole(call->policy))
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
