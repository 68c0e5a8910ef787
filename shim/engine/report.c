/* What is logged, and at which level: design.md, LOG. How: log.c. */
#include "engine/report.h"

#include "codes.h"
#include "version.h"

#include "engine/account.h"
#include "engine/facts.h"
#include "engine/getinfo.h"
#include "engine/method.h"
#include "host/clock.h"
#include "host/log.h"
#include "host/start.h"
#include "host/trace.h"

#include <stdio.h> /* snprintf only */
#include <string.h>

#define CAUSE_SIZE 80
#define REASON_SIZE 128
#define FIRST_SIZE 256
#define FINER_US 2000 /* what a clock of milliseconds is off, and ours */

/* "status 503", "reset (56)", "not resumed: ...". True: the second, of which
 * libcurl's message says more, whatever the status was. */
static bool describe(const struct call *call, char *text) {
  const struct verdict *verdict = &call->verdict;
  bool is_mismatch = call->resume.is_resuming && call->resume.mismatch;

  if (is_mismatch)
    (void)snprintf(text, CAUSE_SIZE, "not resumed: %s", call->resume.mismatch);
  else if (verdict->status)
    (void)snprintf(text, CAUSE_SIZE, "status %d", verdict->status);
  else
    (void)snprintf(text, CAUSE_SIZE, "%s (%d)",
                   policy_class_name(verdict->class), (int)call->now->code);
  return !is_mismatch && !verdict->status;
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

/* What every line about an attempt has; `attempt` is taken here. */
static struct log_event line_of(struct call *call, enum log_level level,
                                const char *name,
                                struct attempt_event *attempt) {
  account_take(call, attempt);
  return (struct log_event){.level = level,
                            .event = name,
                            .attempt = attempt,
                            .number = call->now->number,
                            .delay_ms = -1};
}

/* Apart, because of the room it takes on the stack. */
__attribute__((noinline)) static void
log_verdict(struct call *call, enum log_level level, const char *name) {
  char cause[CAUSE_SIZE];
  char reason[REASON_SIZE];
  struct attempt_event attempt;
  struct log_event event = line_of(call, level, name, &attempt);

  event.is_libcurls = describe(call, cause);
  event.cause = cause;
  if (call->verdict.reason == VERDICT_RETRY) {
    event.number = call->retries + 1;
    event.limit = call->policy->max_retries;
    event.delay_ms = call->verdict.delay_ms;
  } else {
    explain(call, reason);
    event.reason = reason;
  }
  log_write(call->policy, &event);
}

void report_verdict(struct call *call) {
  enum log_level level = LEVEL_WARN;
  const char *name = "giving up";

  switch (call->verdict.reason) {
  case VERDICT_SUCCESS:
    return;
  case VERDICT_RETRY:
    name = call->policy->dry_run ? "would retry" : "retry";
    break;
  case VERDICT_FINAL:
  case VERDICT_REFUSED:
    name = "final";
    level = LEVEL_DEBUG;
    break;
  default:
    break;
  }
  if (call->policy->log_level >= level)
    log_verdict(call, level, name);
}

void report_mismatch(struct call *call) {
  struct attempt_event attempt;
  struct log_event event = line_of(call, LEVEL_WARN, "giving up", &attempt);

  event.cause = "not resumed";
  event.reason = call->resume.mismatch;
  log_write(call->policy, &event);
  trace_note(call->policy, LEVEL_WARN, call->number, call->resume.mismatch);
}

void report_attempt(struct call *call, struct attempt_event *event) {
  event->is_retry = call->phase == PHASE_WAIT || call->phase == PHASE_READY;
  if (event->is_retry)
    event->delay_ms = call->verdict.delay_ms;
  else if (event->class)
    event->reason = policy_reason_text(call->verdict.reason);
  account_add(call, event);
  /* the last one's line goes with the call's, where that comes at once */
  if (call->tally && call->phase == PHASE_OVER) {
    call->tally->last = *event;
    call->tally->has_last = true;
  } else {
    trace_write(call->policy, event, NULL);
  }
}

/* --- a call ----------------------------------------------------------------
 */

void report_first(const struct call *call) {
  const char *prefix = "CURLRETRY_";
  struct start_variables variables = start_variables();
  unsigned version = call->handle->library->version;
  char text[FIRST_SIZE];
  struct log_event event = {
      .level = LEVEL_INFO, .event = "start", .reason = text, .delay_ms = -1};
  int n = snprintf(text, sizeof(text),
                   "version " CURLRETRY_VERSION ", libcurl %u.%u.%u; ",
                   version >> 16, version >> 8 & 0xff, version & 0xff);

  for (size_t i = 0; i < variables.count && n > 0 && n < FIRST_SIZE; i++)
    n += snprintf(text + n, sizeof(text) - (size_t)n, "%s ",
                  variables.entries[i] + strlen(prefix));
  if (n > 0 && n < FIRST_SIZE)
    (void)snprintf(text + n, sizeof(text) - (size_t)n, "%s",
                   variables.count ? "and defaults" : "defaults");
  log_write(call->policy, &event);
}

static const char *outcome_of(const struct call *call,
                              enum retry_class class) {
  if (call->is_abandoned || call->now->cause == BY_PROGRAM ||
      call->sink.refusal.code != CURLE_OK ||
      call->verdict.reason == VERDICT_REFUSED)
    return "program";
  if (class != CLASS_COUNT)
    return "failed";
  return call->attempts_made > 1 ? "rescued" : "ok";
}

/* The status that the program is told. */
static int told_status(const struct call *call) {
  long status = 0;

  if (!answers_info(&call->handle->answers, CURLINFO_RESPONSE_CODE, &status))
    status = getinfo_number(call, CURLINFO_RESPONSE_CODE);
  return (int)status;
}

/* `is_taken`: the program took the transfer away. */
static void tell_call(const struct call *call, bool is_taken) {
  const struct tally *tally = call->tally;
  int status;
  enum retry_class class = facts_class(call, &status);
  struct call_event event = {
      .call = call->number,
      .method = method_of(call),
      .url = facts_url(call),
      .outcome = is_taken ? "program" : outcome_of(call, class),
      .class = class == CLASS_COUNT ? NULL : policy_class_name(class),
      .code = is_taken ? -1 : (int)call->now->code,
      .status = told_status(call),
      .judged = class == CLASS_STATUS ? status : 0,
      .attempts = call->attempts_made,
      .waited_ms = call->waited_ms,
      .total_us = (clock_now_ms() - call->began_at) * 1000,
      .is_multi = call->siblings != NULL,
  };

  log_call(call->policy, &event);
  if (!trace_is_on(call->policy))
    return;
  event.class = NULL;
  if (tally) {
    event.place = &tally->place;
    event.class = tally->class;
    event.up = tally->up;
    event.down = tally->down;
    /* libcurl's clock is finer, where its transfer was all of the call */
    if (event.attempts == 1 && event.total_us - tally->total_us < FINER_US)
      event.total_us = tally->total_us;
  }
  trace_write(call->policy, tally && tally->has_last ? &tally->last : NULL,
              &event);
}

static bool is_told(const struct call *call) {
  return call->policy->log_level >= LEVEL_INFO || trace_is_on(call->policy);
}

void report_end(struct call *call) {
  if (is_told(call))
    tell_call(call, false);
}

__attribute__((noinline)) static void tell_taken(struct call *call) {
  struct attempt_event event;

  account_take(call, &event);
  event.code = -1;
  event.class = NULL;
  event.reason = "the program took the transfer away";
  account_add(call, &event);
  trace_write(call->policy, &event, NULL);
}

void report_abandon(struct call *call) {
  if (!is_told(call))
    return;
  if (call->phase == PHASE_TRANSFER && trace_is_on(call->policy))
    tell_taken(call);
  tell_call(call, true);
}
