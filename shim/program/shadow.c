/* The program's values. Source of the defaults and of what each option does
 * to the request: curl_easy_setopt(3) and the manual page of each option. */
#include "program/shadow.h"

#include <errno.h>
#include <stdio.h> /* stdin and stdout are libcurl's defaults */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void shadow_reset(struct shadow *shadow) {
  char *url = shadow->url;
  size_t capacity = shadow->url_capacity;
  struct names names = shadow->names;

  texts_free(&shadow->texts);
  files_free(&shadow->files);
  memset(shadow, 0, sizeof(*shadow));
  shadow->names = names;
  shadow->url = url;
  shadow->url_capacity = capacity;
  shadow->url_scheme = URL_NONE;
  shadow->held.write_data = stdout;
  shadow->held.read_data = stdin;
  shadow->held.no_progress = 1;
  shadow->attempt.dns_cache_timeout = 60;
  shadow->upload_size = -1;
  shadow->post_size = -1;
  shadow->http_auth = CURLAUTH_BASIC;
  shadow->proxy_auth = CURLAUTH_BASIC;
}

static void set_url(struct shadow *shadow, const char *url) {
  size_t size = url ? strlen(url) + 1 : 0;

  shadow->url_scheme = URL_NONE;
  if (!url)
    return;
  if (size > shadow->url_capacity) {
    int saved = errno;
    char *copy = malloc(size);
    if (copy)
      free(shadow->url);
    errno = saved;
    if (!copy)
      return; /* URL_NONE: the call is passed through */
    shadow->url = copy;
    shadow->url_capacity = size;
  }
  memcpy(shadow->url, url, size);
  shadow->url_scheme = url_scheme(url);
}

bool shadow_copy(struct shadow *to, const struct shadow *from) {
  char *url = to->url;
  size_t capacity = to->url_capacity;
  bool is_whole;

  *to = *from;
  is_whole = texts_copied(&to->texts);
  to->url = url;
  to->url_capacity = capacity;
  if (from->url_scheme != URL_NONE)
    set_url(to, from->url);
  return files_copy(&to->files, &from->files) &&
         to->url_scheme == from->url_scheme && is_whole;
}

void shadow_free(struct shadow *shadow) {
  texts_free(&shadow->texts);
  files_free(&shadow->files);
  free(shadow->url);
  shadow->url = NULL;
  shadow->url_capacity = 0;
}

/* What becomes of an option's argument. */
enum keeping {
  KEEP_WORD,    /* as it is: all arguments are one word */
  KEEP_SECONDS, /* a long, as milliseconds */
  KEEP_BOOL,    /* whether it isn't 0 or NULL */
  KEEP_TEXT,    /* texts_set() */
  KEEP_FILE,    /* a file's name: files_set() */
  KEEP_REQUEST, /* set_request() knows */
  KEEP_OTHER    /* set_other() knows */
};

struct rule {
  int option;
  short place; /* in struct shadow, or an enum text_place */
  unsigned char keeping;
  unsigned char group;
};

_Static_assert(sizeof(long) == sizeof(void *) &&
                   sizeof(long) == sizeof(curl_off_t),
               "a word is a long, a curl_off_t or a pointer");

/* No two of the options below share a slot: the compiler would say so. */
#define SLOTS 400
#define SLOT(option) ((unsigned)(option) % SLOTS)

#define KEEP(option, keeping, member, group)                                  \
  [SLOT(option)] = {(option), offsetof(struct shadow, member), (keeping),     \
                    (group)}
#define OTHER(option, group)                                                  \
  [SLOT(option)] = {(option), 0, KEEP_OTHER, (group)}
#define TEXT(option, text, group)                                             \
  [SLOT(option)] = {(option), (text), KEEP_TEXT, (group)}
#define NAMED(option) [SLOT(option)] = {(option), 0, KEEP_FILE, HELD_NOT}
#define REQUEST(option) [SLOT(option)] = {(option), 0, KEEP_REQUEST, HELD_NOT}

/* A table: one look-up for the many options that concern nobody here. */
static const struct rule rules[SLOTS] = {
    KEEP(CURLOPT_WRITEFUNCTION, KEEP_WORD, held.write, HELD_RESPONSE),
    KEEP(CURLOPT_WRITEDATA, KEEP_WORD, held.write_data, HELD_RESPONSE),
    KEEP(CURLOPT_HEADERFUNCTION, KEEP_WORD, held.header, HELD_RESPONSE),
    KEEP(CURLOPT_HEADERDATA, KEEP_WORD, held.header_data, HELD_RESPONSE),
    KEEP(CURLOPT_PREREQFUNCTION, KEEP_WORD, held.prereq, HELD_RESPONSE),
    KEEP(CURLOPT_PREREQDATA, KEEP_WORD, held.prereq_data, HELD_RESPONSE),

    KEEP(CURLOPT_READFUNCTION, KEEP_WORD, held.read, HELD_REQUEST),
    KEEP(CURLOPT_READDATA, KEEP_WORD, held.read_data, HELD_REQUEST),
    KEEP(CURLOPT_SEEKFUNCTION, KEEP_WORD, held.seek, HELD_REQUEST),
    KEEP(CURLOPT_SEEKDATA, KEEP_WORD, held.seek_data, HELD_REQUEST),
    KEEP(CURLOPT_IOCTLFUNCTION, KEEP_WORD, held.ioctl, HELD_NOT),
    KEEP(CURLOPT_IOCTLDATA, KEEP_WORD, held.ioctl_data, HELD_NOT),

    OTHER(CURLOPT_XFERINFOFUNCTION, HELD_PROGRESS),
    OTHER(CURLOPT_PROGRESSFUNCTION, HELD_PROGRESS),
    /* XFERINFODATA and PROGRESSDATA are one number */
    KEEP(CURLOPT_XFERINFODATA, KEEP_WORD, held.progress_data, HELD_PROGRESS),
    KEEP(CURLOPT_NOPROGRESS, KEEP_WORD, held.no_progress, HELD_PROGRESS),

    KEEP(CURLOPT_CONNECTTIMEOUT, KEEP_SECONDS, attempt.connect_timeout_ms,
         HELD_CONNECT),
    KEEP(CURLOPT_CONNECTTIMEOUT_MS, KEEP_WORD, attempt.connect_timeout_ms,
         HELD_CONNECT),
    KEEP(CURLOPT_TIMEOUT, KEEP_SECONDS, attempt.timeout_ms, HELD_ATTEMPT),
    KEEP(CURLOPT_TIMEOUT_MS, KEEP_WORD, attempt.timeout_ms, HELD_ATTEMPT),
    KEEP(CURLOPT_FRESH_CONNECT, KEEP_WORD, attempt.fresh_connect,
         HELD_ATTEMPT),
    KEEP(CURLOPT_FORBID_REUSE, KEEP_WORD, attempt.forbid_reuse, HELD_ATTEMPT),
    KEEP(CURLOPT_DNS_SHUFFLE_ADDRESSES, KEEP_WORD, attempt.shuffles_addresses,
         HELD_ATTEMPT),
    KEEP(CURLOPT_DNS_CACHE_TIMEOUT, KEEP_WORD, attempt.dns_cache_timeout,
         HELD_ATTEMPT),
    KEEP(CURLOPT_HTTPHEADER, KEEP_WORD, attempt.http_header, HELD_ATTEMPT),
    KEEP(CURLOPT_HSTSREADFUNCTION, KEEP_WORD, attempt.hsts_read, HELD_ATTEMPT),
    TEXT(CURLOPT_RANGE, TEXT_RANGE, HELD_ATTEMPT),
    KEEP(CURLOPT_RESUME_FROM, KEEP_WORD, attempt.resume_from, HELD_ATTEMPT),
    KEEP(CURLOPT_RESUME_FROM_LARGE, KEEP_WORD, attempt.resume_from,
         HELD_ATTEMPT),

    OTHER(CURLOPT_URL, HELD_URL),
    OTHER(CURLOPT_DEFAULT_PROTOCOL, HELD_NOT),
    KEEP(CURLOPT_CURLU, KEEP_WORD, url_handle, HELD_URL),
    TEXT(CURLOPT_PROTOCOLS_STR, TEXT_PROTOCOLS, HELD_URL),
    OTHER(CURLOPT_PROTOCOLS, HELD_URL),
    KEEP(CURLOPT_ERRORBUFFER, KEEP_WORD, error_buffer, HELD_NOT),

    REQUEST(CURLOPT_HTTPGET),
    REQUEST(CURLOPT_NOBODY),
    REQUEST(CURLOPT_POST),
    REQUEST(CURLOPT_POSTFIELDS),
    REQUEST(CURLOPT_COPYPOSTFIELDS),
    REQUEST(CURLOPT_HTTPPOST),
    REQUEST(CURLOPT_MIMEPOST),
    REQUEST(CURLOPT_PUT),
    REQUEST(CURLOPT_UPLOAD),
    KEEP(CURLOPT_INFILESIZE, KEEP_WORD, upload_size, HELD_NOT),
    KEEP(CURLOPT_INFILESIZE_LARGE, KEEP_WORD, upload_size, HELD_NOT),
    OTHER(CURLOPT_POSTFIELDSIZE, HELD_NOT),
    OTHER(CURLOPT_POSTFIELDSIZE_LARGE, HELD_NOT),
    KEEP(CURLOPT_APPEND, KEEP_BOOL, is_append, HELD_NOT),
    KEEP(CURLOPT_CUSTOMREQUEST, KEEP_BOOL, has_custom_request, HELD_NOT),
    KEEP(CURLOPT_QUOTE, KEEP_BOOL, has_quotes[0], HELD_NOT),
    KEEP(CURLOPT_PREQUOTE, KEEP_BOOL, has_quotes[1], HELD_NOT),
    KEEP(CURLOPT_POSTQUOTE, KEEP_BOOL, has_quotes[2], HELD_NOT),

    KEEP(CURLOPT_FOLLOWLOCATION, KEEP_BOOL, follows_location, HELD_NOT),
    KEEP(CURLOPT_AUTOREFERER, KEEP_BOOL, makes_referer, HELD_NOT),
    TEXT(CURLOPT_REFERER, TEXT_REFERER, HELD_NOT),
    KEEP(CURLOPT_HEADER, KEEP_BOOL, includes_header, HELD_NOT),
    KEEP(CURLOPT_ACCEPT_ENCODING, KEEP_BOOL, asks_encoding, HELD_NOT),
    OTHER(CURLOPT_HTTP_CONTENT_DECODING, HELD_NOT),
    OTHER(CURLOPT_HTTP_TRANSFER_DECODING, HELD_NOT),
    KEEP(CURLOPT_TRANSFERTEXT, KEEP_BOOL, is_text, HELD_NOT),
    KEEP(CURLOPT_MAXFILESIZE, KEEP_BOOL, has_max_size, HELD_NOT),
    KEEP(CURLOPT_MAXFILESIZE_LARGE, KEEP_BOOL, has_max_size, HELD_NOT),
    KEEP(CURLOPT_IGNORE_CONTENT_LENGTH, KEEP_BOOL, ignores_length, HELD_NOT),

    KEEP(CURLOPT_OPENSOCKETFUNCTION, KEEP_WORD, socket.open, HELD_SOCKET),
    KEEP(CURLOPT_OPENSOCKETDATA, KEEP_WORD, socket.open_data, HELD_SOCKET),
    KEEP(CURLOPT_SOCKOPTFUNCTION, KEEP_WORD, socket.tune, HELD_SOCKET),
    KEEP(CURLOPT_SOCKOPTDATA, KEEP_WORD, socket.tune_data, HELD_SOCKET),
    KEEP(CURLOPT_CLOSESOCKETFUNCTION, KEEP_WORD, socket.close, HELD_SOCKET),
    KEEP(CURLOPT_CLOSESOCKETDATA, KEEP_WORD, socket.close_data, HELD_SOCKET),
    TEXT(CURLOPT_UNIX_SOCKET_PATH, TEXT_SOCKET, HELD_SOCKET),
    TEXT(CURLOPT_ABSTRACT_UNIX_SOCKET, TEXT_SOCKET, HELD_SOCKET),
    KEEP(CURLOPT_HTTP_VERSION, KEEP_WORD, socket.http_version, HELD_SOCKET),
    KEEP(CURLOPT_IPRESOLVE, KEEP_WORD, socket.ip_version, HELD_SOCKET),
    KEEP(CURLOPT_UPLOAD_BUFFERSIZE, KEEP_WORD, socket.buffer, HELD_SOCKET),
    KEEP(CURLOPT_LOCALPORT, KEEP_BOOL, has_own_port, HELD_NOT),
    KEEP(CURLOPT_RESOLVER_START_FUNCTION, KEEP_BOOL, has_resolver_start,
         HELD_NOT),
    OTHER(CURLOPT_RESOLVE, HELD_NOT),
    KEEP(CURLOPT_SHARE, KEEP_BOOL, names.is_shared, HELD_NOT),
    KEEP(CURLOPT_WILDCARDMATCH, KEEP_BOOL, has_wildcard, HELD_NOT),
    KEEP(CURLOPT_CONNECT_ONLY, KEEP_BOOL, has_connect_only, HELD_NOT),
    KEEP(CURLOPT_TRAILERFUNCTION, KEEP_BOOL, has_trailer_function, HELD_NOT),
    KEEP(CURLOPT_NOSIGNAL, KEEP_BOOL, has_no_signal, HELD_NOT),
    KEEP(CURLOPT_TIMECONDITION, KEEP_WORD, time_condition, HELD_NOT),
    KEEP(CURLOPT_HTTPAUTH, KEEP_WORD, http_auth, HELD_NOT),
    KEEP(CURLOPT_PROXYAUTH, KEEP_WORD, proxy_auth, HELD_NOT),
    TEXT(CURLOPT_PROXY, TEXT_PROXY, HELD_NOT),
    TEXT(CURLOPT_PRE_PROXY, TEXT_PRE_PROXY, HELD_NOT),
    TEXT(CURLOPT_NOPROXY, TEXT_NO_PROXY, HELD_NOT),
    KEEP(CURLOPT_PROXYPORT, KEEP_WORD, proxy_port, HELD_NOT),
    KEEP(CURLOPT_PROXYTYPE, KEEP_WORD, proxy_type, HELD_NOT),

    KEEP(CURLOPT_NETRC, KEEP_BOOL, files.uses_netrc, HELD_NOT),
    NAMED(CURLOPT_NETRC_FILE),
    NAMED(CURLOPT_COOKIEFILE),
    NAMED(CURLOPT_HSTS),
    NAMED(CURLOPT_SSLCERT),
    NAMED(CURLOPT_SSLKEY),
    NAMED(CURLOPT_CAINFO),
    NAMED(CURLOPT_CRLFILE),
    NAMED(CURLOPT_ISSUERCERT),
    NAMED(CURLOPT_PINNEDPUBLICKEY),
    NAMED(CURLOPT_PROXY_SSLCERT),
    NAMED(CURLOPT_PROXY_SSLKEY),
    NAMED(CURLOPT_PROXY_CAINFO),
    NAMED(CURLOPT_PROXY_CRLFILE),
    NAMED(CURLOPT_PROXY_ISSUERCERT),
    NAMED(CURLOPT_PROXY_PINNEDPUBLICKEY),
    NAMED(CURLOPT_SSH_PRIVATE_KEYFILE),
    NAMED(CURLOPT_SSH_PUBLIC_KEYFILE),
    NAMED(CURLOPT_SSH_KNOWNHOSTS),
};

static const struct rule *rule_of(CURLoption option) {
  const struct rule *rule = &rules[SLOT(option)];

  return rule->option == (int)option ? rule : NULL;
}

/* Options that choose the request, each as libcurl's setopt does it. */
static void set_request(struct shadow *shadow, CURLoption option,
                        const union option_value *v) {
  switch ((int)option) {
  case CURLOPT_HTTPGET:
    if (v->number) {
      shadow->request = REQUEST_GET;
      shadow->has_no_body = shadow->is_upload = false;
    }
    break;
  case CURLOPT_NOBODY:
    shadow->has_no_body = v->number != 0;
    if (v->number || shadow->request == REQUEST_HEAD)
      shadow->request = REQUEST_GET;
    break;
  case CURLOPT_POST:
    shadow->has_no_body &= !v->number;
    shadow->request = v->number ? REQUEST_POST : REQUEST_GET;
    shadow->is_upload = false;
    break;
  case CURLOPT_POSTFIELDS:
  case CURLOPT_COPYPOSTFIELDS:
    shadow->has_post_fields = v->pointer != NULL;
    shadow->is_copied = option == CURLOPT_COPYPOSTFIELDS;
    shadow->request = REQUEST_POST;
    break;
  case CURLOPT_HTTPPOST:
  case CURLOPT_MIMEPOST:
    shadow->form = option == CURLOPT_HTTPPOST ? v->pointer : NULL;
    shadow->has_no_body = false;
    shadow->request = REQUEST_FORM;
    break;
  case CURLOPT_PUT:
  case CURLOPT_UPLOAD:
    shadow->has_no_body &= !v->number;
    shadow->request = v->number ? REQUEST_PUT : REQUEST_GET;
    shadow->is_upload = v->number != 0;
    break;
  }
  /* also where curl -I takes an upload back behind it: UPLOAD 0 */
  if (shadow->request == REQUEST_GET && shadow->has_no_body)
    shadow->request = REQUEST_HEAD;
}

/* libcurl drops its copy when more is announced, and asks the callback. */
static void set_post_size(struct shadow *shadow, curl_off_t size) {
  if (shadow->is_copied && shadow->post_size < size)
    shadow->has_post_fields = shadow->is_copied = false;
  shadow->post_size = size;
}

static void set_other(struct shadow *shadow, CURLoption option,
                      const union option_value *v) {
  switch ((int)option) {
  case CURLOPT_URL:
    set_url(shadow, v->pointer);
    break;
  case CURLOPT_DEFAULT_PROTOCOL:
    shadow->default_scheme = v->pointer ? url_protocol(v->pointer) : URL_NONE;
    shadow->is_https = v->pointer && !strcasecmp(v->pointer, "https");
    break;
  case CURLOPT_POSTFIELDSIZE: /* both are one word */
  case CURLOPT_POSTFIELDSIZE_LARGE:
    set_post_size(shadow, v->offset);
    break;
  case CURLOPT_PROTOCOLS:
    texts_set(&shadow->texts, TEXT_PROTOCOLS, (int)option, NULL);
    shadow->socket.protocol_bits = v->number;
    break;
  case CURLOPT_XFERINFOFUNCTION: /* the last says if there is a meter */
    shadow->held.xferinfo = (curl_xferinfo_callback)v->function;
    shadow->held.is_xferinfo_last = true;
    break;
  case CURLOPT_PROGRESSFUNCTION:
    shadow->held.progress = (curl_progress_callback)v->function;
    shadow->held.is_xferinfo_last = false;
    break;
  case CURLOPT_HTTP_CONTENT_DECODING:
    shadow->keeps_encoding = v->number == 0;
    break;
  case CURLOPT_HTTP_TRANSFER_DECODING:
    shadow->keeps_framing = v->number == 0;
    break;
  case CURLOPT_RESOLVE:
    if (v->pointer)
      names_give(&shadow->names);
    break;
  }
}

__attribute__((noinline)) static void
set_by_rule(struct shadow *shadow, const struct rule *rule,
            const union option_value *value) {
  const CURLoption option = (CURLoption)rule->option;
  void *place = (char *)shadow + rule->place;

  switch (rule->keeping) {
  case KEEP_SECONDS:
    *(long *)place = value->number * 1000;
    break;
  case KEEP_BOOL:
    *(bool *)place = value->pointer != NULL;
    break;
  case KEEP_TEXT:
    texts_set(&shadow->texts, (enum text_place)rule->place, (int)option,
              value->pointer);
    break;
  case KEEP_FILE:
    files_set(&shadow->files, option, value->pointer);
    break;
  case KEEP_REQUEST:
    set_request(shadow, option, value);
    break;
  default:
    set_other(shadow, option, value);
    break;
  }
}

void shadow_set(struct shadow *shadow, CURLoption option,
                const union option_value *value) {
  const struct rule *rule = rule_of(option);

  if (!rule)
    return;
  if (rule->keeping == KEEP_WORD)
    *(void **)((char *)shadow + rule->place) = value->pointer;
  else
    set_by_rule(shadow, rule, value);
}

enum held_group shadow_group(CURLoption option) {
  const struct rule *rule = rule_of(option);

  return rule ? (enum held_group)rule->group : HELD_NOT;
}

bool shadow_names_request(CURLoption option) {
  const struct rule *rule = rule_of(option);

  switch ((int)option) {
  case CURLOPT_URL:
  case CURLOPT_CURLU:
  case CURLOPT_CUSTOMREQUEST:
  case CURLOPT_QUOTE:
  case CURLOPT_PREQUOTE:
  case CURLOPT_POSTQUOTE:
    return true;
  default:
    return rule && rule->keeping == KEEP_REQUEST;
  }
}
