/* Source of the options: their manual pages. Order matters in one place: of
 * XFERINFOFUNCTION and PROGRESSFUNCTION the one that is set last says whether
 * libcurl draws its own meter. */
#include "engine/options.h"

#include "engine/options_fault.h"
#include "engine/options_opener.h"
#include "engine/options_request.h"
#include "engine/options_set.h"
#include "engine/siblings.h"

#include <stdio.h> /* snprintf only */

#define CONNECT_TIMEOUT_MS 300000L /* libcurl's default */

static bool has_stall_timeout(const struct call *call) {
  return call->policy->stall_timeout_ms != POLICY_UNLIMITED;
}

/* A body that libcurl has itself moves by what the progress callback says. */
static bool has_own_body(const struct call *call) {
  const struct shadow *shadow = &call->handle->shadow;

  return call->policy->max_time_ms != POLICY_UNLIMITED &&
         (shadow->request == REQUEST_FORM ||
          (shadow->request == REQUEST_POST && shadow->has_post_fields));
}

/* Whether our progress callback is needed whatever becomes of the response. */
static bool needs_clock(const struct call *call) {
  return !call->handle->shadow.held.no_progress || has_stall_timeout(call) ||
         has_own_body(call) || library_keeps_pauses(call->handle->library);
}

void options_install(struct call *call, bool has_upload) {
  CURL *curl = call->handle->curl;
  setter set = setter_of(call);

  (void)set(curl, CURLOPT_WRITEFUNCTION, call->ours.body);
  (void)set(curl, CURLOPT_WRITEDATA, call);
  (void)set(curl, CURLOPT_HEADERFUNCTION, call->ours.header);
  (void)set(curl, CURLOPT_HEADERDATA, call);
  if (library_has_prerequest(call->handle->library)) {
    (void)set(curl, CURLOPT_PREREQFUNCTION, call->ours.prerequest);
    (void)set(curl, CURLOPT_PREREQDATA, call);
  }
  if (needs_clock(call))
    options_start_clock(call);
  options_opener_take(call);
  call->overrides.has_request = has_upload;
  if (!has_upload)
    return;
  (void)set(curl, CURLOPT_READFUNCTION, call->ours.read);
  (void)set(curl, CURLOPT_READDATA, call);
  (void)set(curl, CURLOPT_SEEKFUNCTION, call->ours.seek);
  (void)set(curl, CURLOPT_SEEKDATA, call);
}

/* Which the callback says that was set last. */
static bool is_meter_off(const struct held_options *held) {
  return held->is_xferinfo_last ? held->xferinfo != NULL
                                : held->progress != NULL;
}

void options_start_clock(struct call *call) {
  const struct held_options *held = &call->handle->shadow.held;
  struct overrides *overrides = &call->overrides;
  CURL *curl = call->handle->curl;
  setter set = setter_of(call);

  siblings_watch(call);
  if (overrides->has_clock)
    return;
  overrides->has_clock = true;
  overrides->has_meter = held->progress != NULL;
  (void)set(curl, CURLOPT_XFERINFOFUNCTION, call->ours.progress);
  (void)set(curl, CURLOPT_XFERINFODATA, call);
  /* libcurl's own meter goes on beside our callback, its last newline
     included, as long as PROGRESSFUNCTION is the one set last; the newline
     comes also where a callback was set before the one that isn't */
  overrides->is_metered =
      !held->no_progress && !held->xferinfo && !held->progress;
  if (!held->no_progress && !is_meter_off(held))
    (void)set(curl, CURLOPT_PROGRESSFUNCTION, NULL);
  else if (held->no_progress)
    (void)set(curl, CURLOPT_NOPROGRESS, 0L);
}

/* Until it is connected libcurl moves no byte that it would tell of, and 8.22
 * then never calls the progress callback (lib/multi.c, is_finished). The same
 * for each hop: it may lead to another host. */
void options_bound_connect(struct call *call) {
  long own = call->handle->shadow.attempt.connect_timeout_ms;
  int64_t bound = call->policy->stall_timeout_ms;

  if (call_is_bounded(call) && call->policy->max_time_ms < bound)
    bound = call->policy->max_time_ms;
  if (bound == POLICY_UNLIMITED)
    return;
  if (own <= 0)
    own = CONNECT_TIMEOUT_MS;
  call->overrides.has_connect = true;
  call->overrides.connect_ms = own < bound ? 0 : bound;
  (void)setter_of(call)(call->handle->curl, CURLOPT_CONNECTTIMEOUT_MS,
                        own < bound ? own : (long)bound);
}

static void give_back_connect(const struct call *call, CURL *curl) {
  if (call->overrides.has_connect)
    (void)setter_of(call)(curl, CURLOPT_CONNECTTIMEOUT_MS,
                          call->handle->shadow.attempt.connect_timeout_ms);
}

void options_connected(const struct call *call) {
  give_back_connect(call, call->handle->curl);
}

void options_lift_bound(struct call *call) {
  call->overrides.is_bounded = false;
  (void)setter_of(call)(call->handle->curl, CURLOPT_TIMEOUT_MS,
                        call->overrides.own_timeout_ms);
}

/* The time an attempt after the first may take: the program's own timeout,
 * or what is left of it, and until a byte moves what is left of MAX_TIME. Not
 * by libcurl's timeout where that runs in a queue, too. */
static void override_time(struct call *call, int64_t now) {
  int64_t own = call->handle->shadow.attempt.timeout_ms;
  int64_t left = call_time_left_ms(call, now);
  int64_t bound = call->policy->max_time_ms;

  if (left != POLICY_UNLIMITED)
    own = left > 0 ? left : 1;
  call->overrides.own_timeout_ms = (long)own;
  call->overrides.is_bounded = false;
  if (bound != POLICY_UNLIMITED) {
    options_start_clock(call);
    bound -= call_idle_ms(call, now);
    if (bound < 1)
      bound = 1;
    if (!call->siblings && (own <= 0 || bound < own)) {
      own = bound;
      call->overrides.is_bounded = true;
      call->overrides.bound_ms = bound;
    }
  }
  (void)setter_of(call)(call->handle->curl, CURLOPT_TIMEOUT_MS, (long)own);
}

/* Our header lines before the program's: the list stays the program's, nodes
 * of ours are put before it. */
static void set_headers(struct call *call) {
  struct overrides *overrides = &call->overrides;
  struct curl_slist *front = call->handle->shadow.attempt.http_header;

  if (overrides->attempt_header.data) {
    overrides->attempt_header.next = front;
    front = &overrides->attempt_header;
  }
  if (overrides->if_range.data) {
    overrides->if_range.next = front;
    front = &overrides->if_range;
  }
  (void)setter_of(call)(call->handle->curl, CURLOPT_HTTPHEADER, front);
}

/* The program may free its old list at once. */
void options_changed(struct call *call, CURLoption option) {
  if (option == CURLOPT_HTTPHEADER)
    set_headers(call);
}

static void override_header(struct call *call) {
  struct overrides *overrides = &call->overrides;
  const char *name = call->policy->attempt_header;

  if (name[0]) {
    (void)snprintf(call->attempt_text, sizeof(call->attempt_text), "%s: %u",
                   name, call->now->number + 1);
    overrides->attempt_header.data = call->attempt_text;
  }
  if (overrides->attempt_header.data || overrides->if_range.data)
    set_headers(call);
}

/* The rest of a body is asked for. */
static void override_range(struct call *call) {
  struct resume *resume = &call->resume;
  CURL *curl = call->handle->curl;

  if (!resume->is_resuming || !resume->is_ranged)
    return;
  call->overrides.if_range.data = resume->if_range;
  if (call->handle->shadow.attempt.resume_from)
    (void)setter_of(call)(curl, CURLOPT_RESUME_FROM_LARGE,
                          (curl_off_t)resume->first);
  else
    (void)setter_of(call)(curl, CURLOPT_RANGE, resume->range);
}

void options_leave_connection(struct call *call) {
  call->overrides.has_attempt = true;
  (void)setter_of(call)(call->handle->curl, CURLOPT_FORBID_REUSE, 1L);
}

/* Connect anew, and resolve anew: FRESH_CONNECT alone keeps the address that
 * failed. Of several addresses libcurl takes the first, so they are shuffled.
 * Entries of RESOLVE lie in the cache, and would be lost: the handle's own,
 * those of others of its share, or of its multi handle. */
static void override_connection(const struct call *call, bool is_fresh) {
  const struct shadow *shadow = &call->handle->shadow;
  const struct attempt_options *own = &shadow->attempt;
  bool resolves =
      is_fresh && !names_are_cached(&shadow->names) && !call->siblings;
  bool closes = call->policy->close_idle && !shadow->socket.open &&
                !shadow->has_own_port;
  CURL *curl = call->handle->curl;
  setter set = setter_of(call);

  (void)set(curl, CURLOPT_FRESH_CONNECT, is_fresh ? 1L : own->fresh_connect);
  (void)set(curl, CURLOPT_DNS_CACHE_TIMEOUT,
            resolves ? 0L : own->dns_cache_timeout);
  (void)set(curl, CURLOPT_DNS_SHUFFLE_ADDRESSES,
            resolves ? 1L : own->shuffles_addresses);
  (void)set(curl, CURLOPT_FORBID_REUSE, closes ? 1L : own->forbid_reuse);
}

void options_override(struct call *call, bool is_fresh, int64_t now) {
  call->overrides.has_attempt = true;
  options_request_again(call);
  override_connection(call, is_fresh);
  options_read_no_hsts(call);
  override_time(call, now);
  override_range(call);
  override_header(call);
}

bool options_hold(const struct call *call, CURLoption option) {
  if (call->is_abandoned) /* a reset took what is ours off the handle */
    return false;
  switch (shadow_group(option)) {
  case HELD_RESPONSE:
    return true;
  case HELD_PROGRESS:
    return call->overrides.has_clock;
  case HELD_REQUEST:
    return call->overrides.has_request;
  case HELD_CONNECT:
    return call->overrides.has_connect;
  case HELD_ATTEMPT:
    return call->overrides.has_attempt;
  case HELD_SOCKET:
    return call->overrides.has_socket || options_opener_holds(call, option);
  case HELD_URL:
    return call->overrides.has_url;
  default:
    return false;
  }
}

static void give_back_response(setter set, CURL *curl,
                               const struct held_options *held) {
  (void)set(curl, CURLOPT_WRITEFUNCTION, held->write);
  (void)set(curl, CURLOPT_WRITEDATA, held->write_data);
  (void)set(curl, CURLOPT_HEADERFUNCTION, held->header);
  (void)set(curl, CURLOPT_HEADERDATA, held->header_data);
  (void)set(curl, CURLOPT_PREREQFUNCTION, held->prereq);
  (void)set(curl, CURLOPT_PREREQDATA, held->prereq_data);
}

static void give_back_request(setter set, CURL *curl,
                              const struct held_options *held) {
  (void)set(curl, CURLOPT_READFUNCTION, held->read);
  (void)set(curl, CURLOPT_READDATA, held->read_data);
  (void)set(curl, CURLOPT_SEEKFUNCTION, held->seek);
  (void)set(curl, CURLOPT_SEEKDATA, held->seek_data);
}

static void give_back_progress(setter set, CURL *curl,
                               const struct held_options *held,
                               const struct overrides *overrides) {
  bool has_one = overrides->has_meter || held->progress;

  if (held->is_xferinfo_last && has_one)
    (void)set(curl, CURLOPT_PROGRESSFUNCTION, held->progress);
  (void)set(curl, CURLOPT_XFERINFOFUNCTION, held->xferinfo);
  if (!held->is_xferinfo_last && (has_one || held->xferinfo))
    (void)set(curl, CURLOPT_PROGRESSFUNCTION, held->progress);
  (void)set(curl, CURLOPT_XFERINFODATA, held->progress_data);
  (void)set(curl, CURLOPT_NOPROGRESS, held->no_progress);
}

void options_stop_clock(struct call *call) {
  if (!call->overrides.has_clock || needs_clock(call) || call_is_bounded(call))
    return;
  give_back_progress(setter_of(call), call->handle->curl,
                     &call->handle->shadow.held, &call->overrides);
  call->overrides.has_clock = false;
}

static void give_back_attempt(const struct call *call, CURL *curl) {
  const struct attempt_options *own = &call->handle->shadow.attempt;
  setter set = setter_of(call);

  (void)set(curl, CURLOPT_FRESH_CONNECT, own->fresh_connect);
  (void)set(curl, CURLOPT_FORBID_REUSE, own->forbid_reuse);
  (void)set(curl, CURLOPT_DNS_CACHE_TIMEOUT, own->dns_cache_timeout);
  (void)set(curl, CURLOPT_DNS_SHUFFLE_ADDRESSES, own->shuffles_addresses);
  (void)set(curl, CURLOPT_TIMEOUT_MS, own->timeout_ms);
  (void)set(curl, CURLOPT_HTTPHEADER, own->http_header);
  (void)set(curl, CURLOPT_RANGE,
            call->handle->shadow.texts.at[TEXT_RANGE].text);
  (void)set(curl, CURLOPT_RESUME_FROM_LARGE, own->resume_from);
  if (own->hsts_read)
    (void)set(curl, CURLOPT_HSTSREADFUNCTION, own->hsts_read);
}

void options_give_back(const struct call *call, CURL *curl) {
  const struct held_options *held = &call->handle->shadow.held;
  const struct overrides *overrides = &call->overrides;
  setter set = setter_of(call);

  give_back_response(set, curl, held);
  if (overrides->has_request)
    give_back_request(set, curl, held);
  if (overrides->has_clock)
    give_back_progress(set, curl, held, overrides);
  give_back_connect(call, curl);
  if (overrides->has_opener)
    options_opener_give_back(call, curl);
  if (overrides->has_attempt)
    give_back_attempt(call, curl);
  options_fault_give_back(call, curl);
}

void options_restore(struct call *call) {
  options_give_back(call, call->handle->curl);
  call->overrides = (struct overrides){.has_request = false};
}

bool options_reset(const struct library *library, CURL *curl) {
  static char witness;
  char *own = NULL;
  char *now = NULL;

  (void)library->easy_getinfo(curl, CURLINFO_PRIVATE, &own);
  (void)library->easy_setopt(curl, CURLOPT_PRIVATE, &witness);
  library->easy_reset(curl);
  (void)library->easy_getinfo(curl, CURLINFO_PRIVATE, &now);
  if (now != &witness)
    return true;
  (void)library->easy_setopt(curl, CURLOPT_PRIVATE, own);
  return false;
}
