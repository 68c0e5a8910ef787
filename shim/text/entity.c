/* Source: RFC 9110, 8.8 and 14. What isn't understood is no validator. */
#include "text/entity.h"

#include "number.h"

#include <string.h>

void entity_begin(struct entity *entity) {
  entity->tag[0] = 0;
  entity->modified[0] = 0;
  entity->date[0] = 0;
  entity->refuses_ranges = false;
  entity->is_multipart = false;
  entity->has_range = false;
  entity->total = -1;
}

static void copy(char *to, size_t size, const struct field *field) {
  size_t length = field->length < size ? field->length : 0;

  memcpy(to, field->value, length);
  to[length] = 0;
}

/* "bytes 0-499/1234", or an asterisk for the total (RFC 9110, 14.4). */
static void parse_range(struct entity *entity, const struct field *field) {
  const char *end = field->value + field->length;
  const char *at = field->value + 6;

  if (field->length < 9 || !field_begins(field, "bytes "))
    return;
  entity->first = number_digits(&at, end);
  if (entity->first < 0 || at >= end || *at++ != '-')
    return;
  entity->last = number_digits(&at, end);
  if (entity->last < entity->first || at >= end || *at++ != '/')
    return;
  entity->total = number_digits(&at, end);
  entity->has_range = true;
}

void entity_note(struct entity *entity, const struct field *field) {
  switch (field->name) {
  case FIELD_ETAG:
    copy(entity->tag, sizeof(entity->tag), field);
    break;
  case FIELD_LAST_MODIFIED:
    copy(entity->modified, sizeof(entity->modified), field);
    break;
  case FIELD_DATE:
    copy(entity->date, sizeof(entity->date), field);
    break;
  case FIELD_ACCEPT_RANGES:
    entity->refuses_ranges = field_is(field, "none");
    break;
  case FIELD_CONTENT_RANGE:
    parse_range(entity, field);
    break;
  case FIELD_CONTENT_TYPE:
    entity->is_multipart = field_begins(field, "multipart/byteranges");
    break;
  default:
    break;
  }
}

bool entity_has_strong_tag(const struct entity *entity) {
  size_t length = strlen(entity->tag);

  return length >= 2 && entity->tag[0] == '"' &&
         entity->tag[length - 1] == '"';
}
