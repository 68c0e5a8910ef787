/* The program's values. Source of the defaults and of what each option does
 * to the request: curl_easy_setopt(3) and the manual page of each option. */
#include "shadow.h"

#include <stdio.h> /* stdin and stdout are libcurl's defaults */
#include <stdlib.h>
#include <string.h>

void shadow_reset(struct shadow *shadow) {
  char *url = shadow->url;
  size_t capacity = shadow->url_capacity;

  free(shadow->attempt.range);
  memset(shadow, 0, sizeof(*shadow));
  shadow->url = url;
  shadow->url_capacity = capacity;
  shadow->url_scheme = URL_NONE;
  shadow->held.write_data = stdout;
  shadow->held.read_data = stdin;
  shadow->held.no_progress = 1;
  shadow->attempt.dns_cache_timeout = 60;
  shadow->http_auth = CURLAUTH_BASIC;
  shadow->proxy_auth = CURLAUTH_BASIC;
}

static void set_url(struct shadow *shadow, const char *url) {
  size_t size = url ? strlen(url) + 1 : 0;

  shadow->url_scheme = URL_NONE;
  if (!url)
    return;
  if (size > shadow->url_capacity) {
    char *copy = malloc(size);
    if (!copy)
      return; /* URL_NONE: the call is passed through */
    free(shadow->url);
    shadow->url = copy;
    shadow->url_capacity = size;
  }
  memcpy(shadow->url, url, size);
  shadow->url_scheme = url_scheme(url);
}

bool shadow_copy(struct shadow *to, const struct shadow *from) {
  char *url = to->url;
  size_t capacity = to->url_capacity;

  *to = *from;
  if (from->attempt.range)
    to->attempt.range = strdup(from->attempt.range);
  to->url = url;
  to->url_capacity = capacity;
  if (from->url_scheme != URL_NONE)
    set_url(to, from->url);
  return to->url_scheme == from->url_scheme;
}

void shadow_free(struct shadow *shadow) {
  free(shadow->attempt.range);
  shadow->attempt.range = NULL;
  free(shadow->url);
  shadow->url = NULL;
  shadow->url_capacity = 0;
}

/* The callbacks and their data. */
static bool set_held(struct held_options *held, CURLoption option,
                     const union option_value *v) {
  switch ((int)option) {
  case CURLOPT_WRITEFUNCTION:
    held->write = (curl_write_callback)v->function;
    break;
  case CURLOPT_WRITEDATA:
    held->write_data = v->pointer;
    break;
  case CURLOPT_HEADERFUNCTION:
    held->header = (curl_write_callback)v->function;
    break;
  case CURLOPT_HEADERDATA:
    held->header_data = v->pointer;
    break;
  case CURLOPT_READFUNCTION:
    held->read = (curl_read_callback)v->function;
    break;
  case CURLOPT_READDATA:
    held->read_data = v->pointer;
    break;
  case CURLOPT_SEEKFUNCTION:
    held->seek = (curl_seek_callback)v->function;
    break;
  case CURLOPT_SEEKDATA:
    held->seek_data = v->pointer;
    break;
  case 20130: /* CURLOPT_IOCTLFUNCTION, deprecated */
    held->ioctl = (curl_ioctl_callback)v->function;
    break;
  case 10131: /* CURLOPT_IOCTLDATA */
    held->ioctl_data = v->pointer;
    break;
  case CURLOPT_XFERINFOFUNCTION:
    held->xferinfo = (curl_xferinfo_callback)v->function;
    break;
  case 20056: /* CURLOPT_PROGRESSFUNCTION, deprecated */
    held->progress = (curl_progress_callback)v->function;
    break;
  case CURLOPT_XFERINFODATA: /* the same number as PROGRESSDATA */
    held->progress_data = v->pointer;
    break;
  case CURLOPT_NOPROGRESS:
    held->no_progress = v->number;
    break;
  case CURLOPT_PREREQFUNCTION:
    held->prereq = (curl_prereq_callback)v->function;
    break;
  case CURLOPT_PREREQDATA:
    held->prereq_data = v->pointer;
    break;
  default:
    return false;
  }
  return true;
}

static bool set_attempt(struct attempt_options *attempt, CURLoption option,
                        const union option_value *v) {
  switch ((int)option) {
  case CURLOPT_TIMEOUT:
    attempt->timeout_ms = v->number * 1000;
    break;
  case CURLOPT_TIMEOUT_MS:
    attempt->timeout_ms = v->number;
    break;
  case CURLOPT_FRESH_CONNECT:
    attempt->fresh_connect = v->number;
    break;
  case CURLOPT_FORBID_REUSE:
    attempt->forbid_reuse = v->number;
    break;
  case CURLOPT_DNS_CACHE_TIMEOUT:
    attempt->dns_cache_timeout = v->number;
    break;
  case CURLOPT_HTTPHEADER:
    attempt->http_header = v->pointer;
    break;
  case CURLOPT_HSTSREADFUNCTION:
    attempt->hsts_read = v->function;
    break;
  case CURLOPT_RANGE:
    free(attempt->range);
    attempt->range = v->pointer ? strdup(v->pointer) : NULL;
    break;
  case CURLOPT_RESUME_FROM:
    attempt->resume_from = v->number;
    break;
  case CURLOPT_RESUME_FROM_LARGE:
    attempt->resume_from = v->offset;
    break;
  default:
    return false;
  }
  return true;
}

/* Options that choose the request, each as libcurl's setopt does it. */
static bool set_request(struct shadow *shadow, CURLoption option,
                        const union option_value *v) {
  switch ((int)option) {
  case CURLOPT_HTTPGET:
    if (v->number) {
      shadow->request = REQUEST_GET;
      shadow->is_upload = false;
    }
    break;
  case CURLOPT_NOBODY:
    if (v->number)
      shadow->request = REQUEST_HEAD;
    else if (shadow->request == REQUEST_HEAD)
      shadow->request = REQUEST_GET;
    break;
  case CURLOPT_POST:
    shadow->request = v->number ? REQUEST_POST : REQUEST_GET;
    if (v->number)
      shadow->is_upload = false;
    break;
  case CURLOPT_POSTFIELDS:
  case CURLOPT_COPYPOSTFIELDS:
    shadow->has_post_fields = v->pointer != NULL;
    shadow->request = REQUEST_POST;
    break;
  case 10024: /* CURLOPT_HTTPPOST, deprecated */
  case CURLOPT_MIMEPOST:
    shadow->request = REQUEST_FORM;
    break;
  case 54: /* CURLOPT_PUT, deprecated */
  case CURLOPT_UPLOAD:
    shadow->request = v->number ? REQUEST_PUT : REQUEST_GET;
    shadow->is_upload = v->number != 0;
    break;
  case CURLOPT_CUSTOMREQUEST:
    shadow->has_custom_request = v->pointer != NULL;
    break;
  case CURLOPT_QUOTE:
    shadow->has_quotes[0] = v->pointer != NULL;
    break;
  case CURLOPT_PREQUOTE:
    shadow->has_quotes[1] = v->pointer != NULL;
    break;
  case CURLOPT_POSTQUOTE:
    shadow->has_quotes[2] = v->pointer != NULL;
    break;
  case CURLOPT_APPEND:
    shadow->is_append = v->number != 0;
    break;
  default:
    return false;
  }
  return true;
}

/* What decides how the response's bytes are counted and delivered. */
static bool set_response(struct shadow *shadow, CURLoption option,
                         const union option_value *v) {
  switch ((int)option) {
  case CURLOPT_FOLLOWLOCATION:
    shadow->follows_location = v->number != 0;
    break;
  case CURLOPT_HEADER:
    shadow->includes_header = v->number != 0;
    break;
  case CURLOPT_ACCEPT_ENCODING:
    shadow->asks_encoding = v->pointer != NULL;
    break;
  case CURLOPT_HTTP_CONTENT_DECODING:
    shadow->keeps_encoding = v->number == 0;
    break;
  case CURLOPT_IGNORE_CONTENT_LENGTH:
    shadow->ignores_length = v->number != 0;
    break;
  default:
    return false;
  }
  return true;
}

static void set_other(struct shadow *shadow, CURLoption option,
                      const union option_value *v) {
  switch ((int)option) {
  case CURLOPT_URL:
    set_url(shadow, v->pointer);
    break;
  case CURLOPT_DEFAULT_PROTOCOL:
    shadow->default_scheme = v->pointer ? url_protocol(v->pointer) : URL_NONE;
    break;
  case CURLOPT_CURLU:
    shadow->url_handle = v->pointer;
    break;
  case CURLOPT_ERRORBUFFER:
    shadow->error_buffer = v->pointer;
    break;
  case CURLOPT_OPENSOCKETFUNCTION:
    shadow->has_own_socket = v->function != NULL;
    break;
  case CURLOPT_RESOLVER_START_FUNCTION:
    shadow->has_resolver_start = v->function != NULL;
    break;
  case CURLOPT_RESOLVE:
    /* not forgotten with NULL: libcurl keeps the entries it was given */
    shadow->has_resolve = shadow->has_resolve || v->pointer != NULL;
    break;
  case CURLOPT_WILDCARDMATCH:
    shadow->has_wildcard = v->number != 0;
    break;
  case CURLOPT_CONNECT_ONLY:
    shadow->has_connect_only = v->number != 0;
    break;
  case CURLOPT_TRAILERFUNCTION:
    shadow->has_trailer_function = v->function != NULL;
    break;
  case CURLOPT_NOSIGNAL:
    shadow->has_no_signal = v->number != 0;
    break;
  case CURLOPT_TIMECONDITION:
    shadow->has_precondition = v->number == CURL_TIMECOND_IFUNMODSINCE;
    break;
  case CURLOPT_HTTPAUTH:
    shadow->http_auth = (unsigned long)v->number;
    break;
  case CURLOPT_PROXYAUTH:
    shadow->proxy_auth = (unsigned long)v->number;
    break;
  default:
    break;
  }
}

void shadow_set(struct shadow *shadow, CURLoption option,
                const union option_value *value) {
  if (set_held(&shadow->held, option, value) ||
      set_attempt(&shadow->attempt, option, value) ||
      set_request(shadow, option, value) ||
      set_response(shadow, option, value))
    return;
  set_other(shadow, option, value);
}

enum held_group shadow_group(CURLoption option) {
  switch ((int)option) {
  case CURLOPT_WRITEFUNCTION:
  case CURLOPT_WRITEDATA:
  case CURLOPT_HEADERFUNCTION:
  case CURLOPT_HEADERDATA:
  case CURLOPT_PREREQFUNCTION:
  case CURLOPT_PREREQDATA:
    return HELD_RESPONSE;
  case CURLOPT_READFUNCTION:
  case CURLOPT_READDATA:
  case CURLOPT_SEEKFUNCTION:
  case CURLOPT_SEEKDATA:
    return HELD_REQUEST;
  case CURLOPT_XFERINFOFUNCTION:
  case 20056: /* CURLOPT_PROGRESSFUNCTION */
  case CURLOPT_XFERINFODATA:
  case CURLOPT_NOPROGRESS:
    return HELD_PROGRESS;
  default:
    return HELD_NOT;
  }
}

/* PROGRESSFUNCTION goes after XFERINFOFUNCTION: setting the latter resets
 * the former (design, "Outside a call nothing is changed"). */
void shadow_restore(const struct shadow *shadow, const struct library *library,
                    CURL *curl, enum held_group group) {
  const struct held_options *held = &shadow->held;
  CURLcode (*set)(CURL *, CURLoption, ...) = library->easy_setopt;

  switch (group) {
  case HELD_RESPONSE:
    (void)set(curl, CURLOPT_WRITEFUNCTION, held->write);
    (void)set(curl, CURLOPT_WRITEDATA, held->write_data);
    (void)set(curl, CURLOPT_HEADERFUNCTION, held->header);
    (void)set(curl, CURLOPT_HEADERDATA, held->header_data);
    (void)set(curl, CURLOPT_PREREQFUNCTION, held->prereq);
    (void)set(curl, CURLOPT_PREREQDATA, held->prereq_data);
    break;
  case HELD_REQUEST:
    (void)set(curl, CURLOPT_READFUNCTION, held->read);
    (void)set(curl, CURLOPT_READDATA, held->read_data);
    (void)set(curl, CURLOPT_SEEKFUNCTION, held->seek);
    (void)set(curl, CURLOPT_SEEKDATA, held->seek_data);
    break;
  case HELD_PROGRESS:
    (void)set(curl, CURLOPT_XFERINFOFUNCTION, held->xferinfo);
    if (held->progress)
      (void)set(curl, (CURLoption)20056, held->progress);
    (void)set(curl, CURLOPT_XFERINFODATA, held->progress_data);
    (void)set(curl, CURLOPT_NOPROGRESS, held->no_progress);
    break;
  default:
    break;
  }
}

bool shadow_reads_body(const struct shadow *shadow) {
  if (shadow->request == REQUEST_POST)
    return !shadow->has_post_fields;
  return shadow->is_upload || shadow->request == REQUEST_PUT;
}
