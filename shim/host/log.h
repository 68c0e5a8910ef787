/* log.h - log lines: what they say. Where they go: output.h. */
#ifndef CURLRETRY_LOG_H
#define CURLRETRY_LOG_H

#include "host/event.h"
#include "policy.h"

/* What a line is about; every field but `event` may be absent. */
struct log_event {
  enum log_level level;
  const char *event;                   /* "retry", "giving up" ... */
  const char *cause;                   /* "status 503", "reset (56)" */
  const char *reason;                  /* why it was given up */
  const struct attempt_event *attempt; /* the one at hand; NULL: none */
  unsigned number;  /* of the retry, or attempts made; 0: absent */
  unsigned limit;   /* retries allowed; 0: absent */
  int64_t delay_ms; /* -1: absent */
  bool is_libcurls; /* the cause is a failure that libcurl has a message for,
                       not a status or a mismatch of ours */
};

/* Write a line if the policy's level lets it. `policy` may be NULL: then
 * nothing is written. errno is kept. */
void log_write(const struct policy *policy, const struct log_event *event);

/* The line about a call that ended, at `info`. */
void log_call(const struct policy *policy, const struct call_event *event);

/* The one line about a policy that can't be understood, where it could be
 * expected: stderr, or syslog. */
void log_policy_error(const char *message);

/* A log line of free text, without secrets: names, not values. At `warn` and
 * above it is a note in the trace, too. */
void log_note(const struct policy *policy, enum log_level level,
              const char *text);

#endif
