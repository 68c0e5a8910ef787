#include "program/texts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void texts_set(struct texts *texts, enum text_place place, int option,
               const char *text) {
  struct text_option *at = &texts->at[place];
  int saved = errno;
  char *copy = text ? strdup(text) : NULL;

  if (text && !copy) {
    texts->lacks = option;
  } else {
    free(at->text);
    at->text = copy;
    at->option = option;
    if (texts->lacks == option)
      texts->lacks = 0;
  }
  errno = saved;
}

bool texts_copied(struct texts *texts) {
  bool is_whole = true;

  for (int i = 0; i < TEXT_COUNT; i++) {
    if (!texts->at[i].text)
      continue;
    texts->at[i].text = strdup(texts->at[i].text);
    is_whole = is_whole && texts->at[i].text;
  }
  return is_whole;
}

void texts_free(struct texts *texts) {
  for (int i = 0; i < TEXT_COUNT; i++) {
    free(texts->at[i].text);
    texts->at[i].text = NULL;
  }
}
