/* Sources: RFC 9110 (15, status codes), RFC 9112 (6.3, body length), and what
 * libcurl acts on by itself (lib/http.c: Curl_http_auth_act, redirects). */
#include "exchange/hop.h"

#include "number.h"

#include <string.h>

void hop_begin(struct hop *hop, bool has_prerequests, bool may_be_ftp) {
  memset(hop, 0, sizeof(*hop));
  hop->may_be_ftp = may_be_ftp;
  hop->length = -1;
  hop->has_prerequests = has_prerequests;
  if (!has_prerequests)
    hop->state = HOP_WAITING; /* no proof: what isn't seen counts as sent */
}

void hop_prerequest(struct hop *hop) {
  hop->was_sent = true;
  hop->state = HOP_WAITING;
  hop->status = 0;
  hop->is_connect = false;
  hop->is_shown_final = false;
}

/* Media types whose events must not wait (design, "Commit early"). */
static bool is_stream_type(const struct field *field) {
  return field_begins(field, "text/event-stream") ||
         field_begins(field, "multipart/x-mixed-replace") ||
         field_begins(field, "application/grpc");
}

static void note_field(struct hop *hop, const struct field *field) {
  const char *value = field->value;

  switch (field->name) {
  case FIELD_CONTENT_LENGTH:
    hop->length = number_digits(&value, value + field->length);
    break;
  case FIELD_CONTENT_TYPE:
    hop->is_stream = is_stream_type(field);
    break;
  case FIELD_CONTENT_ENCODING:
    hop->is_encoded |= field->length && !field_is(field, "identity");
    break;
  case FIELD_TRANSFER_ENCODING:
    hop->is_chunked = true;
    break;
  case FIELD_UPGRADE:
    hop->is_h2c = field_is(field, "h2c");
    break;
  case FIELD_LOCATION:
    hop->has_location = field->length > 0;
    break;
  default:
    break;
  }
}

/* Whether this is a status line of HTTP. */
static bool is_http(const char *line, size_t length) {
  return length > 5 && (line[0] | 32) == 'h' && (line[1] | 32) == 't' &&
         (line[2] | 32) == 't' && (line[3] | 32) == 'p' && line[4] == '/';
}

/* "HTTP/1.1 200 OK", "HTTP/2 200", "ICY 200 OK" (HTTP200ALIASES: libcurl
 * takes an alias as 200). */
static int parse_status(const char *line, size_t length, bool is_status_line) {
  const char *end = line + length;
  const char *at = line;
  int64_t status;

  if (!is_status_line)
    return 200;
  while (at < end && *at != ' ')
    at++;
  while (at < end && *at == ' ')
    at++;
  status = number_digits(&at, end);
  return status > 0 && status < 1000 ? (int)status : 0;
}

static void begin_block(struct hop *hop, int status) {
  /* a status line where no request was sent since the last block answers a
     CONNECT; after a 1xx the state is HOP_WAITING again */
  hop->is_connect = hop->has_prerequests && hop->state != HOP_WAITING;
  hop->state = HOP_IN_BLOCK;
  hop->status = status;
  hop->is_shown_final = false;
  hop->length = -1;
  hop->is_chunked = false;
  hop->is_encoded = false;
  hop->is_h2c = false;
  hop->is_stream = false;
  hop->has_location = false;
}

/* The empty line. */
static void end_block(struct hop *hop) {
  hop->state = HOP_AFTER_BLOCK;
  if (hop->is_connect)
    hop->state = HOP_CONNECTING;
  else if (hop->status >= 100 && hop->status < 200 &&
           (hop->status != 101 || hop->is_h2c))
    hop->state = HOP_WAITING;
}

/* A line outside of a block. */
__attribute__((noinline)) static enum hop_event
line_outside(struct hop *hop, const char *line, size_t length) {
  bool is_status_line = is_http(line, length);

  hop->has_header = true;
  if (hop->is_ftp || !length)
    return HOP_LINE;
  if (hop->may_be_ftp && !is_status_line)
    hop->is_ftp = true;
  if (hop->is_ftp || (hop->state == HOP_AFTER_BLOCK && !is_status_line))
    return HOP_LINE; /* a reply, a trailer */
  begin_block(hop, parse_status(line, length, is_status_line));
  return HOP_FIRST_LINE;
}

enum hop_event hop_line(struct hop *hop, const char *line, size_t length,
                        struct field *field) {
  field->name = FIELD_OTHER;
  if (hop->state != HOP_IN_BLOCK)
    return line_outside(hop, line, length);
  if (!length)
    return HOP_LINE;
  if (line[0] == '\r' || line[0] == '\n') {
    end_block(hop);
    return HOP_BLOCK_END;
  }
  field_parse(field, line, length);
  if (field->name != FIELD_OTHER)
    note_field(hop, field);
  return HOP_LINE;
}

void hop_body(struct hop *hop) {
  hop->is_shown_final = true;
  if (hop->state != HOP_AFTER_BLOCK)
    hop->state = HOP_AFTER_BLOCK; /* HTTP/0.9, FTP: no block came before */
}

/* Schemes of authentication that take more than one round. */
static bool has_rounds(unsigned long mask) {
  return (mask & ~(unsigned long)(CURLAUTH_BASIC | CURLAUTH_BEARER)) != 0;
}

bool hop_is_final(const struct hop *hop, const struct shadow *shadow) {
  bool auth = has_rounds(shadow->http_auth) || has_rounds(shadow->proxy_auth);

  if (hop->is_connect || hop->state != HOP_AFTER_BLOCK)
    return false;
  if (hop->is_shown_final)
    return true;
  if (hop->status >= 300 && hop->status < 400)
    return !shadow->follows_location || !hop->has_location;
  if (hop->status == 401)
    return !has_rounds(shadow->http_auth);
  if (hop->status == 407)
    return !has_rounds(shadow->proxy_auth);
  if (hop->status == 417)
    return shadow->request == REQUEST_GET || shadow->request == REQUEST_HEAD;
  /* the empty first round of Digest and NTLM may be answered by any status */
  return !auth || !hop_has_no_body(hop, shadow) ||
         shadow->request == REQUEST_GET || shadow->request == REQUEST_HEAD;
}

bool hop_has_no_body(const struct hop *hop, const struct shadow *shadow) {
  if (hop->is_ftp)
    return false;
  if (shadow->request == REQUEST_HEAD || hop->status == 204 ||
      hop->status == 304)
    return true;
  return hop->length == 0 && !hop->is_chunked && !shadow->ignores_length;
}

int64_t hop_announced(const struct hop *hop, const struct shadow *shadow) {
  bool is_decoded =
      hop->is_encoded && shadow->asks_encoding && !shadow->keeps_encoding;

  if (hop->is_chunked || is_decoded || shadow->ignores_length)
    return -1;
  return hop->length;
}
