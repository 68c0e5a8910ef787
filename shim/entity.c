/* Field names are compared without their case (RFC 9110, 5.1). */
#include "entity.h"

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

/* The value of the line if its name is `name` (lower case, with the colon);
 * NULL if not. `*length` becomes the value's, without white space around. */
static const char *value_of(const char *line, const char *name,
                            size_t *length) {
  size_t size = strlen(name);
  size_t left;

  if (*length < size)
    return NULL;
  for (size_t i = 0; i < size; i++)
    if ((line[i] | 32) != name[i])
      return NULL;
  line += size;
  left = *length - size;
  while (left && (*line == ' ' || *line == '\t')) {
    line++;
    left--;
  }
  while (left && (unsigned char)line[left - 1] <= ' ')
    left--;
  *length = left;
  return line;
}

static void copy(char *to, size_t size, const char *from, size_t length) {
  if (length >= size)
    length = 0;
  memcpy(to, from, length);
  to[length] = 0;
}

/* Digits at `*at` before `end`; -1 when there are none or too many. */
static int64_t digits(const char **at, const char *end) {
  int64_t value = -1;

  while (*at < end && **at >= '0' && **at <= '9') {
    if (value > (INT64_MAX - 9) / 10)
      return -1;
    value = (value < 0 ? 0 : value * 10) + (**at - '0');
    (*at)++;
  }
  return value;
}

/* "bytes 0-499/1234", or an asterisk for the total (RFC 9110, 14.4). */
static void parse_range(struct entity *entity, const char *value,
                        size_t length) {
  const char *end = value + length;
  const char *at = value + 6;

  if (length < 9 || value_of(value, "bytes ", &length) == NULL)
    return;
  entity->first = digits(&at, end);
  if (entity->first < 0 || at >= end || *at++ != '-')
    return;
  entity->last = digits(&at, end);
  if (entity->last < entity->first || at >= end || *at++ != '/')
    return;
  entity->total = digits(&at, end);
  entity->has_range = true;
}

void entity_line(struct entity *entity, const char *line, size_t length) {
  size_t size = length;
  const char *value;

  switch (line[0] | 32) {
  case 'e':
    if ((value = value_of(line, "etag:", &size)) != NULL)
      copy(entity->tag, sizeof(entity->tag), value, size);
    break;
  case 'l':
    if ((value = value_of(line, "last-modified:", &size)) != NULL)
      copy(entity->modified, sizeof(entity->modified), value, size);
    break;
  case 'd':
    if ((value = value_of(line, "date:", &size)) != NULL)
      copy(entity->date, sizeof(entity->date), value, size);
    break;
  case 'a':
    if ((value = value_of(line, "accept-ranges:", &size)) != NULL)
      entity->refuses_ranges = value_of(value, "none", &size) != NULL;
    break;
  case 'c':
    if ((value = value_of(line, "content-range:", &size)) != NULL)
      parse_range(entity, value, size);
    else if ((value = value_of(line, "content-type:", &size)) != NULL)
      entity->is_multipart =
          value_of(value, "multipart/byteranges", &size) != NULL;
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
