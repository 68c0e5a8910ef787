/* Rules: design.md, "A discarded response is kept until the next attempt's
 * first header". */
#include "exchange/drain.h"

#include "engine/attempt.h"
#include "engine/report.h"
#include "exchange/deliver.h"
#include "exchange/seam.h"

#define DRAIN_MS 1000 /* longest drain (design) */

void drain_begin(struct call *call) {
  call->response.state = RESPONSE_DRAINING;
  attempt_start_clock(call);
}

/* The program gets this outcome: what is left of it streams through. */
static void stop_draining(struct call *call) {
  struct verdict verdict;

  (void)call_judge(call, CURLE_OK, &verdict);
  verdict.reason = VERDICT_NO_REWIND;
  report_giving_up(call, &verdict);
}

static int64_t limit_of(const struct call *call) {
  const struct policy *policy = call->policy;

  return request_is_certain(call) || policy->drain_bytes > policy->hold_bytes
             ? policy->drain_bytes
             : policy->hold_bytes;
}

/* A body byte of a response that will be discarded. Keeping it is for the
 * case that the program gets this outcome after all. Where it isn't certain
 * that the request can be sent again, the response must stay whole. */
size_t drain_body(struct call *call, char *bytes, size_t length) {
  struct response *response = &call->response;
  bool is_certain = request_is_certain(call);
  int64_t limit = limit_of(call);
  int64_t room = limit - response->held;
  bool is_over = (int64_t)length > room || response->announced > limit ||
                 runtime_now_ms() - response->header_at >= DRAIN_MS;
  size_t kept = length;

  if (is_certain && room < (int64_t)kept)
    kept = room > 0 ? (size_t)room : 0;
  if (!is_certain && is_over)
    kept = 0;
  if (kept && !deliver_journal(response, RECORD_BODY, bytes, kept))
    kept = 0;
  if (kept < length && !is_certain) {
    stop_draining(call);
    return response_commit_and_pass(call, bytes, length);
  }
  response->held += (int64_t)kept;
  response->body += (int64_t)length;
  if (kept == length && !is_over)
    return length;
  response->is_cut = kept < length || response->body != response->announced;
  call->stop = STOP_DRAIN;
  return seam_refuse(length);
}

CURLcode drain_tick(struct call *call, int64_t now) {
  struct response *response = &call->response;

  if (now - response->header_at < DRAIN_MS)
    return CURLE_OK;
  if (!request_is_certain(call)) {
    stop_draining(call);
    return response_commit(call, NULL);
  }
  response->is_cut = response->body != response->announced;
  call->stop = STOP_DRAIN;
  return CURLE_OK;
}
