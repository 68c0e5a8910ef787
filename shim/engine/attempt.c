/* What is set here is taken back by attempt_restore(): outside a call nothing
 * is changed. */
#include "engine/attempt.h"

#include "engine/progress.h"

#include <stdio.h> /* snprintf only */
#include <string.h>

#define PREREQ_VERSION 0x075000    /* CURLOPT_PREREQFUNCTION: 7.80.0 */
#define CONNECT_TIMEOUT_MS 300000L /* libcurl's default */
#define PROGRESSFUNCTION ((CURLoption)20056) /* deprecated */

static bool has_stall_timeout(const struct call *call) {
  return call->policy->stall_timeout_ms != POLICY_UNLIMITED;
}

static void set_method(struct call *call, const char *method) {
  if (method && strlen(method) < sizeof(call->method))
    memcpy(call->method, method, strlen(method) + 1);
}

/* Older libcurls have no moment at which to ask: what the program set. A
 * method of its own is known since 7.72 (CURLINFO_EFFECTIVE_METHOD). */
static void guess_method(struct call *call) {
  static const char methods[][5] = {[REQUEST_GET] = "GET",
                                    [REQUEST_HEAD] = "HEAD",
                                    [REQUEST_POST] = "POST",
                                    [REQUEST_FORM] = "POST",
                                    [REQUEST_PUT] = "PUT"};
  const struct shadow *shadow = &call->handle->shadow;
  const char *method = NULL;

  if (shadow->has_custom_request)
    (void)call->library->easy_getinfo(call->curl, CURLINFO_EFFECTIVE_METHOD,
                                      &method);
  else
    method = methods[shadow->request];
  set_method(call, method);
}

static void give_back_connect(const struct call *call, CURL *curl) {
  (void)call->library->easy_setopt(
      curl, CURLOPT_CONNECTTIMEOUT_MS,
      call->handle->shadow.attempt.connect_timeout_ms);
}

/* A login of many replies (FTP, SSH) is connecting to libcurl, too. */
void attempt_connected(struct call *call) {
  if (has_stall_timeout(call))
    give_back_connect(call, call->curl);
}

/* CURLOPT_PREREQFUNCTION: connected, about to send a request. */
static int on_prerequest(void *data, char *remote, char *local,
                         int remote_port, int local_port) {
  struct call *call = data;
  const struct held_options *held = &call->handle->shadow.held;
  const char *method = NULL;
  int answer;

  if (!call->method[0]) {
    (void)call->library->easy_getinfo(call->curl, CURLINFO_EFFECTIVE_METHOD,
                                      &method);
    set_method(call, method);
  }
  hop_prerequest(&call->hop);
  request_next(call);
  attempt_active(call);
  if (!held->prereq)
    return CURL_PREREQFUNC_OK;
  answer =
      held->prereq(held->prereq_data, remote, local, remote_port, local_port);
  if (answer != CURL_PREREQFUNC_OK)
    call->refusal = CURLE_ABORTED_BY_CALLBACK;
  return answer;
}

/* Until it is connected libcurl moves no byte that it would tell of, and 8.22
 * then never calls the progress callback (lib/multi.c, is_finished). */
static void bound_connect(struct call *call) {
  long own = call->handle->shadow.attempt.connect_timeout_ms;
  int64_t bound = call->policy->stall_timeout_ms;

  if (own <= 0)
    own = CONNECT_TIMEOUT_MS;
  (void)call->library->easy_setopt(call->curl, CURLOPT_CONNECTTIMEOUT_MS,
                                   own < bound ? own : (long)bound);
}

void attempt_install(struct call *call) {
  const struct held_options *held = &call->handle->shadow.held;
  CURLcode (*set)(CURL *, CURLoption, ...) = call->library->easy_setopt;

  (void)set(call->curl, CURLOPT_WRITEFUNCTION, response_on_body);
  (void)set(call->curl, CURLOPT_WRITEDATA, call);
  (void)set(call->curl, CURLOPT_HEADERFUNCTION, response_on_header);
  (void)set(call->curl, CURLOPT_HEADERDATA, call);
  if (call->library->version >= PREREQ_VERSION) {
    (void)set(call->curl, CURLOPT_PREREQFUNCTION, on_prerequest);
    (void)set(call->curl, CURLOPT_PREREQDATA, call);
  } else {
    guess_method(call);
  }
  call->has_clock = false;
  if (!held->no_progress || has_stall_timeout(call))
    attempt_start_clock(call);
  request_begin(call);
}

void attempt_start_clock(struct call *call) {
  const struct held_options *held = &call->handle->shadow.held;
  CURLcode (*set)(CURL *, CURLoption, ...) = call->library->easy_setopt;

  if (call->has_clock)
    return;
  call->has_clock = true;
  (void)set(call->curl, CURLOPT_XFERINFOFUNCTION, progress_on_info);
  (void)set(call->curl, CURLOPT_XFERINFODATA, call);
  /* libcurl's own meter goes on beside our callback, its last newline
     included, as long as PROGRESSFUNCTION is the one set last */
  call->is_metered = !held->no_progress && !held->xferinfo && !held->progress;
  if (call->is_metered)
    (void)set(call->curl, PROGRESSFUNCTION, NULL);
  else if (held->no_progress)
    (void)set(call->curl, CURLOPT_NOPROGRESS, 0L);
}

void attempt_begin(struct call *call) {
  hop_begin(&call->hop, call->library->version >= PREREQ_VERSION,
            call->scheme == URL_FTP);
  response_clear(&call->response);
  if (call->resume.is_resuming)
    call->response.state = RESPONSE_RESUMING;
  memset(call->moved, 0, sizeof(call->moved));
  call->stop = STOP_NONE;
  call->refusal = CURLE_OK;
  call->request.is_paused = false;
  call->refusal_text[0] = 0;
  call->attempt++;
  attempt_active(call);
  if (has_stall_timeout(call))
    bound_connect(call);
}

int64_t attempt_idle(const struct call *call, int64_t now) {
  return now - (call->delivered_at > call->began_at ? call->delivered_at
                                                    : call->began_at);
}

int64_t attempt_time_left(const struct call *call, int64_t now) {
  long timeout = call->handle->shadow.attempt.timeout_ms;

  if (timeout <= 0 || call->policy->timeout_scope == SCOPE_ATTEMPT)
    return POLICY_UNLIMITED;
  return timeout - (now - call->began_at);
}

/* The time an attempt after the first may take: the program's own timeout,
 * or what is left of it, and what is left of MAX_TIME. */
static void override_time(struct call *call, int64_t now) {
  int64_t own = call->handle->shadow.attempt.timeout_ms;
  int64_t left = attempt_time_left(call, now);
  int64_t bound = call->policy->max_time_ms;

  if (left != POLICY_UNLIMITED)
    own = left > 0 ? left : 1;
  call->own_timeout_ms = (long)own;
  call->is_bounded = false;
  if (bound != POLICY_UNLIMITED) {
    bound -= attempt_idle(call, now);
    if (bound < 1)
      bound = 1;
    if (own <= 0 || bound < own) {
      own = bound;
      call->is_bounded = true;
    }
  }
  (void)call->library->easy_setopt(call->curl, CURLOPT_TIMEOUT_MS, (long)own);
}

/* The attempt's number goes behind the program's own headers' front: the
 * list stays the program's, one node of ours is put before it. */
static void override_header(struct call *call) {
  const char *name = call->policy->attempt_header;

  if (!name[0])
    return;
  (void)snprintf(call->attempt_text, sizeof(call->attempt_text), "%s: %u",
                 name, call->attempt + 1);
  call->attempt_header.data = call->attempt_text;
  attempt_changed(call, CURLOPT_HTTPHEADER);
}

/* The program may free its old list at once. */
void attempt_changed(struct call *call, CURLoption option) {
  struct curl_slist *front = call->handle->shadow.attempt.http_header;

  if (option != CURLOPT_HTTPHEADER)
    return;
  if (call->attempt_header.data) {
    call->attempt_header.next = front;
    front = &call->attempt_header;
  }
  if (call->resume.header.data) {
    call->resume.header.next = front;
    front = &call->resume.header;
  }
  (void)call->library->easy_setopt(call->curl, CURLOPT_HTTPHEADER, front);
}

void attempt_override(struct call *call, bool is_fresh) {
  const struct attempt_options *own = &call->handle->shadow.attempt;
  CURLcode (*set)(CURL *, CURLoption, ...) = call->library->easy_setopt;
  long fresh = is_fresh ? 1L : own->fresh_connect;

  if (call->policy->fresh_connect == FRESH_NEVER)
    fresh = own->fresh_connect;
  call->has_overrides = true;
  call->override_at = runtime_now_ms();
  (void)set(call->curl, CURLOPT_FRESH_CONNECT, fresh);
  (void)set(call->curl, CURLOPT_DNS_CACHE_TIMEOUT,
            fresh && !own->fresh_connect && !call->handle->shadow.has_resolve
                ? 0L
                : own->dns_cache_timeout);
  if (call->policy->close_idle)
    (void)set(call->curl, CURLOPT_FORBID_REUSE, 1L);
  /* libcurl calls it at each perform; the program expects one */
  if (own->hsts_read)
    (void)set(call->curl, CURLOPT_HSTSREADFUNCTION, NULL);
  override_time(call, call->override_at);
  override_header(call);
}

static void give_back_attempt(const struct call *call, CURL *curl) {
  const struct attempt_options *own = &call->handle->shadow.attempt;
  CURLcode (*set)(CURL *, CURLoption, ...) = call->library->easy_setopt;

  (void)set(curl, CURLOPT_FRESH_CONNECT, own->fresh_connect);
  (void)set(curl, CURLOPT_FORBID_REUSE, own->forbid_reuse);
  (void)set(curl, CURLOPT_DNS_CACHE_TIMEOUT, own->dns_cache_timeout);
  (void)set(curl, CURLOPT_TIMEOUT_MS, own->timeout_ms);
  (void)set(curl, CURLOPT_HTTPHEADER, own->http_header);
  if (call->resume.range[0])
    (void)set(curl, CURLOPT_RANGE, own->range);
  if (own->resume_from)
    (void)set(curl, CURLOPT_RESUME_FROM_LARGE, own->resume_from);
  if (own->hsts_read)
    (void)set(curl, CURLOPT_HSTSREADFUNCTION, own->hsts_read);
}

void attempt_give_back(const struct call *call, CURL *curl) {
  const struct shadow *shadow = &call->handle->shadow;

  shadow_restore(shadow, call->library, curl, HELD_RESPONSE);
  if (call->request.source != SOURCE_LIBCURL)
    shadow_restore(shadow, call->library, curl, HELD_REQUEST);
  if (call->has_clock)
    shadow_restore(shadow, call->library, curl, HELD_PROGRESS);
  if (has_stall_timeout(call))
    give_back_connect(call, curl);
  if (call->has_overrides)
    give_back_attempt(call, curl);
}

void attempt_restore(struct call *call) {
  attempt_give_back(call, call->curl);
  call->has_overrides = false;
}

bool attempt_holds(const struct call *call, CURLoption option) {
  switch (shadow_group(option)) {
  case HELD_RESPONSE:
    return true;
  case HELD_PROGRESS:
    return call->has_clock;
  case HELD_REQUEST:
    return call->request.source != SOURCE_LIBCURL;
  case HELD_CONNECT:
    return has_stall_timeout(call);
  case HELD_ATTEMPT:
    return call->has_overrides;
  default:
    return false;
  }
}

void attempt_first_line(struct call *call) {
  /* a CONNECT reply and a 1xx are not its answer yet */
  if (!call->has_kept || call->hop.is_connect || call->hop.status < 200)
    return;
  call->has_kept = false;
  response_clear(&call->kept);
}

void attempt_committed(struct call *call) {
  if (!call->is_bounded)
    return;
  call->is_bounded = false;
  (void)call->library->easy_setopt(call->curl, CURLOPT_TIMEOUT_MS,
                                   call->own_timeout_ms);
}
