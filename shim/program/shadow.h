/* shadow.h - what the program set on a handle, as far as we need it.
 *
 * libcurl has no option getters, so every option that we replace during a
 * call, and every one that decides whether a request can be repeated, is
 * remembered when it passes through curl_easy_setopt(). Values are the
 * program's own pointers, with its ownership, except the URL, the range, the
 * names of files and what else libcurl copies too.
 */
#ifndef CURLRETRY_SHADOW_H
#define CURLRETRY_SHADOW_H

#include "libcurl/library.h"
#include "program/files.h"
#include "program/names.h"
#include "program/texts.h"
#include "text/url.h"

#include <stddef.h>

/* The argument of a curl_easy_setopt() call, by option class: all of them are
 * one word (shadow.c asserts it). */
union option_value {
  long number;
  void *pointer;
  void (*function)(void);
  curl_off_t offset;
};

enum request_kind {
  REQUEST_GET,
  REQUEST_HEAD,
  REQUEST_POST, /* POSTFIELDS, or the read callback without them */
  REQUEST_FORM, /* HTTPPOST or MIMEPOST */
  REQUEST_PUT   /* UPLOAD */
};

/* Options we replace while a call runs. Kept together so that a duplicate
 * handle and the end of a call restore the same list. The ioctl callback is
 * not replaced: it rewinds where there is no seek callback. */
struct held_options {
  curl_write_callback write;
  void *write_data; /* libcurl's default: stdout */
  curl_write_callback header;
  void *header_data;
  curl_read_callback read;
  void *read_data; /* libcurl's default: stdin */
  curl_seek_callback seek;
  void *seek_data;
  curl_ioctl_callback ioctl;
  void *ioctl_data;
  curl_xferinfo_callback xferinfo;
  curl_progress_callback progress;
  bool is_xferinfo_last; /* of these two */
  void *progress_data;
  long no_progress;
  curl_prereq_callback prereq;
  void *prereq_data;
};

/* Options we change for single attempts. */
struct attempt_options {
  long timeout_ms;         /* TIMEOUT or TIMEOUT_MS; 0: none */
  long connect_timeout_ms; /* CONNECTTIMEOUT(_MS); 0: libcurl's default */
  long fresh_connect;
  long forbid_reuse;
  long dns_cache_timeout; /* libcurl's default: 60 */
  long shuffles_addresses;
  struct curl_slist *http_header;
  curl_off_t resume_from;
  void (*hsts_read)(void);
};

/* Options we change where an attempt fails on purpose: to whom it connects,
 * and how. */
struct socket_options {
  curl_opensocket_callback open;
  void *open_data;
  curl_sockopt_callback tune;
  void *tune_data;
  curl_closesocket_callback close;
  void *close_data;
  long http_version;  /* HTTP_VERSION; 0: libcurl's default */
  long buffer;        /* UPLOAD_BUFFERSIZE; 0: libcurl's default */
  long protocol_bits; /* PROTOCOLS */
  long ip_version;    /* IPRESOLVE; 0: any */
};

struct shadow {
  struct held_options held;
  struct attempt_options attempt;
  struct socket_options socket;

  char *url; /* owned copy; none where `url_scheme` is URL_NONE */
  size_t url_capacity;
  enum url_scheme url_scheme;     /* of `url` */
  enum url_scheme default_scheme; /* DEFAULT_PROTOCOL; URL_NONE: none */
  bool is_https;                  /* ... is https */
  const CURLU *url_handle;        /* CURLOPT_CURLU */
  char *error_buffer;
  long proxy_port; /* PROXYPORT; 0: none */
  long proxy_type; /* PROXYTYPE */

  curl_off_t upload_size; /* INFILESIZE; -1: unknown */
  curl_off_t post_size;   /* POSTFIELDSIZE; -1: unknown */

  struct files files;
  struct texts texts;
  struct names names;

  const struct curl_httppost *form; /* HTTPPOST; NULL: another body */
  enum request_kind request;
  bool has_post_fields;
  bool is_copied; /* by COPYPOSTFIELDS */
  bool is_upload;
  bool has_no_body; /* NOBODY */
  bool is_append;
  bool has_custom_request;
  bool has_quotes[3]; /* QUOTE, PREQUOTE, POSTQUOTE */
  bool has_own_port;  /* LOCALPORT */
  bool has_resolver_start;
  bool has_wildcard;
  bool has_connect_only;
  bool has_trailer_function;
  bool follows_location;
  bool makes_referer;   /* AUTOREFERER */
  bool includes_header; /* CURLOPT_HEADER */
  bool asks_encoding;   /* ACCEPT_ENCODING */
  bool keeps_encoding;  /* HTTP_CONTENT_DECODING 0 */
  bool keeps_framing;   /* HTTP_TRANSFER_DECODING 0 */
  bool ignores_length;
  bool is_text;      /* TRANSFERTEXT: FTP converts line ends */
  bool has_max_size; /* MAXFILESIZE */
  bool has_no_signal;
  long time_condition; /* TIMECONDITION; 0: none */
  unsigned long http_auth;
  unsigned long proxy_auth;
};

/* libcurl's defaults, as after curl_easy_init() and curl_easy_reset().
 * An owned URL is kept as a buffer for the next one. */
void shadow_reset(struct shadow *shadow);

/* Copy the program's values for a duplicate. False: out of memory. */
bool shadow_copy(struct shadow *to, const struct shadow *from);

/* Free what the shadow owns. */
void shadow_free(struct shadow *shadow);

/* Remember an option that libcurl accepted (or that we hold). */
void shadow_set(struct shadow *shadow, CURLoption option,
                const union option_value *value);

/* Which values of ours stand in for `option`'s while a call runs. */
enum held_group {
  HELD_NOT,
  HELD_RESPONSE,
  HELD_REQUEST,
  HELD_PROGRESS,
  HELD_CONNECT, /* where STALL_TIMEOUT is set */
  HELD_ATTEMPT, /* by retries alone */
  HELD_SOCKET,  /* by faults */
  HELD_URL      /* by faults of https */
};
enum held_group shadow_group(CURLoption option);

/* Whether `option` says what is requested: libcurl takes it from the next
 * transfer on. */
bool shadow_names_request(CURLoption option);

/* Whether the request has a body that libcurl asks the read callback for (its
 * own reader on a FILE where the program set none): up to 8.0 also where an
 * UPLOAD that was set before them is left beside POSTFIELDS (CVE-2023-28322).
 * A form asks it for its stream parts, with pointers of their own. */
static inline bool shadow_reads_body(const struct shadow *shadow) {
  if (shadow->request == REQUEST_FORM)
    return false;
  if (shadow->request == REQUEST_POST && !shadow->has_post_fields)
    return true;
  return shadow->is_upload || shadow->request == REQUEST_PUT;
}

#endif
