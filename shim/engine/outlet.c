/* Rules: design.md, "Response". */
#define _GNU_SOURCE
#include "engine/outlet.h"

#include "engine/attempt.h"
#include "engine/facts.h"
#include "engine/options.h"

#include <signal.h>
#include <string.h>

size_t outlet_stop(struct call *call, enum cause cause, size_t length) {
  attempt_stop(call->now, cause);
  return outlet_refused(length);
}

/* Whether the last marked block, not final when it ended, is what the program
 * gets: libcurl had no use for it, or gave up over it, and none came after it
 * (a final one has no mark). */
static bool is_answer(const struct call *call) {
  CURLcode code = call->now->code;

  return call->phase != PHASE_TRANSFER && !call->now->response.is_final &&
         (code == CURLE_OK || code == CURLE_HTTP_RETURNED_ERROR ||
          code == CURLE_TOO_MANY_REDIRECTS);
}

/* The status that the final block had when it came: libcurl makes 304 of it
 * where TIMECONDITION isn't met. 0: as libcurl says. */
static int final_status(const struct call *call) {
  return call->handle->shadow.time_condition && call->now->response.is_final
             ? call->now->hop.status
             : 0;
}

static enum delivery play_one(struct call *call, struct journal *journal) {
  enum delivery delivery;

  call->sink.status = final_status(call);
  delivery = sink_play(&call->sink, journal);
  if (delivery == DELIVERED)
    journal_clear(journal);
  else if (delivery == DELIVERY_REFUSED)
    attempt_stop(call->now, BY_PROGRAM);
  return delivery;
}

/* Hand over what is held of the attempt at hand. */
static enum delivery play_held(struct call *call) {
  struct journal *journal = &call->now->response.journal;
  enum delivery delivery;

  if (!journal_is_empty(&call->rest)) {
    delivery = play_one(call, &call->rest);
    if (delivery != DELIVERED)
      return delivery;
  }
  if (journal_is_empty(journal))
    return DELIVERED;
  if (is_answer(call))
    journal_keep_last(journal);
  journal_read(journal, &call->way, call->now->number);
  return play_one(call, journal);
}

/* getinfo as of the last block: libcurl's is of the hop that comes. */
static void set_way(struct call *call, bool is_shown) {
  if (call->now->response.has_way_info)
    call->handle->answers.way = is_shown ? call->now->info : NULL;
}

/* Behave as inside the transfer: libcurl, too, ignores SIGPIPE (else a closed
 * pipe kills the host). */
enum delivery outlet_hand_over(struct call *call) {
  bool ignores =
      !call->handle->shadow.has_no_signal && !call_holds_nothing(call);
  struct sigaction ignore, before;
  enum delivery delivery;

  memset(&ignore, 0, sizeof(ignore));
  ignore.sa_handler = SIG_IGN;
  if (ignores)
    ignores = !sigaction(SIGPIPE, &ignore, &before);
  set_way(call, journal_ends_with_mark(&call->now->response.journal));
  delivery = play_held(call);
  set_way(call, false);
  if (ignores)
    (void)sigaction(SIGPIPE, &before, NULL);
  return delivery;
}

/* The same inside the transfer. */
static inline enum delivery play(struct call *call) {
  if (call_holds_nothing(call))
    return DELIVERED;
  /* who refused in curl_easy_pause() isn't asked again */
  return call->sink.refusal.code != CURLE_OK ? DELIVERY_REFUSED
                                             : play_held(call);
}

/* A resume is for a GET that the policy lets be continued. */
static bool may_resume(const struct call *call) {
  const struct response *response = &call->now->response;

  return call->policy->resume && !call->policy->dry_run &&
         response->is_final && !response->is_last &&
         !strcmp(call->method, "GET");
}

/* From here on the response streams through. */
static void commit(struct call *call) {
  struct answer answer;

  call->now->response.state = RESPONSE_COMMITTED;
  if (call->overrides.is_bounded)
    options_lift_bound(call);
  options_stop_clock(call);
  if (!may_resume(call))
    return;
  answer = facts_answer(call);
  resume_committed(&call->resume, &answer, &call->handle->shadow);
}

/* The program paused. What is left goes on from the progress callback. */
static void note_pause(struct call *call) {
  atomic_store(&call->sink.is_paused, true);
  options_start_clock(call);
}

/* Hand over what is held, where no callback of libcurl's can return a pause:
 * it is told of it. False: the program refused. */
bool outlet_flush(struct call *call) {
  int action = CURLPAUSE_RECV;

  switch (play(call)) {
  case DELIVERED:
    return true;
  case DELIVERY_REFUSED:
    return false;
  default:
    note_pause(call);
    if (call->request.is_paused)
      action |= CURLPAUSE_SEND;
    (void)call->handle->library->easy_pause(call->handle->curl, action);
    return true;
  }
}

bool outlet_open(struct call *call) {
  commit(call);
  return outlet_flush(call);
}

/* After a refusal it stays so; the line may be of a block before. */
static void keep_way(struct call *call) {
  if (!call->now->response.has_way_info || !call->sink.view.has_status)
    return;
  info_set_status(call->now->info, call->sink.view.status);
  call->handle->answers.past = call->now->info;
}

bool outlet_show(struct call *call) {
  int64_t delivered_at = call->sink.delivered_at;
  enum delivery delivery;

  if (call->now->response.state != RESPONSE_HOLDING ||
      call_holds_nothing(call))
    return true;
  set_way(call, true);
  delivery = play(call);
  set_way(call, false);
  if (delivery == DELIVERY_REFUSED) {
    keep_way(call);
    return false;
  }
  /* reset in its callback, where libcurl is about to use what that clears */
  if (call->is_abandoned)
    return false;
  call->sink.delivered_at = delivered_at; /* nothing has moved */
  /* the rest comes with the answer, whichever attempt brings it; replies of
     ftp aren't counted */
  if (delivery == DELIVERY_PAUSED && call->now->hop.is_ftp) {
    commit(call);
    note_pause(call);
  }
  return true;
}

/* The event itself. */
static size_t put(struct call *call, const struct event *event) {
  size_t taken;

  switch (sink_put(&call->sink, event, &taken)) {
  case DELIVERED:
    return event->length;
  case DELIVERY_PAUSED: /* the whole piece comes again */
    return CURL_WRITEFUNC_PAUSE;
  default:
    attempt_stop(call->now, BY_PROGRAM);
    return taken;
  }
}

/* A body across or after the place where a resume goes on: the program has
 * the first `repeated` bytes of it. */
static size_t put_resumed(struct call *call, const struct event *event) {
  struct resume *resume = &call->resume;
  size_t skip = resume->repeated;
  struct event rest = {event->kind, event->bytes + skip, event->length - skip};
  size_t taken;

  if (skip && event->length <= skip) {
    resume->repeated -= event->length;
    return event->length;
  }
  if (resume_is_long(resume, rest.length)) {
    resume->mismatch = "the continued body is longer";
    return outlet_stop(call, BY_MISMATCH, event->length);
  }
  taken = put(call, &rest);
  if (taken == CURL_WRITEFUNC_PAUSE)
    return taken;
  if (taken != rest.length)
    return skip ? outlet_refused(event->length) : taken;
  resume->repeated = 0;
  return event->length;
}

/* The only way to the program: what is held first, then this event. */
size_t outlet_pass(struct call *call, const struct event *event) {
  if (call->now->response.state != RESPONSE_COMMITTED)
    commit(call);
  switch (play(call)) {
  case DELIVERY_REFUSED:
    return outlet_refused(event->length);
  case DELIVERY_PAUSED:
    note_pause(call);
    return CURL_WRITEFUNC_PAUSE;
  default:
    /* by the program between two attempts: libcurl doesn't know it yet */
    if (atomic_load(&call->sink.is_paused))
      return CURL_WRITEFUNC_PAUSE;
    return event->kind == EVENT_BODY && call->resume.was_resumed
               ? put_resumed(call, event)
               : put(call, event);
  }
}

/* The body goes on where the program's ends. */
void outlet_continue(struct call *call, size_t repeated) {
  call->now->response.state = RESPONSE_COMMITTED;
  resume_continues(&call->resume, repeated);
  call->handle->answers.is_resumed = true;
  options_moved(call);
}
