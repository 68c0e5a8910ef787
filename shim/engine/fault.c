/* libcurl makes the failures: their codes, getinfo, header callbacks and texts
 * are its own as far as it can meet them in a connection to a dead end. Where
 * it can't, and for what it writes of that end, they are said here. */
#define _GNU_SOURCE
#include "engine/fault.h"

#include "engine/attempt.h"
#include "engine/facts.h"
#include "engine/getinfo.h"
#include "engine/method.h"
#include "engine/options.h"
#include "engine/options_fault.h"
#include "faults.h"
#include "host/dead_end.h"
#include "host/log.h"
#include "host/random.h"
#include "text/reason.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h> /* snprintf only */
#include <stdlib.h>
#include <string.h>

struct faulting {
  struct fault now;   /* of the attempt at hand */
  int64_t body;       /* bytes of its body that came */
  struct fault drawn; /* of attempt number `drawn_for` */
  unsigned drawn_for;
  bool is_stub;    /* the real transfer is none: fault_first() */
  bool was_met;    /* it came to its connection */
  bool has_answer; /* ... where something is to be heard */
  bool is_disguised;
  bool is_late; /* ... was, and the first attempt is to begin */
  struct dead_end dead_end;
  char text[CURL_ERROR_SIZE];
};

/* --- drawing ---------------------------------------------------------------
 */

/* Nobody leaves it on without knowing. */
static void announce(const struct policy *policy) {
  static atomic_flag is_announced = ATOMIC_FLAG_INIT;

  if (!atomic_flag_test_and_set(&is_announced))
    log_note(policy, LEVEL_WARN,
             "CURLRETRY_FAULTS is set: transfers fail on purpose");
}

static void draw(struct call *call, unsigned attempt) {
  const struct policy *policy = call->policy;
  struct faulting *faulting = call->faulting;
  uint64_t random =
      policy->faults_seed < 0
          ? random_number()
          : faults_number(policy->faults_seed, call->number, attempt);

  faulting->drawn =
      faults_draw(&policy->faults, attempt, call->scheme == URL_HTTP, random);
  faulting->drawn_for = attempt;
}

/* NULL: out of memory; nothing fails then. */
static struct faulting *make(struct call *call) {
  int saved = errno;

  if (!call->faulting) {
    call->faulting = calloc(1, sizeof(*call->faulting));
    if (call->faulting)
      call->faulting->dead_end = dead_end_none();
  }
  errno = saved;
  return call->faulting;
}

/* --- the connection --------------------------------------------------------
 */

/* Whether a body can be cut short: a HEAD has none, and the answer to a part
 * would have to be that part. */
static bool may_have_body(const struct call *call) {
  const struct shadow *shadow = &call->handle->shadow;

  return shadow->request != REQUEST_HEAD && !shadow->attempt.resume_from &&
         !shadow->texts.at[TEXT_RANGE].text && !call->resume.is_resuming;
}

/* What is heard before the end. */
static int write_answer(const struct call *call, char *text, size_t size) {
  const struct fault *fault = &call->faulting->now;

  if (fault->kind == FAULT_STATUS)
    return snprintf(text, size,
                    "HTTP/1.1 %d %s\r\nContent-Length: 0\r\n"
                    "Connection: close\r\n\r\n",
                    fault->status, reason_phrase(fault->status));
  if (fault->kind == FAULT_PARTIAL && may_have_body(call))
    return snprintf(text, size,
                    "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n"
                    "Connection: close\r\n\r\n");
  return 0;
}

/* A transfer other than HTTP's ends here, although its request counts as
 * sent. */
static void pretend_sent(struct call *call) {
  method_note(call);
  hop_prerequest(&call->now->hop);
}

/* The program asks for the URL it gave, not for ours. */
static void undisguise(struct call *call) {
  struct answers *answers = &call->handle->answers;
  const char *url;

  if (!answers->true_url) {
    url = getinfo_text(call, CURLINFO_EFFECTIVE_URL);
    answers->true_url = url ? url_undisguise(url) : NULL;
  }
  answers->is_disguised = answers->true_url != NULL;
}

/* CURLOPT_OPENSOCKETFUNCTION: once for each connection of the attempt, a
 * second one after an answer that libcurl acts on by itself. */
static curl_socket_t on_socket(void *data, curlsocktype purpose,
                               struct curl_sockaddr *address) {
  struct call *call = data;
  struct faulting *faulting = call->faulting;
  char heard[128];
  int number = -1;

  (void)purpose;
  (void)address;
  faulting->was_met = true;
  if (faulting->is_stub)
    return CURL_SOCKET_BAD;
  call->now->is_injected = true;
  if (faulting->is_disguised)
    undisguise(call);
  if (faulting->has_answer) {
    number = dead_end_open(&faulting->dead_end, heard,
                           (size_t)write_answer(call, heard, sizeof(heard)));
    if (number < 0)
      faulting->now.kind = FAULT_CONNECT;
  } else if (faulting->now.kind >= FAULT_TIMEOUT) {
    pretend_sent(call);
  }
  if (number < 0)
    attempt_stop(call->now, BY_FAULT);
  return number < 0 ? CURL_SOCKET_BAD : number;
}

/* --- an attempt's options --------------------------------------------------
 */

/* The URL as libcurl has it; to be freed. NULL: it can't be asked for. */
static char *url_of(const struct call *call) {
  const struct handle *handle = call->handle;
  char *text = NULL;
  char *copy;

  if (!handle->shadow.url_handle)
    return strdup(handle->shadow.url);
  if (!handle->library->url_get ||
      handle->library->url_get(handle->shadow.url_handle, CURLUPART_URL, &text,
                               0))
    return NULL;
  copy = strdup(text);
  handle->library->free(text);
  return copy;
}

/* What to ask for instead of the call's URL, where that wants TLS; to be
 * freed. */
static char *disguise_of(const struct call *call) {
  const struct shadow *shadow = &call->handle->shadow;
  char *url = url_of(call);
  char *disguise = NULL;

  if (url && (url_is_https(url) || (shadow->is_https && !shadow->url_handle &&
                                    !url_has_scheme(url))))
    disguise = url_disguise(url);
  free(url);
  return disguise;
}

/* From here on the transfer comes to on_socket(). */
static void lead_astray(struct call *call) {
  struct faulting *faulting = call->faulting;

  dead_end_name(&faulting->dead_end);
  options_fault_set(call, faulting->dead_end.name, on_socket);
}

void fault_begin(struct call *call) {
  struct faulting *faulting = call->faulting;
  const struct fault *fault = &faulting->now;
  char *disguise;
  int saved = errno;

  call->handle->answers.is_disguised = false;
  faulting->now = faulting->drawn;
  faulting->body = 0;
  faulting->is_disguised = false;
  call->now->breaks_body = fault->kind != FAULT_NONE && fault->after >= 0;
  if (fault->kind == FAULT_NONE || call->now->breaks_body)
    return;
  faulting->has_answer =
      call->scheme == URL_HTTP &&
      (fault->kind == FAULT_STATUS || fault->kind >= FAULT_TIMEOUT);
  lead_astray(call);
  if (faulting->has_answer) {
    disguise = disguise_of(call);
    faulting->is_disguised = disguise != NULL;
    if (disguise)
      options_fault_disguise(call, disguise);
    free(disguise);
  }
  errno = saved;
}

/* --- waiting ---------------------------------------------------------------
 */

/* When the wait for the attempt that was drawn is over. What is left of the
 * program's own timeout may be less: then it ends the attempt. */
static void wait(struct call *call, int64_t now) {
  struct fault *fault = &call->faulting->drawn;
  const long own = call->handle->shadow.attempt.timeout_ms;
  int64_t since =
      call->policy->timeout_scope == SCOPE_CALL ? call->began_at : now;

  call->due_at = now + fault->delay_ms;
  fault->delay_ms = 0;
  call->is_delayed = true;
  call->phase = PHASE_WAIT;
  if (call->faulting->drawn_for > 1 &&
      call->policy->max_time_ms != POLICY_UNLIMITED &&
      call_moved_at(call) + call->policy->max_time_ms < call->due_at)
    call->due_at = call_moved_at(call) + call->policy->max_time_ms;
  if (own <= 0 || since + own >= call->due_at)
    return;
  call->due_at = since + own;
  fault->kind = FAULT_TIMEOUT;
  fault->after = -1;
}

void fault_first(struct call *call) {
  struct answers *answers = &call->handle->answers;
  struct faulting *faulting;

  announce(call->policy);
  faulting = make(call);
  if (!faulting)
    return;
  free(answers->true_url);
  answers->true_url = NULL;
  faulting->is_late = false;
  draw(call, 1);
  faulting->is_stub = faulting->drawn.delay_ms != 0;
  faulting->was_met = false;
  if (faulting->is_stub)
    lead_astray(call);
  else
    fault_begin(call);
}

static void begin_late(struct call *call, int64_t now) {
  attempt_clear(call->now);
  attempt_begin(call);
  options_fault_late(call, now - call->began_at);
  options_bound_connect(call);
  fault_begin(call);
}

bool fault_holds(struct call *call, int64_t now) {
  struct faulting *faulting = call->faulting;

  call->is_delayed = false;
  if (faulting->is_late) {
    faulting->is_late = false;
    begin_late(call, now);
    call->phase = PHASE_TRANSFER;
    return true;
  }
  if (faulting->drawn_for != call->now->number + 1)
    draw(call, call->now->number + 1);
  if (faulting->drawn.delay_ms)
    wait(call, now);
  return call->is_delayed;
}

bool fault_performed(struct call *call) {
  struct faulting *faulting = call->faulting;
  bool was_stub = faulting->is_stub;

  faulting->is_stub = false;
  fault_end(call);
  if (!was_stub || !faulting->was_met || call->now->cause == BY_PROGRAM)
    return false;
  faulting->is_late = true;
  call->now->code = CURLE_ABORTED_BY_CALLBACK; /* unless it goes on */
  wait(call, clock_now_ms());
  return true;
}

void fault_end(struct call *call) {
  options_fault_lift(call);
  dead_end_close(&call->faulting->dead_end);
}

/* --- what comes of it ------------------------------------------------------
 */

size_t fault_body_left(const struct call *call, size_t length) {
  int64_t left = call->faulting->now.after - call->faulting->body;

  return left < (int64_t)length ? (size_t)left : length;
}

void fault_body_came(struct call *call, size_t length) {
  call->faulting->body += (int64_t)length;
}

/* libcurl's words (7.88). */
static void describe_timeout(const struct call *call, char *text) {
  const int64_t announced = call->now->response.announced;
  int64_t took = clock_now_ms() - call->attempt_at;
  int n = snprintf(text, CURL_ERROR_SIZE,
                   "Operation timed out after %lld milliseconds with %lld ",
                   (long long)took, (long long)call->faulting->body);

  if (call->now->breaks_body && announced >= 0)
    n += snprintf(text + n, CURL_ERROR_SIZE - (size_t)n, "out of %lld ",
                  (long long)announced);
  (void)snprintf(text + n, CURL_ERROR_SIZE - (size_t)n, "bytes received");
}

static void describe_partial(const struct call *call, char *text) {
  int64_t left = call->now->response.announced - call->faulting->body;

  if (call->now->breaks_body && left > 0)
    (void)snprintf(text, CURL_ERROR_SIZE,
                   "transfer closed with %lld bytes remaining to read",
                   (long long)left);
  else
    (void)snprintf(text, CURL_ERROR_SIZE,
                   "transfer closed with outstanding read data remaining");
}

static void describe_unreached(const struct call *call, char *text) {
  char host[128];
  char port[URL_PORT_SIZE];

  url_host(facts_url(call), host, sizeof(host));
  url_port(facts_url(call), port);
  if (call->faulting->now.kind == FAULT_DNS)
    (void)snprintf(text, CURL_ERROR_SIZE, "Could not resolve host: %s", host);
  else if (call->faulting->now.kind == FAULT_CONNECT)
    (void)snprintf(text, CURL_ERROR_SIZE,
                   "Failed to connect to %s port %s after %lld ms: "
                   "Couldn't connect to server",
                   host, port, (long long)(clock_now_ms() - call->attempt_at));
  else
    (void)snprintf(text, CURL_ERROR_SIZE,
                   "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to "
                   "%s:%s",
                   host, port);
}

CURLcode fault_code(struct call *call, CURLcode code, const char **text) {
  struct faulting *faulting = call->faulting;

  if (faulting->now.kind == FAULT_STATUS || code == CURLE_OK ||
      (faulting->now.kind == FAULT_PARTIAL && code == CURLE_PARTIAL_FILE))
    return code;
  *text = faulting->text;
  switch (faulting->now.kind) {
  case FAULT_TIMEOUT:
    describe_timeout(call, faulting->text);
    return CURLE_OPERATION_TIMEDOUT;
  case FAULT_RESET:
    (void)snprintf(faulting->text, sizeof(faulting->text),
                   "Recv failure: Connection reset by peer");
    return CURLE_RECV_ERROR;
  case FAULT_PARTIAL:
    describe_partial(call, faulting->text);
    return CURLE_PARTIAL_FILE;
  default:
    describe_unreached(call, faulting->text);
    return faulting->now.kind == FAULT_DNS       ? CURLE_COULDNT_RESOLVE_HOST
           : faulting->now.kind == FAULT_CONNECT ? CURLE_COULDNT_CONNECT
                                                 : CURLE_SSL_CONNECT_ERROR;
  }
}
