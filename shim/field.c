/* Called for every header line of every response: the name's length decides
 * first, so most lines cost one search for the colon. */
#include "field.h"

static enum field_name name_of(const char *line, size_t length) {
  char first = (char)(line[0] | 32);

  switch (length) {
  case 4:
    if (first == 'd')
      return field_same(line, "date", 4) ? FIELD_DATE : FIELD_OTHER;
    return field_same(line, "etag", 4) ? FIELD_ETAG : FIELD_OTHER;
  case 8:
    return field_same(line, "location", 8) ? FIELD_LOCATION : FIELD_OTHER;
  case 12:
    return field_same(line, "content-type", 12) ? FIELD_CONTENT_TYPE
                                                : FIELD_OTHER;
  case 13:
    if (first == 'a')
      return field_same(line, "accept-ranges", 13) ? FIELD_ACCEPT_RANGES
                                                   : FIELD_OTHER;
    if (first == 'c')
      return field_same(line, "content-range", 13) ? FIELD_CONTENT_RANGE
                                                   : FIELD_OTHER;
    return field_same(line, "last-modified", 13) ? FIELD_LAST_MODIFIED
                                                 : FIELD_OTHER;
  case 14:
    return field_same(line, "content-length", 14) ? FIELD_CONTENT_LENGTH
                                                  : FIELD_OTHER;
  case 16:
    return field_same(line, "content-encoding", 16) ? FIELD_CONTENT_ENCODING
                                                    : FIELD_OTHER;
  case 17:
    return field_same(line, "transfer-encoding", 17) ? FIELD_TRANSFER_ENCODING
                                                     : FIELD_OTHER;
  default:
    return FIELD_OTHER;
  }
}

struct field field_parse(const char *line, size_t length) {
  struct field field = {FIELD_OTHER, NULL, 0};
  const char *colon = memchr(line, ':', length);
  const char *end = line + length;

  if (colon)
    field.name = name_of(line, (size_t)(colon - line));
  if (field.name == FIELD_OTHER)
    return field;
  field.value = colon + 1;
  while (field.value < end && (*field.value == ' ' || *field.value == '\t'))
    field.value++;
  while (end > field.value && (unsigned char)end[-1] <= ' ')
    end--;
  field.length = (size_t)(end - field.value);
  return field;
}
