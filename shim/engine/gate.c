/* Rules: design.md, "Response". What can't be held for lack of memory or disk
 * is committed: the transfer goes on, it only can't be repeated any more. */
#include "engine/gate.h"

#include "engine/attempt.h"
#include "engine/beginning.h"
#include "engine/block.h"
#include "engine/facts.h"
#include "engine/fault.h"
#include "engine/options.h"
#include "engine/outlet.h"
#include "engine/report.h"

#include <string.h>

/* --- what was decided ------------------------------------------------------
 */

/* The request can't be sent again for certain: the program gets this outcome,
 * and what is left of it streams through. */
static void stop_draining(struct call *call) {
  struct verdict verdict = facts_judge(call, CURLE_OK);

  verdict.reason = VERDICT_NO_REWIND;
  call->verdict = verdict;
  report_verdict(call);
}

/* The event can't be kept. */
static struct fate fate_unkept(struct call *call, struct fate fate) {
  struct response *response = &call->now->response;

  if (response->state != RESPONSE_DRAINING ||
      !request_is_certain(&call->request))
    return (struct fate){0, FATE_PASS};
  response->held -= (int64_t)fate.keep;
  response->is_cut = true;
  return (struct fate){0, FATE_STOP};
}

/* A piece that isn't taken, or not as a whole. */
static size_t act_otherwise(struct call *call, const struct event *event,
                            struct fate fate) {
  if (fate.then == FATE_STOP)
    return outlet_stop(call, BY_DRAIN, event->length);
  if (call->now->response.state == RESPONSE_DRAINING)
    stop_draining(call);
  return outlet_pass(call, event);
}

/* Do what was decided: the only way to the journal; inline in each, which is
 * 300 instructions a GET. A piece that is taken is kept, also one of no bytes:
 * it is a call of the program's callback. */
__attribute__((always_inline)) static inline size_t
act(struct call *call, const struct event *event, struct fate fate) {
  bool is_kept = fate.keep || fate.then == FATE_TAKEN;

  if (is_kept &&
      !journal_append(&call->now->response.journal, event, fate.keep))
    fate = fate_unkept(call, fate);
  return fate.then == FATE_TAKEN ? event->length
                                 : act_otherwise(call, event, fate);
}

/* The same with what is kept as a whole. */
static inline size_t keep(struct call *call, enum event_kind kind, char *bytes,
                          size_t length) {
  const struct event event = {kind, bytes, length};

  return act(call, &event, (struct fate){length, FATE_TAKEN});
}

/* --- the way in ------------------------------------------------------------
 */

/* Whether the program has seen this line of ftp: the way up to the transfer,
 * of an attempt before. Refusals (4yz, 5yz) are answers. */
static bool is_known_reply(const struct call *call, const char *line,
                           bool has_begun) {
  return way_knows_replies(&call->way, call->now->number) && !has_begun &&
         line[0] != '4' && line[0] != '5';
}

/* A line of ftp. */
static size_t keep_reply(struct call *call, const struct event *event,
                         bool has_begun) {
  size_t taken = event->length;

  if (!is_known_reply(call, event->bytes, has_begun))
    taken = keep(call, EVENT_HEADER, event->bytes, event->length);
  return taken == event->length && call->request.is_paused &&
                 !gate_show_paused(call)
             ? outlet_refused(event->length)
             : taken;
}

/* Whether header lines are kept for the program. */
static inline bool keeps_lines(const struct call *call) {
  return call->now->response.state != RESPONSE_RESUMING &&
         callback_wants_headers(&call->handle->shadow);
}

/* A line that streams through, or that isn't a field's. */
__attribute__((noinline)) static size_t other_line(struct call *call,
                                                   char *line, size_t length) {
  const struct event event = {EVENT_HEADER, line, length};
  const struct response *response = &call->now->response;
  const struct hop *hop = &call->now->hop;
  const bool was_ftp = hop->is_ftp, has_begun = hop->has_begun;
  enum hop_event what;
  size_t taken = length;

  if (response->state == RESPONSE_COMMITTED) {
    if (was_ftp)
      hop_reply(&call->now->hop, line, length);
    return outlet_pass(call, &event);
  }
  what = block_line(call, line, length);
  /* the password of a redirect to ftp is asked for next */
  if (hop->is_ftp && !was_ftp && !outlet_show(call))
    return outlet_refused(length);
  if (hop->is_ftp && keeps_lines(call))
    return keep_reply(call, &event, has_begun);
  if (keeps_lines(call))
    taken = keep(call, EVENT_HEADER, line, length);
  if (what != HOP_BLOCK_END || response->state == RESPONSE_COMMITTED)
    return taken;
  return beginning_after_block(call) ? taken : outlet_refused(length);
}

size_t gate_header(char *line, size_t size, size_t count, void *data) {
  struct call *call = data;
  const size_t length = size * count;

  attempt_active(call);
  if (call->now->response.state == RESPONSE_COMMITTED ||
      !hop_expects_field(&call->now->hop, line, length))
    return other_line(call, line, length);
  block_field(call, line, length);
  return keeps_lines(call) ? keep(call, EVENT_HEADER, line, length) : length;
}

/* With CURLOPT_HEADER each header line comes to the write callback first,
 * then to the header callback, which alone moves the hop on. */
static bool is_header_copy(const struct call *call, const char *bytes,
                           size_t length) {
  const struct hop *hop = &call->now->hop;

  if (!call->handle->shadow.includes_header || call->now->response.is_final ||
      call->scheme == URL_SFTP || hop->is_ftp)
    return false;
  return hop->state != HOP_AFTER_BLOCK ||
         (length > 5 && !memcmp(bytes, "HTTP/", 5));
}

/* A piece of a body that repeats what the program has. */
static size_t repeat(struct call *call, const struct event *event) {
  size_t head = 0;

  switch (resume_repeats(&call->resume, event->bytes, event->length, &head)) {
  case REPEATS_SO_FAR:
    options_moved(call);
    return event->length;
  case REPEATS_OTHER_BYTES:
    return outlet_stop(call, BY_MISMATCH, event->length);
  default:
    outlet_continue(call, head);
    return outlet_pass(call, event);
  }
}

static size_t copy(struct call *call, char *line, size_t length) {
  return call->now->response.state == RESPONSE_RESUMING
             ? length
             : keep(call, EVENT_COPY, line, length);
}

static size_t hold(struct call *call, const struct event *event) {
  struct fate fate =
      response_hold(&call->now->response, call->policy, event->length);

  if (fate.then == FATE_TAKEN)
    options_moved(call);
  return act(call, event, fate);
}

/* A piece of a body that streams through. */
static size_t stream(struct call *call, const struct event *event) {
  size_t taken = outlet_pass(call, event);

  if (call_is_bounded(call))
    options_moved(call);
  return taken;
}

static size_t take_body(struct call *call, char *bytes, size_t length) {
  struct response *response = &call->now->response;
  const struct event event = {EVENT_BODY, bytes, length};

  attempt_active(call);
  if (response->state == RESPONSE_COMMITTED)
    return stream(call, &event);
  if (is_header_copy(call, bytes, length))
    return copy(call, bytes, length);
  if (!response->is_final) {
    hop_body(&call->now->hop);
    journal_keep_last(&response->journal);
    if (!beginning_of_body(call))
      return outlet_refused(length);
  }
  switch (response->state) {
  case RESPONSE_COMMITTED:
    return outlet_pass(call, &event);
  case RESPONSE_RESUMING:
    return repeat(call, &event);
  case RESPONSE_DRAINING:
    return act(call, &event,
               response_drain(response, call->policy,
                              request_is_certain(&call->request), length));
  default:
    return hold(call, &event);
  }
}

/* A body that breaks on purpose, in the middle of this piece or later. */
static size_t take_until_break(struct call *call, char *bytes, size_t length) {
  size_t part = fault_body_left(call, length);
  size_t taken = part ? take_body(call, bytes, part) : 0;

  if (taken != part)
    return taken == CURL_WRITEFUNC_PAUSE ? taken : outlet_refused(length);
  fault_body_came(call, part);
  if (part == length)
    return length;
  call->now->is_injected = true;
  return outlet_stop(call, BY_FAULT, length);
}

size_t gate_body(char *bytes, size_t size, size_t count, void *data) {
  struct call *call = data;
  const size_t length = size * count;

  return call->now->breaks_body && !is_header_copy(call, bytes, length)
             ? take_until_break(call, bytes, length)
             : take_body(call, bytes, length);
}

/* --- from elsewhere --------------------------------------------------------
 */

bool gate_open_for_read(struct call *call) {
  const struct response *response = &call->now->response;

  return response->state != RESPONSE_HOLDING || !response->is_final ||
         outlet_open(call);
}

/* What has no mark yet at the next request: the trailers of the block before
 * it, or a block that was taken for the answer, and that libcurl goes on from.
 * A retry would show it again. The greeting of another protocol is of neither.
 */
static void mark_rest(struct call *call) {
  struct response *response = &call->now->response;
  struct journal *journal = &response->journal;
  struct info_view view;

  if (response->state != RESPONSE_HOLDING || journal_is_empty(journal))
    return;
  if (response->is_final) {
    view = facts_view(call);
    (void)journal_mark(journal, &view, call->now->hop.identity);
    response->is_final = false;
  } else if (!journal_ends_with_mark(journal) &&
             facts_hop_scheme(call) == URL_HTTP) {
    journal_extend_last(journal);
  }
}

/* The replies of ftp are held: the login is over, the transfer comes next. */
bool gate_show_way(struct call *call) {
  bool goes_on = true;

  if (!call->now->hop.is_ftp) {
    mark_rest(call);
    goes_on = outlet_show(call);
  }

  call->now->response.has_way_info = false;
  return goes_on;
}

bool gate_show_paused(struct call *call) {
  if (call->now->hop.is_ftp)
    way_show_replies(&call->way, call->now->number);
  return outlet_show(call);
}

/* Slow, or stalled. */
static bool tick_drain(struct call *call) {
  struct response *response = &call->now->response;

  if (!response_is_drained(response))
    return true;
  if (!request_is_certain(&call->request)) {
    stop_draining(call);
    return outlet_open(call);
  }
  response->is_cut = response->body != response->announced;
  attempt_stop(call->now, BY_DRAIN);
  return true;
}

bool gate_tick(struct call *call) {
  const struct response *response = &call->now->response;

  switch (response->state) {
  case RESPONSE_DRAINING:
    return tick_drain(call);
  case RESPONSE_COMMITTED:
    return outlet_flush(call);
  case RESPONSE_HOLDING:
    return !response->is_final || !response_is_due(response, call->policy) ||
           outlet_open(call);
  default:
    return true;
  }
}

int64_t gate_due(const struct call *call) {
  const struct response *response = &call->now->response;

  if (response->state != RESPONSE_COMMITTED)
    return response_due(response, call->policy);
  return gate_has_clock(call) ? 0 : INT64_MAX;
}

bool gate_pause(struct call *call, bool is_paused) {
  return is_paused || call->now->response.state != RESPONSE_COMMITTED ||
         call->sink.is_busy || outlet_flush(call);
}
