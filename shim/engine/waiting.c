#include "engine/waiting.h"

#include "engine/attempt.h"
#include "engine/facts.h"

bool waiting_tell_progress(struct call *call) {
  int answer = attempt_tell_progress(call);

  return !answer || answer == CURL_PROGRESSFUNC_CONTINUE;
}

enum verdict_reason waiting_sit(struct call *call, int64_t now) {
  if (call_is_over(call))
    return VERDICT_CHANGED;
  if (now >= call->due_at)
    return VERDICT_RETRY;
  if (waiting_tell_progress(call))
    return call_is_over(call) ? VERDICT_CHANGED : VERDICT_SUCCESS;
  call->now->code = CURLE_ABORTED_BY_CALLBACK;
  call_set_error(call, "Callback aborted");
  return VERDICT_REFUSED;
}

enum verdict_reason waiting_judge_again(struct call *call) {
  struct outcome outcome;

  facts_collect(call, call->now->code, &outcome);
  return policy_judge_again(call->policy, &outcome, &call->verdict).reason;
}

void waiting_note(struct call *call, int64_t now) {
  if (!call->is_delayed)
    call->waited_ms += now - (call->due_at - call->verdict.delay_ms);
}
