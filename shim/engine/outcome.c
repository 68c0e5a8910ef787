/* Facts only: what they mean is decided in policy/. */
#include "engine/outcome.h"

#include "engine/attempt.h"
#include "host/runtime.h"

#include <stdio.h> /* snprintf only */
#include <string.h>

#define REFUSAL_VERSION 0x081200 /* 8.18.0 */

const char *outcome_url(const struct call *call) {
  const struct shadow *shadow = &call->handle->shadow;
  const char *url = NULL;

  if (shadow->url && !shadow->url_handle)
    return shadow->url;
  (void)call->library->easy_getinfo(call->curl, CURLINFO_EFFECTIVE_URL, &url);
  return url ? url : "";
}

uint64_t outcome_origin(struct call *call) {
  if (!call->origin)
    call->origin = url_origin(outcome_url(call));
  return call->origin;
}

/* Whether `line` is the field `name` (lower case) with a value: "name: x". */
static bool is_field(const char *line, const char *name) {
  for (; *name; line++, name++)
    if ((*line | 32) != *name)
      return false;
  if (*line != ':')
    return false;
  for (line++; *line == ' ' || *line == '\t';)
    line++;
  return *line != 0;
}

static bool has_field(const struct call *call, const char *name) {
  const struct curl_slist *item = call->handle->shadow.attempt.http_header;

  for (; item; item = item->next)
    if (item->data && is_field(item->data, name))
      return true;
  return false;
}

static void collect_request(struct call *call, struct outcome *outcome) {
  const struct shadow *shadow = &call->handle->shadow;

  outcome->method = call->method[0] ? call->method : NULL;
  outcome->has_idempotency_key = has_field(call, "idempotency-key") ||
                                 has_field(call, "x-idempotency-key");
  outcome->has_precondition = shadow->has_precondition ||
                              has_field(call, "if-match") ||
                              has_field(call, "if-none-match") ||
                              has_field(call, "if-unmodified-since");
  /* an upload with RESUME_FROM is sent as APPE, or opened to append */
  outcome->has_side_commands =
      call->scheme != URL_HTTP &&
      (shadow->has_custom_request || shadow->is_append ||
       (shadow->is_upload && shadow->attempt.resume_from) ||
       shadow->has_quotes[0] || shadow->has_quotes[1] ||
       shadow->has_quotes[2]);
  outcome->has_own_socket = shadow->has_own_socket;
  outcome->can_rewind =
      request_can_rewind(call) && !shadow->has_trailer_function;
}

/* The response's status, if the block was the one the program would see: a
 * 401 that libcurl acted on is not what a refused connection after it means.
 */
static void collect_status(struct call *call, CURLcode code,
                           struct outcome *outcome) {
  const struct hop *hop = &call->hop;
  long number = 0;

  outcome->is_ftp = hop->is_ftp;
  if (hop->is_ftp) {
    (void)call->library->easy_getinfo(call->curl, CURLINFO_RESPONSE_CODE,
                                      &number);
    outcome->status = (int)number;
  } else if (!hop->is_connect &&
             (code == CURLE_OK || code == CURLE_HTTP_RETURNED_ERROR ||
              hop_is_final(hop, &call->handle->shadow))) {
    outcome->status = hop->status;
  }
}

static void collect_connection(struct call *call, CURLcode code,
                               struct outcome *outcome) {
  long number = 0;

  if (code != CURLE_OK) {
    (void)call->library->easy_getinfo(call->curl, CURLINFO_HTTP_CONNECTCODE,
                                      &number);
    outcome->connect_status = (int)number;
  }
  number = 0;
  if (code == CURLE_PROXY)
    (void)call->library->easy_getinfo(call->curl, CURLINFO_PROXY_ERROR,
                                      &number);
  outcome->proxy_error = (int)number;
  if (call->hop.has_prerequests)
    outcome->nothing_sent = !call->hop.was_sent;
  else
    outcome->nothing_sent =
        code == CURLE_COULDNT_RESOLVE_PROXY ||
        code == CURLE_COULDNT_RESOLVE_HOST ||
        (code == CURLE_COULDNT_CONNECT && !outcome->connect_status);
}

static void collect_time(struct call *call, struct outcome *outcome) {
  int64_t now = runtime_now_ms();
  curl_off_t retry_after = 0;

  outcome->idle_ms = attempt_idle(call, now);
  outcome->time_left_ms = attempt_time_left(call, now);
  (void)call->library->easy_getinfo(call->curl, CURLINFO_RETRY_AFTER,
                                    &retry_after);
  if (retry_after > 0 && retry_after < INT64_MAX / 1000)
    outcome->retry_after_ms = retry_after * 1000;
}

void outcome_collect(struct call *call, CURLcode code,
                     struct outcome *outcome) {
  memset(outcome, 0, sizeof(*outcome));
  outcome->code = (int)code;
  /* a refusal of RESOLVER_START_FUNCTION came as 6 once, later as 42 */
  outcome->was_refused =
      call->refusal != CURLE_OK || (call->library->version < REFUSAL_VERSION &&
                                    call->handle->shadow.has_resolver_start &&
                                    (code == CURLE_COULDNT_RESOLVE_HOST ||
                                     code == CURLE_COULDNT_RESOLVE_PROXY));
  outcome->retries = call->retries;
  outcome->random = runtime_random();
  collect_request(call, outcome);
  collect_status(call, code, outcome);
  collect_connection(call, code, outcome);
  collect_time(call, outcome);
  outcome->tokens = call->policy->budget;
  if (call->policy->budget)
    outcome->tokens = budget_left(runtime_budgets(), outcome_origin(call),
                                  call->policy->budget);
}

void outcome_cause(const struct verdict *verdict, CURLcode code, char *text) {
  if (verdict->status)
    (void)snprintf(text, OUTCOME_CAUSE_SIZE, "status %d", verdict->status);
  else
    (void)snprintf(text, OUTCOME_CAUSE_SIZE, "%s (%d)",
                   policy_class_name(verdict->class), (int)code);
}
