/* Called for every header line of every response: the first letter and the
 * place of the colon decide, so most lines cost a few comparisons. */
#include "text/field.h"

/* Whether the field line's name is `lower`. Inline: its length is known. */
static inline bool is_named(const char *line, size_t length,
                            const char *lower) {
  size_t end = strlen(lower);

  return length > end && line[end] == ':' && field_same(line, lower, end);
}

static enum field_name content_name(const char *line, size_t length) {
  if (is_named(line, length, "content-type"))
    return FIELD_CONTENT_TYPE;
  if (is_named(line, length, "content-length"))
    return FIELD_CONTENT_LENGTH;
  if (is_named(line, length, "content-encoding"))
    return FIELD_CONTENT_ENCODING;
  if (is_named(line, length, "content-range"))
    return FIELD_CONTENT_RANGE;
  if (is_named(line, length, "content-location"))
    return FIELD_CONTENT_LOCATION;
  return FIELD_OTHER;
}

static enum field_name name_of(const char *line, size_t length) {
  switch (line[0] | 32) {
  case 'a':
    return is_named(line, length, "accept-ranges") ? FIELD_ACCEPT_RANGES
                                                   : FIELD_OTHER;
  case 'c':
    return content_name(line, length);
  case 'd':
    return is_named(line, length, "date") ? FIELD_DATE : FIELD_OTHER;
  case 'e':
    return is_named(line, length, "etag") ? FIELD_ETAG : FIELD_OTHER;
  case 'l':
    if (is_named(line, length, "last-modified"))
      return FIELD_LAST_MODIFIED;
    return is_named(line, length, "location") ? FIELD_LOCATION : FIELD_OTHER;
  case 'p':
    return is_named(line, length, "proxy-authenticate") ? FIELD_CHALLENGE
                                                        : FIELD_OTHER;
  case 't':
    return is_named(line, length, "transfer-encoding")
               ? FIELD_TRANSFER_ENCODING
               : FIELD_OTHER;
  case 'u':
    return is_named(line, length, "upgrade") ? FIELD_UPGRADE : FIELD_OTHER;
  case 'w':
    return is_named(line, length, "www-authenticate") ? FIELD_CHALLENGE
                                                      : FIELD_OTHER;
  default:
    return FIELD_OTHER;
  }
}

/* What stands before the value: name and colon. */
static const unsigned char value_at[] = {
    [FIELD_ACCEPT_RANGES] = sizeof("accept-ranges"),
    [FIELD_CONTENT_ENCODING] = sizeof("content-encoding"),
    [FIELD_CONTENT_LENGTH] = sizeof("content-length"),
    [FIELD_CONTENT_LOCATION] = sizeof("content-location"),
    [FIELD_CONTENT_RANGE] = sizeof("content-range"),
    [FIELD_CONTENT_TYPE] = sizeof("content-type"),
    [FIELD_DATE] = sizeof("date"),
    [FIELD_ETAG] = sizeof("etag"),
    [FIELD_LAST_MODIFIED] = sizeof("last-modified"),
    [FIELD_LOCATION] = sizeof("location"),
    [FIELD_TRANSFER_ENCODING] = sizeof("transfer-encoding"),
    [FIELD_UPGRADE] = sizeof("upgrade")};

/* The one that has two names begins with the letter of either. */
static inline size_t value_of(enum field_name name, const char *line) {
  if (name != FIELD_CHALLENGE)
    return value_at[name];
  return (line[0] | 32) == 'w' ? sizeof("www-authenticate")
                               : sizeof("proxy-authenticate");
}

void field_parse(struct field *field, const char *line, size_t length) {
  enum field_name name = length ? name_of(line, length) : FIELD_OTHER;
  const char *end = line + length;
  const char *at;

  field->name = name;
  if (name == FIELD_OTHER)
    return;
  at = line + value_of(name, line);
  while (at < end && (*at == ' ' || *at == '\t'))
    at++;
  while (end > at && (unsigned char)end[-1] <= ' ')
    end--;
  field->value = at;
  field->length = (size_t)(end - at);
}
