/* slice.c - see slice.h. */
#include "slice.h"

#include <string.h>

struct slice slice_of(const char *text) {
  return (struct slice){text, strlen(text)};
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

struct slice slice_trim(struct slice text) {
  while (text.length != 0 && is_blank(text.at[0]))
    text = slice_after(text, 1);
  while (text.length != 0 && is_blank(text.at[text.length - 1]))
    text.length--;
  return text;
}

struct slice slice_after(struct slice text, size_t count) {
  return (struct slice){text.at + count, text.length - count};
}

char slice_lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

char slice_upper(char c) {
  return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

bool slice_is_token(char c) {
  char lower = slice_lower(c);
  if (slice_is_digit(c) || (lower >= 'a' && lower <= 'z'))
    return true;
  return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

bool slice_is(struct slice text, const char *word) {
  for (size_t i = 0; i < text.length; i++) {
    if (word[i] == '\0' || slice_lower(text.at[i]) != word[i])
      return false;
  }
  return word[text.length] == '\0';
}

int slice_find(struct slice text, const char *words) {
  for (int index = 0;; index++) {
    size_t length = strcspn(words, "|");
    size_t i = 0;
    while (i < length && i < text.length &&
           slice_lower(text.at[i]) == words[i])
      i++;
    if (i == length && i == text.length)
      return index;
    if (words[length] == '\0')
      return -1;
    words += length + 1;
  }
}
