#include "fuzz.h"

#include <stdarg.h>

struct input input;

char *draw_text(int end) {
  const uint8_t *stop =
      end >= 0 && input.left ? memchr(input.bytes, end, input.left) : NULL;
  size_t length = stop ? (size_t)(stop - input.bytes) : input.left;
  char *text = malloc(length + 1);

  if (!text)
    abort();
  if (length)
    memcpy(text, input.bytes, length);
  text[length] = 0;
  input.bytes += length + (stop != NULL);
  input.left -= length + (stop != NULL);
  return text;
}

void fuzz_fail(const char *file, int line, const char *format, ...) {
  va_list arguments;

  fprintf(stderr, "%s:%d: ", file, line);
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fprintf(stderr, "\n");
  abort();
}

void fuzz_show(const char *format, ...) {
  va_list arguments;

  if (!getenv("FUZZ_SHOW"))
    return;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fprintf(stderr, "\n");
}
