/* Range requests (RFC 9110 14). */
#include "range.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Digits from *TEXT on; moves it behind them. */
static bool digits(const char **text, uint64_t *number) {
  char *end;

  if (!isdigit((unsigned char)**text))
    return false;
  *number = strtoull(*text, &end, 10);
  *text = end;
  return true;
}

/* One of "A-B", "A-", "-N" from *TEXT on; false when malformed. An empty
   result has first > last. */
static bool parse_one(const char **text, uint64_t size, struct range *range) {
  uint64_t suffix;
  bool has_first = digits(text, &range->first);

  if (*(*text)++ != '-')
    return false;
  if (!has_first) {
    if (!digits(text, &suffix))
      return false;
    range->first = suffix < size ? size - suffix : 0;
    range->last = size - 1;
    if (suffix == 0)
      range->first = size;
    return true;
  }
  if (!digits(text, &range->last))
    range->last = size - 1;
  else if (range->last < range->first)
    return false;
  if (range->last >= size)
    range->last = size - 1;
  return true;
}

enum range_result range_parse(const char *value, uint64_t size,
                              struct range ranges[RANGES_MAX], size_t *count) {
  *count = 0;
  if (strncasecmp(value, "bytes=", 6) != 0)
    return RANGE_IGNORED;
  value += 6;
  do {
    struct range range;

    value += strspn(value, " \t,");
    if (*count == RANGES_MAX || !parse_one(&value, size, &range))
      return RANGE_IGNORED;
    if (size > 0 && range.first < size)
      ranges[(*count)++] = range;
    value += strspn(value, " \t");
  } while (*value == ',');
  if (*value)
    return RANGE_IGNORED;
  return *count ? RANGE_PARTIAL : RANGE_UNSATISFIABLE;
}

bool range_multipart(const struct body *whole, const struct range *ranges,
                     size_t count, const char *boundary, struct body *parts) {
  size_t size = 0;
  FILE *out;

  *parts = (struct body){0};
  for (size_t i = 0; i < count; i++)
    if (ranges[i].last - ranges[i].first >= BODY_MEMORY_MAX / RANGES_MAX)
      return false;
  out = open_memstream(&parts->memory, &size);
  if (!out)
    abort();
  for (size_t i = 0; i < count; i++) {
    size_t length = (size_t)(ranges[i].last - ranges[i].first + 1);
    char *bytes = malloc(length);

    if (!bytes)
      abort();
    body_read(whole, ranges[i].first, bytes, length);
    fprintf(out,
            "\r\n--%s\r\nContent-Type: application/octet-stream\r\n"
            "Content-Range: bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64 "\r\n\r\n",
            boundary, ranges[i].first, ranges[i].last, whole->size);
    fwrite(bytes, 1, length, out);
    free(bytes);
  }
  fprintf(out, "\r\n--%s--\r\n", boundary);
  if (fclose(out))
    abort();
  parts->size = size;
  return true;
}
