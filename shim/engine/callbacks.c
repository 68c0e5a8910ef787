/* Entered from libcurl, which was called by the program: everything that the
 * program's own callbacks may do can happen in each of them. */
#include "engine/callbacks.h"

#include "engine/attempt.h"
#include "engine/connection.h"
#include "engine/facts.h"
#include "engine/gate.h"
#include "engine/method.h"
#include "engine/options.h"
#include "engine/sockets.h"
#include "host/log.h"

#include <string.h>

/* A pause that the attempt before ended in, or the handle's last transfer,
 * stays on the handle with 8.18: this one would never connect, or never go on
 * (lib/transfer.c, Curl_rlimit_block()). Once: it makes libcurl look again. */
static void end_old_pause(struct call *call) {
  const struct library *library = call->handle->library;
  struct attempt *now = call->now;

  if (library_keeps_pauses(library) && !now->is_unpaused &&
      (now->number > 1 || !call_is_paused(call)))
    now->is_unpaused =
        !library->easy_pause(call->handle->curl, CURLPAUSE_CONT);
}

/* CURLOPT_PREREQFUNCTION: connected, about to send a request. */
static int on_prerequest(void *data, char *remote, char *local,
                         int remote_port, int local_port) {
  struct call *call = data;
  int answer;

  if (call->now->is_barred) { /* 8.7 to 8.13 go on nevertheless */
    attempt_stop(call->now, BY_MISMATCH);
    return CURL_PREREQFUNC_ABORT;
  }
  method_note(call);
  if (call->overrides.has_request)
    connection_note(call);
  if (!gate_show_way(call))
    return CURL_PREREQFUNC_ABORT;
  if (!call->now->hop.was_sent)
    end_old_pause(call);
  hop_prerequest(&call->now->hop);
  request_next(&call->request);
  attempt_active(call);
  answer = callback_prerequest(&call->handle->shadow, remote, local,
                               remote_port, local_port);
  if (answer != CURL_PREREQFUNC_OK)
    attempt_refuse(call, CURLE_ABORTED_BY_CALLBACK);
  return answer;
}

/* The program paused its upload. It may have been for something that we hold,
 * and go on at once when it gets it: then libcurl would miss that. */
static bool goes_on(struct call *call) {
  return gate_show_paused(call) && !call->request.is_paused;
}

static size_t on_read(char *buffer, size_t size, size_t count, void *data) {
  struct call *call = data;
  struct request *request = &call->request;
  enum serving serving;
  size_t served;

  attempt_active(call);
  if (call->now->cause == BY_PROGRAM)
    return CURL_READFUNC_ABORT; /* libcurl may begin again by itself */
  if (!request_is_ready(request)) {
    attempt_stop(call->now, BY_MISMATCH);
    return CURL_READFUNC_ABORT;
  }
  if (!request_has_kept(request) && !gate_open_for_read(call))
    return CURL_READFUNC_ABORT;
  do
    serving = request_serve(request, buffer, size, count, &served);
  while (serving == SERVED_PAUSE && goes_on(call));
  switch (serving) {
  case SERVED:
    if (served)
      options_moved(call);
    return served;
  case SERVED_PAUSE:
    return call->now->cause == BY_PROGRAM ? CURL_READFUNC_ABORT
                                          : CURL_READFUNC_PAUSE;
  case SERVED_OTHER_BYTES:
    attempt_stop(call->now, BY_MISMATCH);
    return CURL_READFUNC_ABORT;
  default:
    attempt_refuse(call, served == CURL_READFUNC_ABORT
                             ? CURLE_ABORTED_BY_CALLBACK
                             : CURLE_READ_ERROR);
    return served;
  }
}

/* A pooled connection died, and libcurl itself sends the request again, on a
 * new one (lib/transfer.c, Curl_retry_request), which METHODS forbids. Its
 * other rewinds follow an answer, or a stream that was refused before it was
 * looked at: on a new connection that is the only reason. */
static bool is_repeated(struct call *call) {
  return hop_is_unanswered(&call->now->hop) && call->now->is_pooled &&
         !facts_may_repeat(call);
}

static int on_seek(void *data, curl_off_t offset, int origin) {
  struct call *call = data;
  bool is_forbidden = is_repeated(call);
  int result = request_seek(&call->request, offset, origin, is_forbidden);

  if (!is_forbidden || result == CURL_SEEKFUNC_OK)
    return result;
  call->now->is_barred = true;
  log_note(call->policy, LEVEL_INFO,
           "a pooled connection died, and METHODS does not let the request "
           "be sent again");
  return result;
}

/* HOLD_TIME, the drain's bound, STALL_TIMEOUT and MAX_TIME. False: the attempt
 * ends. */
static bool tick(struct call *call, bool has_moved) {
  if (!gate_tick(call))
    return false;
  if (call->now->cause == BY_LIBCURL &&
      attempt_is_stalled(call, has_moved, clock_now_ms()))
    attempt_stop(call->now, BY_STALL);
  return call->now->cause == BY_LIBCURL;
}

/* Whether any clock runs: else no time is asked for. */
static inline bool has_clock(const struct call *call) {
  return call->policy->stall_timeout_ms != POLICY_UNLIMITED ||
         call_is_bounded(call) || gate_has_clock(call);
}

/* The program's progress callback, and our clocks. */
__attribute__((noinline)) static int look_at(struct call *call, bool has_moved,
                                             const curl_off_t values[4]) {
  int answer;

  if (memcmp(values, call->now->moved, sizeof(call->now->moved)) != 0)
    has_moved = true;
  attempt_note_progress(call, values);
  answer = attempt_tell_progress(call);
  if (call->overrides.is_metered)
    answer = CURL_PROGRESSFUNC_CONTINUE;
  if (call->now->cause == BY_PROGRAM)
    return 1;
  return !has_clock(call) || tick(call, has_moved) ? answer : 1;
}

/* CURLOPT_XFERINFOFUNCTION(3): called often while data moves, about once a
 * second when idle: that is when our clocks are looked at. */
static int on_progress(void *data, curl_off_t download_total,
                       curl_off_t download_now, curl_off_t upload_total,
                       curl_off_t upload_now) {
  struct call *call = data;
  bool has_moved = false;

  if (!call->now->hop.was_sent)
    end_old_pause(call);
  if (upload_now > call->now->moved[3]) {
    options_moved(call); /* of a body that libcurl has itself, too */
    call->now->moved[3] = upload_now;
    has_moved = true;
  }
  if (call->handle->shadow.held.no_progress && !has_clock(call))
    return 0; /* nobody asks */
  return look_at(call, has_moved,
                 (const curl_off_t[]){download_total, download_now,
                                      upload_total, upload_now});
}

int64_t callbacks_due(struct call *call) {
  int64_t held = gate_due(call);
  int64_t attempt = attempt_due(call);

  if (held != INT64_MAX && !call->overrides.has_clock)
    options_start_clock(call);
  return held < attempt ? held : attempt;
}

struct ours callbacks_ours(void) {
  return (struct ours){.header = gate_header,
                       .body = gate_body,
                       .read = on_read,
                       .seek = on_seek,
                       .progress = on_progress,
                       .prerequest = on_prerequest,
                       .socket = sockets_open};
}
