/* Sources: RFC 9110 (15, status codes), RFC 9112 (6.3, body length), and what
 * libcurl acts on by itself (lib/http.c: Curl_http_auth_act, redirects). */
#include "exchange/hop.h"

#include "number.h"

#include "text/fnv.h"

#include <string.h>

void hop_begin(struct hop *hop, bool has_prerequests, bool may_be_ftp) {
  memset(hop, 0, sizeof(*hop));
  hop->may_be_ftp = may_be_ftp;
  hop->length = -1;
  hop->has_prerequests = has_prerequests;
  if (!has_prerequests)
    hop->state = HOP_WAITING; /* no proof: what isn't seen counts as sent */
}

enum hop_challenge hop_challenge(const struct hop *hop) {
  if (!hop->is_digest)
    return CHALLENGE_NONE;
  if (hop->status == 407)
    return CHALLENGE_PROXY;
  return hop->status == 401 ? CHALLENGE_SERVER : CHALLENGE_NONE;
}

static void note_before(struct hop *hop) {
  hop->answered |= hop_challenge(hop);
  if (!hop->is_connect && hop->status)
    hop->status_before = hop->status;
}

void hop_prerequest(struct hop *hop) {
  note_before(hop);
  hop->was_sent = true;
  hop->state = HOP_WAITING;
  hop->status = 0;
  hop->is_connect = false;
  hop->is_shown_final = false;
  hop->is_digest = false;
}

/* Media types whose events must not wait (design, "Commit early"). */
static bool is_stream_type(const struct field *field) {
  return field_begins(field, "text/event-stream") ||
         field_begins(field, "multipart/x-mixed-replace") ||
         field_begins(field, "application/grpc");
}

static void mix(struct hop *hop, const char *bytes, size_t length) {
  for (; length; bytes++, length--)
    hop->identity = fnv_add(hop->identity, *bytes);
}

/* Of a challenge what it asks for (RFC 9110, 11.6): a nonce is another each
 * time. */
static void mix_challenge(struct hop *hop, const struct field *field) {
  static const char realm[] = "realm=";
  const char *at = field->value;
  const char *end = at + field->length;

  while (at < end && *at != ' ')
    at++;
  mix(hop, field->value, (size_t)(at - field->value));
  while (at < end && ((size_t)(end - at) < sizeof(realm) - 1 ||
                      !field_same(at, realm, sizeof(realm) - 1)))
    at++;
  while (at < end && *at != ',')
    mix(hop, at++, 1);
}

void hop_field(struct hop *hop, const struct field *field) {
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
    hop->has_location |= field->length > 0;
    mix(hop, field->value, field->length);
    break;
  case FIELD_CHALLENGE:
    hop->is_digest |= field_begins(field, "digest");
    mix_challenge(hop, field);
    break;
  default:
    break;
  }
}

/* Whether this is a status line of HTTP. */
static bool is_http(const char *line, size_t length) {
  return length > 5 && field_same(line, "http", 4) && line[4] == '/';
}

/* "HTTP/1.1 200 OK", "HTTP/2 200", "ICY 200 OK" (HTTP200ALIASES: libcurl
 * takes an alias as 200). */
static int parse_status(const char *line, size_t length, bool is_status_line) {
  const char *end = line + length;
  const char *at = line + 5; /* behind "HTTP/" */
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
  const size_t from = offsetof(struct hop, is_shown_final);

  /* a status line where no request was sent since the last block answers a
     CONNECT; after a 1xx the state is HOP_WAITING again */
  note_before(hop);
  hop->is_connect = hop->has_prerequests && hop->state != HOP_WAITING;
  hop->state = HOP_IN_BLOCK;
  hop->status = status;
  memset((char *)hop + from, 0, sizeof(*hop) - from);
  hop->length = -1;
  hop->identity = FNV_BASIS ^ (unsigned)(status * 2 + hop->is_connect);
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

/* The closing of a session (RFC 959, 4.2.1), as the answer to QUIT; of a data
 * connection, where no transfer has begun, as the answer to ABOR: libcurl
 * sends it whenever a range was asked for (lib/ftp.c, ftp_done()). */
#define REPLY_CLOSING 221
#define REPLY_DATA_OPEN 225
#define REPLY_DATA_CLOSING 226

static bool is_of_transfer(const struct hop *hop, int reply) {
  return reply != REPLY_CLOSING &&
         (hop->has_begun ||
          (reply != REPLY_DATA_OPEN && reply != REPLY_DATA_CLOSING));
}

void hop_reply(struct hop *hop, const char *line, size_t length) {
  int reply;

  /* "150-" begins one of several lines, " x" is one of them */
  if (length < 4 || !slice_is_digit(line[0]) || !slice_is_digit(line[1]) ||
      !slice_is_digit(line[2]) || line[3] != ' ')
    return;
  reply = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  if (is_of_transfer(hop, reply))
    hop->reply = reply;
  if (reply < 200)
    hop->has_begun = true;
}

/* A line outside of a block. */
__attribute__((noinline)) static enum hop_event
line_outside(struct hop *hop, const char *line, size_t length) {
  bool is_status_line = is_http(line, length);

  hop->has_header = true;
  if (!length)
    return HOP_LINE;
  /* behind a block (a proxy speaks HTTP also for ftp://) it is a trailer, or
     hop_turn_ftp() is called; behind a CONNECT reply that a redirect led to
     the other protocol begins */
  if (!is_status_line && hop->state != HOP_AFTER_BLOCK &&
      (hop->may_be_ftp || (hop->state == HOP_CONNECTING && hop->was_sent)))
    hop->is_ftp = true;
  if (hop->is_ftp) {
    hop_reply(hop, line, length);
    return HOP_LINE;
  }
  if (hop->state == HOP_AFTER_BLOCK && !is_status_line)
    return HOP_LINE; /* a trailer */
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
  if (!hop_expects_field(hop, line, length)) {
    end_block(hop);
    return HOP_BLOCK_END;
  }
  field_parse(field, line, length);
  hop_field(hop, field);
  return HOP_LINE;
}

void hop_body(struct hop *hop) {
  hop->is_shown_final = true;
  hop->state = HOP_AFTER_BLOCK; /* HTTP/0.9, FTP: also where none came */
}

/* Methods whose credentials are sent at once. */
#define AT_ONCE (unsigned long)(CURLAUTH_BASIC | CURLAUTH_BEARER)

/* Whether a challenge may be answered: always, but for one method alone that
 * is sent at once (or none). libcurl chooses of several by the challenge, and
 * CURLAUTH_ONLY, too, waits for one. */
static bool has_rounds(unsigned long mask) {
  return (mask & ~AT_ONCE) || mask == AT_ONCE;
}

/* Whether a method begins with a request whose body is left out: libcurl then
 * goes on after a 2xx as well. */
static bool has_empty_round(unsigned long mask) {
  return (mask & ~(AT_ONCE | CURLAUTH_ONLY)) != 0;
}

bool hop_is_final(const struct hop *hop, const struct shadow *shadow) {
  bool is_upload =
      shadow->request != REQUEST_GET && shadow->request != REQUEST_HEAD;

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
    return !is_upload;
  return hop->status >= 300 || !is_upload ||
         !(has_empty_round(shadow->http_auth) ||
           has_empty_round(shadow->proxy_auth));
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
