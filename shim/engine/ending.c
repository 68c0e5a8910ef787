#include "engine/ending.h"

#include "engine/attempt.h"
#include "engine/fault.h"
#include "engine/getinfo.h"

#define CLOCK_SLACK_MS 20 /* libcurl's clock begins a little earlier */

enum ending ending_of(const struct ended *ended) {
  bool is_refused = ended->cause == BY_PROGRAM;
  bool is_other = ended->cause == BY_MISMATCH;

  if (ended->has_kept && ended->code == CURLE_SEND_FAIL_REWIND && !is_refused)
    return ENDING_KEPT;
  if (ended->is_committed && ended->was_resumed && !is_refused &&
      (is_other || (ended->code == CURLE_OK && ended->is_short)))
    return ENDING_MISMATCH;
  if (ended->is_committed && ended->code == CURLE_OK)
    return ENDING_DELIVER;
  if (ended->is_resuming && !ended->is_judged &&
      (is_other || ended->code == CURLE_OK))
    return ENDING_MISMATCH;
  if (!ended->is_judged)
    return ENDING_JUDGE;
  return ended->reason == VERDICT_RETRY ? ENDING_RETRY : ENDING_DELIVER;
}

enum ending ending_now(const struct call *call) {
  const struct attempt *now = call->now;
  const struct resume *resume = &call->resume;
  enum response_state state = now->response.state;
  struct ended ended = {
      .is_committed = state == RESPONSE_COMMITTED,
      .is_resuming = state == RESPONSE_RESUMING,
      .was_resumed = resume->was_resumed,
      .is_short = resume_is_short(resume),
      .has_kept =
          call->kept && call->kept->response.state != RESPONSE_COMMITTED,
      .cause = now->cause,
      .code = now->code,
      .is_judged = call->verdict.reason != VERDICT_SUCCESS,
      .reason = call->verdict.reason,
  };

  return ending_of(&ended);
}

/* libcurl refuses some answers by itself, before or after their headers: no
 * such range, another size or encoding, FTP's "no such file". */
bool ending_is_other_answer(CURLcode code) {
  switch (code) {
  case CURLE_REMOTE_ACCESS_DENIED:
  case CURLE_FTP_COULDNT_RETR_FILE:
  case CURLE_HTTP_RETURNED_ERROR:
  case CURLE_RANGE_ERROR:
  case CURLE_BAD_CONTENT_ENCODING:
  case CURLE_TOO_MANY_REDIRECTS:
  case CURLE_FILESIZE_EXCEEDED:
  case CURLE_REMOTE_FILE_NOT_FOUND:
    return true;
  default:
    return false;
  }
}

/* What the real transfer's code means to the program, and its error text;
 * NULL: libcurl's own. */
static CURLcode translate(struct call *call, CURLcode code,
                          const char **text) {
  const struct attempt *now = call->now;

  *text = NULL;
  switch (now->cause) {
  case BY_PROGRAM: /* also when a progress callback ended it */
    if (call->sink.refusal.code == CURLE_WRITE_ERROR &&
        call->sink.refusal.text[0])
      *text = call->sink.refusal.text;
    return call->sink.refusal.code;
  case BY_DRAIN:
    if (!now->response.is_cut)
      return CURLE_OK;
    *text = "response cut at CURLRETRY_DRAIN_BYTES";
    return CURLE_PARTIAL_FILE;
  case BY_STALL:
    if (code != CURLE_OPERATION_TIMEDOUT)
      *text = "No byte moved for as long as CURLRETRY_STALL_TIMEOUT or "
              "CURLRETRY_MAX_TIME say";
    return CURLE_OPERATION_TIMEDOUT;
  case BY_MISMATCH:
    return CURLE_SEND_FAIL_REWIND;
  default:
    return now->is_injected ? fault_code(call, code, text) : code;
  }
}

/* Whether a timeout is a bound of ours, not the program's. */
static bool is_own_bound(const struct call *call) {
  const struct overrides *overrides = &call->overrides;
  int64_t took = clock_now_ms() - call->attempt_at + CLOCK_SLACK_MS;

  return (overrides->is_bounded && took >= overrides->bound_ms) ||
         (overrides->connect_ms && !call->now->hop.was_sent &&
          took >= overrides->connect_ms);
}

/* Whether the attempt ended by something that comes of the retry itself: a
 * bound of ours, or a local port that the connection before still holds. */
static bool is_own_end(const struct call *call) {
  const struct attempt *now = call->now;

  if (now->is_injected)
    return false;
  return now->cause == BY_STALL ||
         (now->code == CURLE_OPERATION_TIMEDOUT && is_own_bound(call)) ||
         (now->code == CURLE_INTERFACE_FAILED &&
          call->handle->shadow.has_own_port);
}

/* RESUME_FROM leaves nothing to upload by HTTP, which libcurl says before it
 * sends a byte (lib/http.c, "File already completely uploaded"). The same code
 * without an answer is a dead connection's, of HTTP/2. */
static bool has_no_upload(const struct call *call, CURLcode code) {
  const struct shadow *shadow = &call->handle->shadow;
  const struct hop *hop = &call->now->hop;

  return code == CURLE_PARTIAL_FILE && call->scheme == URL_HTTP &&
         !hop->is_ftp && !hop->status && shadow->attempt.resume_from > 0 &&
         (shadow->request == REQUEST_PUT || shadow->request == REQUEST_POST) &&
         !getinfo_number(call, CURLINFO_REQUEST_SIZE);
}

void ending_set_code(struct call *call, CURLcode code) {
  const char *text;

  /* the first two are of callbacks that aren't ours: a form's, the socket's */
  if (call->now->cause == BY_LIBCURL &&
      (code == CURLE_ABORTED_BY_CALLBACK || code == CURLE_READ_ERROR ||
       has_no_upload(call, code)))
    attempt_refuse(call, code);
  call->now->code = translate(call, code, &text);
  call->now->is_own_end = call->now->code != CURLE_OK && is_own_end(call);
  if (text)
    call_set_error(call, text);
}

bool ending_leaves_kept(const struct call *call) {
  return call->resume.is_resuming ||
         (call->kept && call->now->response.state != RESPONSE_COMMITTED &&
          (call->now->is_own_end || call->verdict.is_at_once));
}

bool ending_keep(struct call *call) {
  struct attempt *now = call->now;
  struct attempt *next =
      now == call->attempts ? &call->attempts[1] : &call->attempts[0];

  /* what broke the body stays, also when this was no rest */
  if (ending_leaves_kept(call))
    return journal_reserve(&now->response.journal, &now->response.journal);
  if (!journal_reserve(&next->response.journal, &now->response.journal) ||
      !attempt_capture(call, &now->info))
    return false;
  /* what the program was told of its response */
  if (now->response.state == RESPONSE_COMMITTED && !call->resume.was_resumed &&
      !attempt_capture(call, &call->handle->answers.first))
    return false;
  if (!journal_move_rest(&now->response.journal, &call->rest))
    return false;
  attempt_clear(next);
  next->number = now->number;
  call->kept = now;
  call->now = next;
  return true;
}

void ending_restore(struct call *call) {
  call->now = call->kept;
  call->kept = NULL;
  call->handle->answers.past = call->now->info;
  call_set_error(call, call->now->info->error);
}
