/* Rules: design.md, "Response". */
#include "engine/beginning.h"

#include "engine/attempt.h"
#include "engine/connection.h"
#include "engine/facts.h"
#include "engine/getinfo.h"
#include "engine/options.h"
#include "engine/outlet.h"
#include "engine/report.h"
#include "engine/siblings.h"

#include <string.h>

/* Note that the program gets this outcome, although it could have been
 * retried. */
static void give_up(struct call *call, struct verdict verdict) {
  call->verdict = verdict;
  report_verdict(call);
}

/* A clock of the response runs from now on. A driver that has libcurl back
 * before it can be over sees to it then (callbacks_due()): most answers have
 * ended by that time. */
static void begin_clock(struct call *call) {
  if (call->siblings)
    siblings_watch(call);
  else
    options_start_clock(call);
}

/* A final status of 400 or more: to be retried, or committed. */
static bool begin_error(struct call *call) {
  struct verdict verdict = facts_judge(call, CURLE_OK);

  if (verdict.reason == VERDICT_RETRY && !call->policy->dry_run) {
    call->now->response.state = RESPONSE_DRAINING;
    if (verdict.is_fresh && connection_may_be_left(call))
      options_leave_connection(call);
    begin_clock(call);
    return true;
  }
  if (call->now->response.state != RESPONSE_RESUMING) {
    give_up(call, verdict);
    return outlet_open(call);
  }
  if (verdict.reason != VERDICT_FINAL) /* a limit: the next one has it, too */
    give_up(call, verdict);
  return false;
}

/* The answer to a resume. */
static bool begin_resumed(struct call *call) {
  struct answer answer;

  if (call->now->hop.status >= 400 && begin_error(call))
    return true;
  answer = facts_answer(call);
  if (!resume_accepts(&call->resume, &answer, &call->handle->shadow)) {
    attempt_stop(call->now, BY_MISMATCH);
    return false;
  }
  if (call->resume.mode == RESUME_RANGE || !call->resume.base)
    outlet_continue(call, 0);
  return true;
}

/* Whether waiting would hurt, or is over already. */
static bool must_open(const struct call *call) {
  const struct hop *hop = &call->now->hop;

  return call->now->response.is_last || hop->is_stream || hop->status == 101 ||
         !call->policy->hold_bytes || call->request.is_paused;
}

/* Where it is known at once that there is no TLS; each question costs. */
static bool is_plain(const struct call *call) {
  const struct shadow *shadow = &call->handle->shadow;

  return !call->now->response.journal.mark_count && !shadow->url_handle &&
         shadow->url && !strncmp(shadow->url, "http:", 5);
}

/* What is held may be handed over when libcurl has left its connection. */
static void note_session(const struct call *call) {
  if (!is_plain(call))
    answers_note_session(&call->handle->answers, call->handle->library,
                         call->handle->curl);
}

/* With HTTP/2 and 3 libcurl waits for the end of the stream behind headers of
 * length 0 (lib/http.c, "close the stream"), and may not see it. */
static bool ends_with_headers(const struct call *call) {
  const struct shadow *shadow = &call->handle->shadow;

  return hop_has_no_body(&call->now->hop, shadow) &&
         (shadow->request == REQUEST_HEAD ||
          getinfo_number(call, CURLINFO_HTTP_VERSION) < CURL_HTTP_VERSION_2_0);
}

bool beginning_of_body(struct call *call) {
  struct response *response = &call->now->response;
  const struct hop *hop = &call->now->hop;
  bool is_http = hop->status && !hop->is_ftp;

  response->is_final = true;
  response->header_at = clock_now_ms();
  response->announced = facts_announced(call);
  if (response->state == RESPONSE_RESUMING)
    return begin_resumed(call);
  note_session(call);
  if (is_http && hop->status >= 400)
    return begin_error(call);
  if (is_http) {
    response->is_last = ends_with_headers(call);
    if (must_open(call))
      return outlet_open(call);
  }
  if (call->policy->hold_time_ms != POLICY_UNLIMITED)
    begin_clock(call);
  return true;
}

/* Whether the program must see a block that isn't final at once: it paused its
 * upload, maybe until then; or it may refuse what libcurl does next on the
 * way to a proxy's tunnel, where no prerequest comes in between. Other replies
 * to CONNECT are answers: they may be retried. */
static bool must_show(const struct call *call) {
  const struct hop *hop = &call->now->hop;

  if (hop->is_connect)
    return hop->status < 300 || hop->status == 407;
  return hop->status < 200 && call->request.is_paused;
}

/* A block that isn't final has ended. False: the attempt ends here. */
static bool end_way_block(struct call *call) {
  struct attempt *now = call->now;
  struct info_view view = facts_view(call);

  /* a retry would show it again */
  if (!journal_mark(&now->response.journal, &view, now->hop.identity))
    return outlet_open(call);
  if (must_show(call))
    return outlet_show(call);
  if (now->hop.status >= 200 && callback_wants_events(&call->handle->shadow))
    attempt_capture_way(call);
  note_session(call);
  return true;
}

bool beginning_after_block(struct call *call) {
  if (hop_is_final(&call->now->hop, &call->handle->shadow))
    return beginning_of_body(call);
  return call->now->response.state == RESPONSE_RESUMING || end_way_block(call);
}
