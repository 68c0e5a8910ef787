#define _GNU_SOURCE
#include "engine/facts.h"

#include "engine/getinfo.h"
#include "engine/incident.h"
#include "engine/retry_after.h"
#include "engine/sockets.h"
#include "host/budgets.h"
#include "host/clock.h"
#include "host/random.h"
#include "program/fields.h"

#include <stdio.h> /* snprintf only */
#include <string.h>

#define PROXY_AUTHENTICATION 407

#define REFUSAL_VERSION 0x081200       /* 8.18.0 */
#define WHOLE_STREAMS_VERSION 0x080100 /* 8.1.0 */
#define KEPT_LENGTH_VERSION 0x080700   /* 8.7.0 */

const char *facts_url(const struct call *call) {
  const struct shadow *shadow = &call->handle->shadow;
  const char *url;

  if (call->former_url)
    return call->former_url;
  if (shadow->url && !shadow->url_handle)
    return shadow->url;
  url = getinfo_text(call, CURLINFO_EFFECTIVE_URL);
  return url ? url : "";
}

uint64_t facts_origin(struct call *call) {
  if (!call->origin)
    call->origin = url_origin(facts_url(call));
  return call->origin;
}

/* Commands beside the transfer, and uploads that add to what is there. No
 * redirect leads on from ftp and sftp: the last hop's scheme counts. */
static bool has_side_commands(const struct call *call) {
  const struct shadow *shadow = &call->handle->shadow;

  /* an upload with RESUME_FROM is sent as APPE, or opened to append */
  return (shadow->has_custom_request || shadow->is_append ||
          (shadow->is_upload && shadow->attempt.resume_from) ||
          shadow->has_quotes[0] || shadow->has_quotes[1] ||
          shadow->has_quotes[2]) &&
         (call->now->hop.is_ftp || facts_hop_scheme(call) != URL_HTTP);
}

/* Only for HTTP libcurl reads what HTTPHEADER and HTTPPOST point to: a program
 * may have freed it before a transfer of ftp. */
static bool is_http(const struct call *call) {
  return call->scheme == URL_HTTP || call->now->hop.status;
}

static void collect_fields(const struct shadow *shadow,
                           struct outcome *outcome) {
  const struct curl_slist *lines = shadow->attempt.http_header;

  outcome->has_idempotency_key = fields_have(lines, "idempotency-key") ||
                                 fields_have(lines, "x-idempotency-key");
  outcome->is_git_read =
      fields_are_of_type(lines, "application/x-git-upload-pack-request");
  outcome->has_precondition =
      shadow->time_condition == CURL_TIMECOND_IFUNMODSINCE ||
      fields_have(lines, "if-match") || fields_have(lines, "if-none-match") ||
      fields_have(lines, "if-unmodified-since");
}

/* After a redirect libcurl says where it led, and by which method it went on.
 */
static void collect_first(const struct call *call, struct outcome *outcome) {
  bool was_redirected = getinfo_number(call, CURLINFO_REDIRECT_COUNT) != 0;
  const char *method = NULL;

  if (was_redirected)
    method = getinfo_text(call, CURLINFO_EFFECTIVE_METHOD);
  outcome->method = call->method[0] ? call->method : NULL;
  outcome->has_other_method =
      was_redirected && (!method || strcmp(method, call->method) != 0);
  if (!was_redirected || !call->handle->shadow.url_handle)
    outcome->url = facts_url(call);
}

/* Up to 8.6 libcurl repeats by itself what met a pooled connection's end, and
 * takes RESUME_FROM off the upload's length once more: other bytes arrive, and
 * are accepted (lib/http.c, Curl_http_resume()). */
static bool must_connect(const struct call *call) {
  const struct shadow *shadow = &call->handle->shadow;

  return shadow->is_upload && shadow->attempt.resume_from &&
         call->handle->library->version < KEPT_LENGTH_VERSION;
}

static void collect_request(struct call *call, struct outcome *outcome) {
  const struct shadow *shadow = &call->handle->shadow;
  bool was_sent = is_http(call) && hop_may_be_sent(&call->now->hop);

  collect_first(call, outcome);
  if (is_http(call))
    collect_fields(shadow, outcome);
  outcome->has_side_commands = has_side_commands(call);
  outcome->has_own_socket = sockets_are_given(call);
  outcome->has_own_port = shadow->has_own_port;
  outcome->must_connect = must_connect(call);
  outcome->can_rewind =
      request_can_rewind(&call->request, was_sent) &&
      !(shadow->has_trailer_function && shadow_reads_body(shadow));
}

/* The response's status, if the block was the one the program would see: a
 * 401 that libcurl acted on is not what a refused connection after it means.
 * With FAILONERROR, libcurl before 7.75 ends at the status line and hands
 * over no byte of the block. */
static void collect_status(const struct call *call, CURLcode code,
                           struct outcome *outcome) {
  const struct hop *hop = &call->now->hop;

  outcome->is_ftp = hop->is_ftp;
  if (hop->is_ftp && hop->reply)
    outcome->status = hop->reply; /* libcurl has the one to QUIT by now */
  else if (hop->is_ftp || code == CURLE_HTTP_RETURNED_ERROR)
    outcome->status = (int)getinfo_number(call, CURLINFO_RESPONSE_CODE);
  else if (!hop->is_connect &&
           (code == CURLE_OK || hop_is_final(hop, &call->handle->shadow)))
    outcome->status = hop->status;
}

/* What libcurl says of a CONNECT that it gives up on: since 7.81, and before
 * (lib/http_proxy.c, lib/cf-h1-proxy.c). */
static bool is_refusal(const char *text) {
  return strstr(text, "CONNECT tunnel failed") ||
         strstr(text, "from proxy after CONNECT");
}

int facts_connect_status(long status, const char *text) {
  bool is_answered =
      status == PROXY_AUTHENTICATION && text && text[0] && !is_refusal(text);

  return is_answered ? 0 : (int)status;
}

static void collect_connection(const struct call *call, CURLcode code,
                               struct outcome *outcome) {
  outcome->connects = 1;
  if (code != CURLE_OK) {
    if (!call->now->is_injected) /* it was no connection of the pool */
      outcome->connects = getinfo_number(call, CURLINFO_NUM_CONNECTS);
    outcome->connect_status =
        facts_connect_status(getinfo_number(call, CURLINFO_HTTP_CONNECTCODE),
                             call->handle->shadow.error_buffer);
  }
  if (code == CURLE_PROXY)
    outcome->proxy_error = (int)getinfo_number(call, CURLINFO_PROXY_ERROR);
  if (call->now->hop.has_prerequests)
    outcome->nothing_sent = !call->now->hop.was_sent;
  else
    outcome->nothing_sent =
        code == CURLE_COULDNT_RESOLVE_PROXY ||
        code == CURLE_COULDNT_RESOLVE_HOST ||
        (code == CURLE_COULDNT_CONNECT && !outcome->connect_status);
}

/* libcurl (7.88, 8.22) takes headers that end with the connection for a whole
 * answer. */
static int judged_code(const struct call *call, CURLcode code) {
  bool is_cut = code == CURLE_OK && call->now->hop.state == HOP_IN_BLOCK;

  return (int)(is_cut ? CURLE_PARTIAL_FILE : code);
}

enum retry_class facts_class(const struct call *call, int *status) {
  const struct attempt *now = call->now;
  struct outcome outcome = {.code = judged_code(call, now->code)};
  enum retry_class class;

  collect_status(call, now->code, &outcome);
  collect_connection(call, now->code, &outcome);
  /* handed over before it was known what it is: nobody looked on */
  if (now->response.state == RESPONSE_COMMITTED && !now->response.is_final)
    outcome.status = (int)getinfo_number(call, CURLINFO_RESPONSE_CODE);
  class = policy_classify(&outcome, status);
  return outcome.code == CURLE_OK && !*status ? CLASS_COUNT : class;
}

bool facts_has_succeeded(const struct call *call) {
  int status;

  return facts_class(call, &status) == CLASS_COUNT;
}

/* Whether libcurl has no use for the challenge, which is the attempt's first,
 * and answered one in an attempt before. */
static bool has_new_challenge(const struct call *call) {
  const struct hop *hop = &call->now->hop;

  return (hop_challenge(hop) & call->answered & ~hop->answered) != 0;
}

static void collect_time(const struct call *call, struct outcome *outcome) {
  int64_t now = clock_now_ms();

  outcome->idle_ms = call_idle_ms(call, now);
  outcome->time_left_ms = call_time_left_ms(call, now);
  outcome->retry_after_ms =
      retry_after_ms(call, policy_is_refused_connect(outcome));
}

/* A refusal of RESOLVER_START_FUNCTION came as 6 once, later as 42. */
static bool was_refused(const struct call *call, CURLcode code) {
  return call->sink.refusal.code != CURLE_OK ||
         (call->handle->library->version < REFUSAL_VERSION &&
          call->handle->shadow.has_resolver_start &&
          (code == CURLE_COULDNT_RESOLVE_HOST ||
           code == CURLE_COULDNT_RESOLVE_PROXY));
}

void facts_collect(struct call *call, CURLcode code, struct outcome *outcome) {
  const struct attempt *now = call->now;

  memset(outcome, 0, sizeof(*outcome));
  outcome->code = judged_code(call, code);
  outcome->was_refused = was_refused(call, code);
  outcome->attempt = now->number;
  outcome->has_header = now->hop.has_header;
  outcome->is_other_answer = call->resume.is_resuming && call->resume.mismatch;
  outcome->is_committed = now->response.state == RESPONSE_COMMITTED;
  outcome->has_new_challenge = has_new_challenge(call);
  outcome->was_repeated = call->was_repeated;
  outcome->retries = call->retries;
  outcome->random = random_number();
  collect_request(call, outcome);
  collect_status(call, code, outcome);
  collect_connection(call, code, outcome);
  collect_time(call, outcome);
  outcome->is_paid =
      code != CURLE_OK && incident_is_paid(call, facts_origin(call));
  if (call->policy->budget)
    outcome->tokens = budgets_left(call->policy, facts_origin(call));
}

/* Whether libcurl can't read again what it read for the attempt. Asked only
 * where a retry hangs on it: stat() is a system call. */
static bool has_spent_files(const struct call *call,
                            const struct outcome *outcome) {
  const struct shadow *shadow = &call->handle->shadow;
  bool was_unconnected = outcome->nothing_sent && !outcome->connect_status &&
                         (outcome->code == CURLE_COULDNT_RESOLVE_PROXY ||
                          outcome->code == CURLE_COULDNT_RESOLVE_HOST ||
                          outcome->code == CURLE_COULDNT_CONNECT);

  if (shadow->request == REQUEST_FORM && is_http(call) &&
      hop_may_be_sent(&call->now->hop) && files_form_is_spent(shadow->form))
    return true;
  return files_are_spent(&shadow->files, !was_unconnected);
}

struct verdict facts_judge(struct call *call, CURLcode code) {
  struct outcome outcome;
  struct verdict verdict;

  facts_collect(call, code, &outcome);
  verdict = policy_judge(call->policy, &outcome);
  if (verdict.reason == VERDICT_RETRY && call_is_over(call))
    verdict.reason = VERDICT_CHANGED;
  if (verdict.reason == VERDICT_RETRY && has_spent_files(call, &outcome))
    verdict.reason = VERDICT_READ_ONCE;
  return verdict;
}

bool facts_may_repeat(struct call *call) {
  struct outcome outcome = {.code = CURLE_RECV_ERROR};

  collect_request(call, &outcome);
  return policy_allows_repeat(call->policy, &outcome);
}

/* HTTP/2's streams lost a piece in the middle of a body, when others of the
 * connection were paused or taken away (seen with 7.88; not since its buffers
 * were rewritten, 8.1). Only the length then told: 18. */
static bool may_have_gaps(const struct call *call) {
  return call->handle->library->version < WHOLE_STREAMS_VERSION &&
         getinfo_number(call, CURLINFO_HTTP_VERSION) == CURL_HTTP_VERSION_2_0;
}

struct answer facts_answer(const struct call *call) {
  struct attempt *now = call->now;
  struct answer answer = {
      .hop = &now->hop,
      .entity = &now->response.entity,
      .status = now->hop.is_ftp ? 0 : now->hop.status,
      .is_http = call->scheme == URL_HTTP && !now->hop.is_ftp,
      .may_have_gaps = may_have_gaps(call),
      .announced = now->response.announced,
      .getdate = call->handle->library->getdate,
  };

  entity_seal(&now->response.entity);
  if (!call->resume.is_resuming)
    return answer;
  answer.url = getinfo_text(call, CURLINFO_EFFECTIVE_URL);
  (void)info_answer(call->handle->answers.first, CURLINFO_EFFECTIVE_URL,
                    &answer.first_url);
  return answer;
}

/* FTP's ASCII type: libcurl converts line ends, SIZE counts them as they are
 * in the file. */
static bool is_converted(const struct call *call) {
  const char *url = getinfo_text(call, CURLINFO_EFFECTIVE_URL);

  return call->handle->shadow.is_text ||
         (url && strcasestr(url, ";type=a") != NULL);
}

int64_t facts_announced(const struct call *call) {
  const struct hop *hop = &call->now->hop;
  curl_off_t length;

  if (!hop->is_ftp && hop->status)
    return hop_announced(hop, &call->handle->shadow);
  if (is_converted(call))
    return -1;
  length = getinfo_offset(call, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T);
  return length > 0 ? length : -1;
}

enum url_scheme facts_hop_scheme(const struct call *call) {
  const char *scheme = getinfo_text(call, CURLINFO_SCHEME);

  return scheme ? url_protocol(scheme) : call->scheme;
}

/* CURLINFO_RESPONSE_CODE is of the last response, never of a CONNECT. */
struct info_view facts_view(const struct call *call) {
  const struct hop *hop = &call->now->hop;

  return (struct info_view){
      .has_status = true,
      .status = hop->is_connect ? hop->status_before : hop->status,
      .url = getinfo_text(call, CURLINFO_EFFECTIVE_URL),
      .scheme = getinfo_text(call, CURLINFO_SCHEME),
  };
}
