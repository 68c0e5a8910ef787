/* field.h - one header field line: which of the few we know, and its value.
 */
#ifndef CURLRETRY_FIELD_H
#define CURLRETRY_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum field_name {
  FIELD_OTHER,
  FIELD_CHALLENGE, /* WWW-Authenticate, Proxy-Authenticate; up to the next
                      comment: what tells hops apart (hop.h) */
  FIELD_CONTENT_ENCODING,
  FIELD_CONTENT_LENGTH,
  FIELD_LOCATION,
  FIELD_TRANSFER_ENCODING,
  FIELD_UPGRADE,
  FIELD_CONTENT_TYPE, /* from here on: of the entity (entity.h) */
  FIELD_ACCEPT_RANGES,
  FIELD_CONTENT_LOCATION,
  FIELD_CONTENT_RANGE,
  FIELD_DATE,
  FIELD_ETAG,
  FIELD_LAST_MODIFIED
};

struct field {
  enum field_name name;
  const char *value; /* into the line, without white space around it */
  size_t length;     /* of the value */
};

/* Look at a field line (RFC 9112, 5) of `length` bytes. Names are compared
 * without their case. Of a field that isn't known the name alone is set. */
void field_parse(struct field *field, const char *line, size_t length);

static inline uint64_t field_word(const char *text) {
  uint64_t word;

  memcpy(&word, text, sizeof(word));
  return word;
}

/* Bit 5 of each letter of a lower-case text: what tells upper case. "-", "/",
 * "+", a space and digits lack bit 6. */
static inline uint64_t field_case(uint64_t lower) {
  return (lower & 0x4040404040404040u) >> 1;
}

/* The same of four bytes, in the lower half. */
static inline uint64_t field_half(const char *text) {
  uint32_t half;

  memcpy(&half, text, sizeof(half));
  return half;
}

static inline bool field_same_half(const char *text, const char *lower) {
  uint64_t half = field_half(lower);

  return (field_half(text) | field_case(half)) == half;
}

/* Whether eight bytes of `text` are those of `lower`. */
static inline bool field_same_word(const char *text, const char *lower) {
  uint64_t word = field_word(lower);

  return (field_word(text) | field_case(word)) == word;
}

/* Whether the first `length` bytes of `text` are `lower`, a lower-case text,
 * without regard to the case of letters. */
static inline bool field_same(const char *text, const char *lower,
                              size_t length) {
  size_t at = 0;

  for (; at + 8 <= length; at += 8)
    if (!field_same_word(text + at, lower + at))
      return false;
  if (at && at < length) /* the end once more, as a whole word */
    return field_same_word(text + length - 8, lower + length - 8);
  if (!at && length >= 4)
    return field_same_half(text, lower) &&
           field_same_half(text + length - 4, lower + length - 4);
  for (; at < length; at++)
    if ((text[at] | (lower[at] & 64) >> 1) != lower[at])
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
