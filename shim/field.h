/* field.h - one header field line: which of the few we know, and its value.
 */
#ifndef CURLRETRY_FIELD_H
#define CURLRETRY_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum field_name {
  FIELD_OTHER,
  FIELD_ACCEPT_RANGES,
  FIELD_CONTENT_ENCODING,
  FIELD_CONTENT_LENGTH,
  FIELD_CONTENT_RANGE,
  FIELD_CONTENT_TYPE,
  FIELD_DATE,
  FIELD_ETAG,
  FIELD_LAST_MODIFIED,
  FIELD_LOCATION,
  FIELD_TRANSFER_ENCODING
};

struct field {
  enum field_name name;
  const char *value; /* into the line, without white space around it */
  size_t length;     /* of the value */
};

/* Look at a field line (RFC 9112, 5) of `length` bytes. Names are compared
 * without their case. */
struct field field_parse(const char *line, size_t length);

/* Whether the first `length` bytes of `text` are `lower`, a lower-case text,
 * without regard to their case. */
static inline bool field_same(const char *text, const char *lower,
                              size_t length) {
  for (size_t i = 0; i < length; i++)
    if ((text[i] | 32) != lower[i])
      return false;
  return true;
}

/* Whether the value begins with `text` (lower case), or is it. Inline, so
 * that the length of a literal costs nothing. */
static inline bool field_begins(const struct field *field, const char *text) {
  size_t length = strlen(text);

  return field->length >= length && field_same(field->value, text, length);
}

static inline bool field_is(const struct field *field, const char *text) {
  return field->length == strlen(text) && field_begins(field, text);
}

#endif
