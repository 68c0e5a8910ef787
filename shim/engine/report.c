/* What is logged, and at which level: design.md, LOG. How: log.c. */
#include "engine/report.h"

#include "engine/outcome.h"
#include "host/log.h"

static void log_verdict(struct call *call, const char *event,
                        enum log_level level, const struct verdict *verdict) {
  bool is_retry = verdict->reason == VERDICT_RETRY;
  char cause[OUTCOME_CAUSE_SIZE];
  struct log_event line = {
      .level = level,
      .event = event,
      .method = call->method[0] ? call->method : NULL,
      .url = outcome_url(call),
      .cause = cause,
      .reason = is_retry ? NULL : policy_reason_text(verdict->reason),
      .attempt = is_retry ? call->retries + 1 : call->attempt,
      .limit = is_retry ? call->policy->max_retries : 0,
      .delay_ms = is_retry ? verdict->delay_ms : -1,
  };

  if (call->policy->log_level < level)
    return;
  outcome_cause(verdict, call->code, cause);
  log_write(call->policy, &line);
}

void report_retry(struct call *call, const struct verdict *verdict) {
  bool is_dry = call->policy->dry_run;

  if (is_dry && call->has_given_up)
    return;
  call->has_given_up = is_dry;
  log_verdict(call, is_dry ? "would retry" : "retry", LEVEL_WARN, verdict);
}

void report_giving_up(struct call *call, const struct verdict *verdict) {
  if (call->has_given_up)
    return;
  switch (verdict->reason) {
  case VERDICT_RETRY:
  case VERDICT_SUCCESS:
    break;
  case VERDICT_FINAL:
  case VERDICT_REFUSED:
    log_verdict(call, "final", LEVEL_DEBUG, verdict);
    break;
  default:
    call->has_given_up = true;
    log_verdict(call, "giving up", LEVEL_WARN, verdict);
    break;
  }
}

void report_mismatch(struct call *call) {
  const char *why = call->resume.mismatch;
  struct log_event line = {
      .level = LEVEL_WARN,
      .event = "giving up",
      .method = call->method,
      .url = outcome_url(call),
      .cause = "not resumed",
      .reason = why ? why : "the repeated response is shorter",
      .attempt = call->attempt,
      .delay_ms = -1,
  };

  log_write(call->policy, &line);
}

void report_success(struct call *call) {
  struct log_event line = {.level = LEVEL_INFO,
                           .event = "succeeded",
                           .method = call->method,
                           .url = outcome_url(call),
                           .attempt = call->attempt,
                           .delay_ms = -1};

  log_write(call->policy, &line);
}
