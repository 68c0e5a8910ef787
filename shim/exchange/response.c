/* Rules: design.md, "Response". */
#include "exchange/response.h"

#include "host/clock.h"

#include <string.h>

#define DRAIN_MS 1000 /* longest drain (design) */

static void forget(struct response *response) {
  const size_t from = offsetof(struct response, state);

  memset((char *)response + from, 0, sizeof(*response) - from);
  entity_begin(&response->entity);
  response->announced = -1;
}

void response_init(struct response *response, const char *folder) {
  journal_init(&response->journal, folder);
  forget(response);
}

void response_clear(struct response *response) {
  journal_clear(&response->journal);
  forget(response);
}

void response_free(struct response *response) {
  journal_free(&response->journal);
}

int64_t response_due(const struct response *response,
                     const struct policy *policy) {
  if (!response->is_final)
    return INT64_MAX;
  if (response->state == RESPONSE_DRAINING)
    return response->header_at + DRAIN_MS;
  return response->state == RESPONSE_HOLDING &&
                 policy->hold_time_ms != POLICY_UNLIMITED
             ? response->header_at + policy->hold_time_ms
             : INT64_MAX;
}

bool response_is_due(const struct response *response,
                     const struct policy *policy) {
  return policy->hold_time_ms != POLICY_UNLIMITED &&
         clock_now_ms() - response->header_at >= policy->hold_time_ms;
}

struct fate response_hold(struct response *response,
                          const struct policy *policy, size_t length) {
  int64_t next = response->held + (int64_t)length;

  if (response->announced >= 0 && next >= response->announced)
    response->is_last = true;
  if (response->is_last || next >= policy->hold_bytes ||
      response_is_due(response, policy))
    return (struct fate){0, FATE_PASS};
  response->held = next;
  response->body += (int64_t)length;
  return (struct fate){length, FATE_TAKEN};
}

bool response_is_drained(const struct response *response) {
  return clock_now_ms() - response->header_at >= DRAIN_MS;
}

struct fate response_drain(struct response *response,
                           const struct policy *policy, bool is_certain,
                           size_t length) {
  int64_t limit = is_certain || policy->drain_bytes > policy->hold_bytes
                      ? policy->drain_bytes
                      : policy->hold_bytes;
  int64_t room = limit - response->held;
  bool is_over = (int64_t)length > room || response->announced > limit ||
                 response_is_drained(response);
  size_t keep = length;

  if (!is_certain && is_over)
    return (struct fate){0, FATE_PASS};
  if (room < (int64_t)keep)
    keep = room > 0 ? (size_t)room : 0;
  response->held += (int64_t)keep;
  response->body += (int64_t)length;
  response->is_cut =
      is_over && (keep < length || response->body != response->announced);
  return (struct fate){keep, is_over ? FATE_STOP : FATE_TAKEN};
}
