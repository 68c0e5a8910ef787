/* log.h - log lines: one write() each, no stdio, no descriptor kept. */
#ifndef CURLRETRY_LOG_H
#define CURLRETRY_LOG_H

#include "policy.h"

#include <stdarg.h>

/* What a line is about; every field but `event` may be absent. */
struct log_event {
  enum log_level level;
  const char *event;  /* "retry", "giving up" ... */
  const char *method; /* NULL: absent, as for the other texts */
  const char *url;    /* as the program gave it; redacted here */
  const char *cause;  /* "status 503", "reset (56)" */
  const char *reason; /* why it was given up */
  unsigned attempt;   /* 0: absent */
  unsigned limit;     /* retries allowed; 0: absent */
  int64_t delay_ms;   /* -1: absent */
};

/* Write a line if the policy's level lets it. `policy` may be NULL: then
 * nothing is written. errno is kept. */
void log_write(const struct policy *policy, const struct log_event *event);

/* The one line about a policy that can't be understood, to stderr. */
void log_policy_error(const char *message);

/* A log line of free text for `debug` and `info`, without values. */
void log_note(const struct policy *policy, enum log_level level,
              const char *text);

#endif
