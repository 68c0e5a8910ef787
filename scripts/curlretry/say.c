/* say.c - see say.h. */
#include "say.h"

#include <stdarg.h>
#include <stdio.h>

#define LINE_SIZE 8192

/* Control characters could act on a terminal, a line's end forge a line. */
static void make_visible(char *text) {
  for (; *text != '\0'; text++) {
    if ((unsigned char)*text < ' ' || *text == '\177')
      *text = '?';
  }
}

void complain(const char *format, ...) {
  char line[LINE_SIZE];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  make_visible(line);
  fprintf(stderr, "curlretry: %s\n", line);
}

void tell(const char *subject, const char *format, ...) {
  char line[LINE_SIZE];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  make_visible(line);
  printf("%s: %s\n", subject, line);
}
