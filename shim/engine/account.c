/* Source of the times and of what they are counted from:
 * curl_easy_getinfo(3), "TIMES". */
#include "engine/account.h"

#include "codes.h"
#include "newer.h"

#include "engine/connection.h"
#include "engine/facts.h"
#include "engine/getinfo.h"
#include "engine/method.h"
#include "engine/retry_after.h"
#include "host/clock.h"
#include "program/proxy.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define TOLD_VERSION 0x080a00 /* 8.10.0 */

/* Of the outcome that was kept and is the program's now, else of the transfer
 * that was made last. */
static const char *ask_text(const struct call *call, CURLINFO id) {
  const struct info *past = call->handle->answers.past;
  const char *text = NULL;

  if (past && info_answer(past, id, &text))
    return text;
  return getinfo_text(call, id);
}

static curl_off_t ask_offset(const struct call *call, CURLINFO id) {
  const struct info *past = call->handle->answers.past;
  curl_off_t offset = 0;

  if (past && info_answer(past, id, &offset))
    return offset;
  return getinfo_offset(call, id);
}

static long ask_number(const struct call *call, CURLINFO id) {
  const struct info *past = call->handle->answers.past;
  long number = 0;

  if (past && info_answer(past, id, &number))
    return number;
  return getinfo_number(call, id);
}

/* Whether libcurl's text may be repeated: one that quotes what a server sent,
 * or what a URL or a command of the program's has in it, may not. */
static bool is_harmless(const char *text, int code) {
  const char *quote = strchr(text, '\'');

  if (codes_class(code) == CLASS_FINAL &&
      code != CURLE_PEER_FAILED_VERIFICATION)
    return false;
  return text[0] && !strpbrk(text, "@\"") && !strstr(text, "://") &&
         (code == CURLE_PEER_FAILED_VERIFICATION || !quote ||
          (quote > text && quote[-1] == 'n')); /* "Couldn't" */
}

/* libcurl's own; NULL, "": none. */
static const char *error_text(const struct call *call) {
  const struct info *past = call->handle->answers.past;

  return past ? past->error : call->handle->shadow.error_buffer;
}

static void take_message(const struct call *call,
                         struct attempt_event *event) {
  const struct library *library = call->handle->library;
  const char *text = error_text(call);
  static const char headers_end[] = "the headers ended with the connection";
  size_t length;

  if (!event->code) {
    if (call->now->hop.state == HOP_IN_BLOCK)
      memcpy(event->message, headers_end, sizeof headers_end);
    return;
  }
  if (!text || !is_harmless(text, event->code))
    text = library->easy_strerror
               ? library->easy_strerror((CURLcode)event->code)
               : "";
  length = strnlen(text, EVENT_MESSAGE_SIZE - 1);
  memcpy(event->message, text, length);
  event->message[length] = 0;
}

/* Whether two texts end with the same ":port". */
static bool has_same_port(const char *a, const char *b) {
  const char *of_a = strrchr(a, ':');
  const char *of_b = strrchr(b, ':');

  return of_a && of_b && !strcmp(of_a, of_b);
}

/* "Could not resolve host: p.test" and "p.test:1080" */
static bool names_host(const char *message, const char *place) {
  const char *name = strrchr(message, ' ');
  size_t length = name ? strlen(++name) : 0;

  return length && !strncmp(name, place, length) && place[length] == ':';
}

/* Before 8.7 libcurl doesn't say, and before 8.10 not of what it never got
 * through to (lib/connect.c). Then a peer with the proxy's port, or an
 * error text with its name: also 6 may be of a SOCKS proxy's. A host with the
 * same port may be one that NO_PROXY names. */
static bool is_by_proxy(const struct call *call,
                        const struct attempt_event *event) {
  const struct event_place *place = &event->place;
  long used = 0;

  if (!call->handle->library->easy_getinfo(call->handle->curl,
                                           CURLINFO_USED_PROXY, &used) &&
      (used || call->handle->library->version >= TOLD_VERSION))
    return used != 0;
  if (event->code == CURLE_COULDNT_RESOLVE_PROXY ||
      event->code == CURLE_PROXY ||
      ask_number(call, CURLINFO_HTTP_CONNECTCODE))
    return true;
  if (place->peer[0])
    return has_same_port(place->peer, place->proxy) &&
           (!has_same_port(place->host, place->proxy) ||
            !strcmp(place->peer, place->proxy) ||
            !proxy_may_be_left_out(&call->handle->shadow));
  if (event->code == CURLE_COULDNT_RESOLVE_HOST)
    return names_host(event->message, place->proxy);
  return strstr(event->message, " port ") != NULL &&
         strstr(event->message, strrchr(place->proxy, ':') + 1) != NULL &&
         !has_same_port(place->host, place->proxy);
}

/* Whether it was the proxy that failed: it didn't let the request pass, nor
 * the data of ftp, or was never reached. */
static bool has_failed(const struct call *call,
                       const struct attempt_event *event, int status) {
  const struct hop *hop = &call->now->hop;
  int connect_code = facts_connect_status(
      ask_number(call, CURLINFO_HTTP_CONNECTCODE), error_text(call));

  if (event->code == CURLE_COULDNT_RESOLVE_PROXY || event->code == CURLE_PROXY)
    return true;
  if (status)
    return status == connect_code &&
           (!hop->was_sent || (hop->is_ftp && status != hop->reply));
  return event->code > 0 && hop->has_prerequests && !hop->was_sent &&
         !connect_code;
}

/* Whether it came no further than to the proxy in front, of two. What fails
 * behind it, that one tells of by 97. */
static bool is_in_front(const struct call *call,
                        const struct attempt_event *event, int status) {
  return !status && !call->now->hop.was_sent &&
         (event->code == CURLE_COULDNT_RESOLVE_PROXY ||
          event->code == CURLE_COULDNT_RESOLVE_HOST ||
          event->code == CURLE_COULDNT_CONNECT ||
          event->code == CURLE_OPERATION_TIMEDOUT ||
          event->code == CURLE_PROXY);
}

/* Whether a redirect led on to where no connection was made: what libcurl
 * says of the peer is then of the hop before. */
static bool has_no_peer(const struct call *call,
                        const struct attempt_event *event) {
  return ask_number(call, CURLINFO_REDIRECT_COUNT) &&
         (event->code == CURLE_COULDNT_CONNECT ||
          event->code == CURLE_COULDNT_RESOLVE_HOST ||
          event->code == CURLE_COULDNT_RESOLVE_PROXY);
}

/* The same of a time that ran out, when the redirect is the last answer: while
 * it connected, in most cases. */
static bool may_have_none(const struct call *call,
                          const struct attempt_event *event) {
  const struct hop *hop = &call->now->hop;

  return event->code == CURLE_OPERATION_TIMEDOUT &&
         ask_number(call, CURLINFO_REDIRECT_COUNT) &&
         hop->state == HOP_AFTER_BLOCK && hop->has_location &&
         hop->status / 100 == 3;
}

static void take_proxy(const struct call *call, struct attempt_event *event,
                       int status) {
  const struct shadow *shadow = &call->handle->shadow;
  struct event_place *place = &event->place;

  if (!strcmp(place->peer, place->host))
    return; /* the common case, without a look into the environment */
  proxy_name(shadow, event->effective_url, true, place->proxy,
             sizeof(place->proxy));
  if (!place->proxy[0])
    return;
  if (!is_by_proxy(call, event)) {
    place->proxy[0] = 0;
    return;
  }
  place->at_proxy = has_failed(call, event, status);
  if (shadow->texts.at[TEXT_PRE_PROXY].text &&
      !is_in_front(call, event, status))
    proxy_name(shadow, event->effective_url, false, place->proxy,
               sizeof(place->proxy));
}

static void take_place(const struct call *call, struct attempt_event *event,
                       int status) {
  struct event_place *place = &event->place;

  url_host_port(event->effective_url, NULL, place->host, sizeof(place->host));
  if (!has_no_peer(call, event))
    connection_peer(call, place->peer, sizeof(place->peer));
  take_proxy(call, event, status);
  if (may_have_none(call, event))
    place->peer[0] = 0;
}

/* From `from` to `to`, both since the transfer's beginning; -1: it didn't come
 * so far. */
static int64_t phase_us(curl_off_t from, curl_off_t to) {
  if (to <= 0)
    return -1;
  return to > from ? to - from : 0;
}

static void take_times(const struct call *call, struct attempt_event *event) {
  curl_off_t name = ask_offset(call, CURLINFO_NAMELOOKUP_TIME_T);
  curl_off_t connect = ask_offset(call, CURLINFO_CONNECT_TIME_T);
  curl_off_t tls = ask_offset(call, CURLINFO_APPCONNECT_TIME_T);
  curl_off_t ready = ask_offset(call, CURLINFO_PRETRANSFER_TIME_T);
  curl_off_t total = ask_offset(call, CURLINFO_TOTAL_TIME_T);

  event->dns_us = phase_us(0, name);
  event->connect_us = phase_us(name, connect);
  event->tls_us = phase_us(connect, tls);
  event->first_byte_us =
      phase_us(ready, ask_offset(call, CURLINFO_STARTTRANSFER_TIME_T));
  /* while it runs, libcurl's own is of some moment before */
  event->total_us = call->phase != PHASE_TRANSFER && total > 0
                        ? total
                        : (clock_now_ms() - call->attempt_at) * 1000;
}

static const char *version_of(long version) {
  static const char names[][4] = {
      [CURL_HTTP_VERSION_1_0] = "1.0",
      [CURL_HTTP_VERSION_1_1] = "1.1",
      [CURL_HTTP_VERSION_2_0] = "2",
  };

  if (version == CURL_HTTP_VERSION_3)
    return "3";
  return version > 0 && version <= CURL_HTTP_VERSION_2_0 ? names[version]
                                                         : NULL;
}

static void take_amounts(const struct call *call,
                         struct attempt_event *event) {
  const struct resume *resume = &call->resume;

  event->sent = ask_offset(call, CURLINFO_SIZE_UPLOAD_T);
  event->received = ask_offset(call, CURLINFO_SIZE_DOWNLOAD_T);
  event->held = spool_size(&call->now->response.journal.spool);
  event->replayed = call->request.replayed;
  event->resumed_from =
      call->now->number > 1 && (resume->is_resuming || resume->was_resumed)
          ? resume->base
          : -1;
}

/* The status of the last response, when the attempt came to one. */
static int status_of(const struct call *call, int judged) {
  if (judged)
    return judged;
  if ((call->now->code != CURLE_OK || call->now->hop.state == HOP_IN_BLOCK) &&
      !call->now->response.is_final)
    return 0;
  return (int)ask_number(call, CURLINFO_RESPONSE_CODE);
}

void account_take(struct call *call, struct attempt_event *event) {
  const char *effective_url = ask_text(call, CURLINFO_EFFECTIVE_URL);
  enum retry_class class;
  int status;

  memset(event, 0, sizeof(*event));
  class = facts_class(call, &status);
  event->call = call->number;
  event->attempt = call->now->number;
  event->method = method_of(call);
  event->url = facts_url(call);
  event->effective_url = effective_url ? effective_url : event->url;
  event->class = class == CLASS_COUNT ? NULL : policy_class_name(class);
  event->code = (int)call->now->code;
  event->status = status_of(call, status);
  event->is_injected = call->now->is_injected;
  event->is_elsewhere = ask_number(call, CURLINFO_REDIRECT_COUNT) &&
                        strcmp(event->effective_url, event->url) != 0;
  take_message(call, event);
  take_place(call, event, status);
  event->http_version = version_of(ask_number(call, CURLINFO_HTTP_VERSION));
  event->is_reused =
      event->place.peer[0] && !ask_number(call, CURLINFO_NUM_CONNECTS);
  take_times(call, event);
  take_amounts(call, event);
  event->delay_ms = -1;
  event->retry_after_ms =
      status ? retry_after_ms(call, event->place.at_proxy) : 0;
  if (!event->retry_after_ms)
    event->retry_after_ms = -1;
}

void account_add(struct call *call, const struct attempt_event *event) {
  struct tally *tally = call->tally;

  if (!tally)
    tally = call->tally = calloc(1, sizeof(*tally));
  if (!tally)
    return;
  if (call->attempts_made == 1)
    memset(tally, 0, offsetof(struct tally, last));
  tally->has_last = false;
  if (event->class || !tally->class) {
    tally->place = event->place;
    tally->class = event->class;
  }
  tally->total_us += event->total_us;
  tally->up += event->sent;
  tally->down += event->received;
}
