#include "program/fields.h"

#include <string.h>

/* What follows `text` (lower case) in `line`; NULL: it begins otherwise. */
static const char *skip(const char *line, const char *text) {
  for (; *text; line++, text++)
    if ((*line | 32) != *text)
      return NULL;
  return line;
}

static const char *skip_blanks(const char *text) {
  return text + strspn(text, " \t");
}

/* The value of the line if it is the field `name`; NULL: it isn't. */
static const char *value_of(const char *line, const char *name) {
  const char *rest = line ? skip(line, name) : NULL;

  if (!rest || *rest != ':')
    return NULL;
  rest = skip_blanks(rest + 1);
  return *rest ? rest : NULL;
}

bool fields_have(const struct curl_slist *lines, const char *name) {
  for (; lines; lines = lines->next)
    if (value_of(lines->data, name))
      return true;
  return false;
}

bool fields_are_of_type(const struct curl_slist *lines, const char *type) {
  bool is_of_type = false;

  for (; lines; lines = lines->next) {
    const char *value = value_of(lines->data, "content-type");
    const char *rest;
    if (!value)
      continue;
    rest = skip(value, type);
    if (!rest)
      return false;
    rest = skip_blanks(rest);
    if (*rest && *rest != ';')
      return false;
    is_of_type = true;
  }
  return is_of_type;
}
