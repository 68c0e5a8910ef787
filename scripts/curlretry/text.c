/* text.c - see text.h. */
#include "text.h"

#include "say.h"

#include <stdlib.h>
#include <string.h>

void *text_room(void *before, size_t size) {
  void *room = realloc(before, size);
  if (room == NULL) {
    complain("out of memory");
    exit(EXIT_USAGE);
  }
  return room;
}

char *text_part(const char *text, size_t length) {
  char *part = text_room(NULL, length + 1);
  memcpy(part, text, length);
  part[length] = '\0';
  return part;
}

char *text_keep(const char *text) { return text_part(text, strlen(text)); }

char *text_join(const char *text, const char *more) {
  size_t length = strlen(text);
  char *joined = text_room(NULL, length + strlen(more) + 1);
  memcpy(joined, text, length);
  memcpy(joined + length, more, strlen(more) + 1);
  return joined;
}
