/* What is logged, and at which level: design.md, LOG. How: log.c. */
#include "engine/report.h"

#include "engine/connection.h"
#include "engine/facts.h"
#include "host/log.h"

#include <stdio.h> /* snprintf only */

#define PEER_SIZE 64
#define CAUSE_SIZE (80 + PEER_SIZE)
#define REASON_SIZE 128

/* What every line about the call has. */
static struct log_event line_of(struct call *call, enum log_level level,
                                const char *event) {
  return (struct log_event){
      .level = level,
      .event = event,
      .method = call->method[0] ? call->method : NULL,
      .url = facts_url(call),
      .attempt = call->now->number,
      .delay_ms = -1,
  };
}

/* "status 503", "reset (56)", "not resumed: ...", "status 503 (proxy
 * 192.0.2.1:3128)" */
static void describe(const struct call *call, char *text) {
  const struct verdict *verdict = &call->verdict;
  char peer[PEER_SIZE];
  int n;

  if (call->resume.is_resuming && call->resume.mismatch)
    n = snprintf(text, CAUSE_SIZE, "not resumed: %s", call->resume.mismatch);
  else if (verdict->status)
    n = snprintf(text, CAUSE_SIZE, "status %d", verdict->status);
  else
    n = snprintf(text, CAUSE_SIZE, "%s (%d)",
                 policy_class_name(verdict->class), (int)call->now->code);
  if (!verdict->is_proxy || n < 0)
    return;
  connection_peer(call, peer, sizeof(peer));
  (void)snprintf(text + n, CAUSE_SIZE - (size_t)n, " (proxy%s%s)",
                 peer[0] ? " " : "", peer);
}

/* "retries exhausted", "request body can't be sent again: ..." */
static void explain(const struct call *call, char *text) {
  const char *reason = policy_reason_text(call->verdict.reason);
  const char *lack = call->request.lack;

  if (call->verdict.reason == VERDICT_NO_REWIND && lack)
    (void)snprintf(text, REASON_SIZE, "%s: %s", reason, lack);
  else
    (void)snprintf(text, REASON_SIZE, "%s", reason);
}

static void log_verdict(struct call *call, enum log_level level,
                        const char *event) {
  const struct verdict *verdict = &call->verdict;
  char cause[CAUSE_SIZE];
  char reason[REASON_SIZE];
  struct log_event line;

  if (call->policy->log_level < level)
    return;
  line = line_of(call, level, event);
  describe(call, cause);
  line.cause = cause;
  if (verdict->reason == VERDICT_RETRY) {
    line.attempt = call->retries + 1;
    line.limit = call->policy->max_retries;
    line.delay_ms = verdict->delay_ms;
  } else {
    explain(call, reason);
    line.reason = reason;
  }
  log_write(call->policy, &line);
}

void report_verdict(struct call *call) {
  switch (call->verdict.reason) {
  case VERDICT_SUCCESS:
    break;
  case VERDICT_RETRY:
    log_verdict(call, LEVEL_WARN,
                call->policy->dry_run ? "would retry" : "retry");
    break;
  case VERDICT_FINAL:
  case VERDICT_REFUSED:
    log_verdict(call, LEVEL_DEBUG, "final");
    break;
  default:
    log_verdict(call, LEVEL_WARN, "giving up");
    break;
  }
}

void report_mismatch(struct call *call) {
  struct log_event line = line_of(call, LEVEL_WARN, "giving up");

  line.cause = "not resumed";
  line.reason = call->resume.mismatch;
  log_write(call->policy, &line);
}

void report_success(struct call *call) {
  struct log_event line = line_of(call, LEVEL_INFO, "succeeded");

  log_write(call->policy, &line);
}
