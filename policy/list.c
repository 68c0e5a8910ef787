/* list.c - see list.h. */
#include "list.h"

#include <string.h>

struct list list_of(struct slice text) {
  struct list list = {.rest = text};
  struct list ahead = list;
  (void)list_next(&ahead);
  list.is_selected = ahead.is_negated;
  return list;
}

bool list_next(struct list *list) {
  struct slice entry = list->rest;
  if (entry.at == NULL)
    return false;
  const char *comma =
      entry.length != 0 ? memchr(entry.at, ',', entry.length) : NULL;
  list->rest = (struct slice){NULL, 0};
  if (comma != NULL) {
    size_t length = (size_t)(comma - entry.at);
    list->rest = slice_after(entry, length + 1);
    entry.length = length;
  }
  entry = slice_trim(entry);
  list->is_negated = entry.length != 0 && entry.at[0] == '!';
  list->entry = list->is_negated ? slice_trim(slice_after(entry, 1)) : entry;
  return true;
}

void list_decide(struct list *list, bool is_match) {
  if (is_match)
    list->is_selected = !list->is_negated;
}

void list_store(char *text, struct slice list) {
  char *out = text;
  for (struct list walk = list_of(list); list_next(&walk);) {
    if (out != text)
      *out++ = ',';
    if (walk.is_negated)
      *out++ = '!';
    for (size_t i = 0; i < walk.entry.length; i++)
      *out++ = walk.entry.at[i];
  }
  *out = '\0';
}
