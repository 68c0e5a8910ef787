/* Source: RFC 9110, 8.8 and 14. What isn't understood is no validator, but it
 * is there: "no ETag" is said of a block without one alone. */
#include "text/entity.h"

#include "number.h"

#include "text/fnv.h"

#include <string.h>

void entity_begin(struct entity *entity) {
  entity->tag[0] = 0;
  entity->modified[0] = 0;
  entity->date[0] = 0;
  entity->tag_length = 0;
  entity->modified_length = 0;
  entity->date_length = 0;
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

/* By words where there is one: values are short, and compilers that see how
 * short at most copy them by bytes. */
static inline void copy(char *to, const char *from, size_t length) {
  size_t at = 0;

  for (; at + 8 <= length; at += 8)
    memcpy(to + at, from + at, 8);
  if (at && at < length)
    memcpy(to + length - 8, from + length - 8, 8);
  for (; !at && length; length--)
    to[length - 1] = from[length - 1];
}

/* Keep a value that fits, and comes once in a block or always the same. */
static inline void keep(char *to, size_t size, unsigned short *length,
                        bool *has, const struct field *field) {
  size_t now = field->length < size ? field->length : 0;

  if (*has && (now != *length || memcmp(to, field->value, now) != 0))
    now = 0;
  *has = true;
  *length = (unsigned short)now;
  copy(to, field->value, now);
  to[now] = 0;
}

/* It is compared as a text, and may be sent back in a header line. */
static void seal(char *value, unsigned short *length) {
  size_t at = 0;

  while (at < *length && (unsigned char)value[at] >= ' ' && value[at] != 127)
    at++;
  if (at < *length)
    *length = 0;
  value[*length] = 0;
}

void entity_seal(struct entity *entity) {
  seal(entity->tag, &entity->tag_length);
  seal(entity->modified, &entity->modified_length);
  seal(entity->date, &entity->date_length);
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
__attribute__((noinline)) static void note_range(struct entity *entity,
                                                 const struct field *field) {
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

__attribute__((noinline)) static uint64_t hash_of(const struct field *field) {
  uint64_t hash = FNV_BASIS;

  for (size_t i = 0; i < field->length; i++)
    hash = fnv_add(hash, field->value[i]);
  return hash ? hash : 1;
}

void entity_note(struct entity *entity, const struct field *field) {
  switch (field->name) {
  case FIELD_ETAG:
    keep(entity->tag, sizeof(entity->tag), &entity->tag_length,
         &entity->has_tag, field);
    break;
  case FIELD_LAST_MODIFIED:
    keep(entity->modified, sizeof(entity->modified), &entity->modified_length,
         &entity->has_modified, field);
    break;
  case FIELD_DATE:
    keep(entity->date, sizeof(entity->date), &entity->date_length,
         &entity->has_date, field);
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
