/* Source: RFC 9110, 8.8 and 14. What isn't understood is no validator, but it
 * is there: "no ETag" is said of a block without one alone. */
#include "text/entity.h"

#include "number.h"

#include <string.h>

void entity_begin(struct entity *entity) {
  entity->tag[0] = 0;
  entity->modified[0] = 0;
  entity->date[0] = 0;
  entity->has_tag = false;
  entity->has_modified = false;
  entity->has_date = false;
  entity->refuses_ranges = false;
  entity->is_multipart = false;
  entity->names_range = false;
  entity->has_range = false;
  entity->first = 0;
  entity->last = 0;
  entity->total = -1;
  entity->location = 0;
}

/* Whether one of the eight bytes is a control character (S. Anderson's "bit
 * twiddling hacks": hasless, haszero). */
static inline bool has_control(uint64_t word) {
  const uint64_t ones = 0x0101010101010101u, tops = ones * 0x80;
  uint64_t deletes = word ^ (ones * 0x7f);

  return (((word - ones * ' ') & ~word) | ((deletes - ones) & ~deletes)) &
         tops;
}

/* Whether the value fits, and is text: it is compared as one, and may be sent
 * back in a header line. */
static bool is_usable(const struct field *field, size_t size) {
  const size_t step = sizeof(uint64_t);
  size_t length = field->length;
  size_t at = 0;

  if (length >= size)
    return false;
  for (; at + step <= length; at += step)
    if (has_control(field_word(field->value + at)))
      return false;
  if (at && at < length) /* the end once more, as a whole word */
    return !has_control(field_word(field->value + length - step));
  for (; at < length; at++)
    if ((unsigned char)field->value[at] < ' ' || field->value[at] == 127)
      return false;
  return true;
}

/* Keep a value that comes once in a block, or always the same. */
static void keep(char *to, size_t size, bool *has, const struct field *field) {
  size_t length = is_usable(field, size) ? field->length : 0;

  if (*has && (strlen(to) != length || memcmp(to, field->value, length) != 0))
    length = 0;
  *has = true;
  memcpy(to, field->value, length);
  to[length] = 0;
}

struct range {
  int64_t first, last, total;
};

/* "bytes 0-499/1234", or an asterisk for the total (RFC 9110, 14.4). */
static bool parse_range(struct range *range, const struct field *field) {
  const char *end = field->value + field->length;
  const char *at = field->value + 6;

  if (field->length < 9 || !field_begins(field, "bytes "))
    return false;
  range->first = number_digits(&at, end);
  if (range->first < 0 || at >= end || *at++ != '-')
    return false;
  range->last = number_digits(&at, end);
  if (range->last < range->first || at >= end || *at++ != '/')
    return false;
  range->total = -1;
  if (end - at == 1 && *at == '*')
    return true;
  range->total = number_digits(&at, end);
  return at == end && range->total > range->last;
}

/* Lines that differ say nothing. */
static void note_range(struct entity *entity, const struct field *field) {
  struct range range;
  bool is_range = parse_range(&range, field);

  if (!entity->names_range && is_range) {
    entity->first = range.first;
    entity->last = range.last;
    entity->total = range.total;
    entity->has_range = true;
  } else if (!is_range || entity->first != range.first ||
             entity->last != range.last || entity->total != range.total) {
    entity->has_range = false;
  }
  entity->names_range = true;
}

/* FNV-1a: two values are compared, no more. */
static uint64_t hash_of(const struct field *field) {
  uint64_t hash = UINT64_C(14695981039346656037);

  for (size_t i = 0; i < field->length; i++)
    hash = (hash ^ (unsigned char)field->value[i]) * UINT64_C(1099511628211);
  return hash ? hash : 1;
}

void entity_note(struct entity *entity, const struct field *field) {
  switch (field->name) {
  case FIELD_ETAG:
    keep(entity->tag, sizeof(entity->tag), &entity->has_tag, field);
    break;
  case FIELD_LAST_MODIFIED:
    keep(entity->modified, sizeof(entity->modified), &entity->has_modified,
         field);
    break;
  case FIELD_DATE:
    keep(entity->date, sizeof(entity->date), &entity->has_date, field);
    break;
  case FIELD_ACCEPT_RANGES:
    entity->refuses_ranges |= field_is(field, "none");
    break;
  case FIELD_CONTENT_RANGE:
    note_range(entity, field);
    break;
  case FIELD_CONTENT_TYPE:
    entity->is_multipart |= field_begins(field, "multipart/byteranges");
    break;
  case FIELD_CONTENT_LOCATION:
    entity->location = hash_of(field);
    break;
  default:
    break;
  }
}

/* What is between the quotes has none: two tags in one value are none. */
bool entity_has_strong_tag(const struct entity *entity) {
  const char *tag = entity->tag;
  size_t length = strlen(tag);

  return length >= 2 && tag[0] == '"' &&
         strchr(tag + 1, '"') == tag + length - 1;
}

bool entity_has_same_tag(const struct entity *a, const struct entity *b) {
  return entity_has_strong_tag(a) && !strcmp(a->tag, b->tag);
}
