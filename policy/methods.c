/* methods.c - see methods.h. */
#include "methods.h"

#include "list.h"

#include <string.h>

/* A second "!" is a token character, but "!!GET" is a slip. */
static bool is_method(struct slice entry) {
  for (size_t i = 0; i < entry.length; i++) {
    if (!slice_is_token(entry.at[i]) || entry.at[i] == '!')
      return false;
  }
  return entry.length != 0;
}

bool methods_parse(char *methods, struct slice list, struct slice *bad) {
  for (struct list walk = list_of(list); list_next(&walk);) {
    if (is_method(walk.entry))
      continue;
    *bad = walk.entry;
    return false;
  }
  list_store(methods, list);
  for (char *c = methods; *c != '\0'; c++)
    *c = slice_upper(*c);
  return true;
}

/* Methods are case-sensitive (RFC 9110 section 9.1). */
static bool is_same(struct slice entry, const char *word) {
  return strncmp(word, entry.at, entry.length) == 0 &&
         word[entry.length] == '\0';
}

/* RFC 9110 section 9.2.2. Not PUT and DELETE under a precondition: a repeat
 * meets the state the first one left (section 13.1.1: 412 after success). An
 * Idempotency-Key lets the server tell a repeat (httpapi draft). */
static bool is_idempotent(const char *method, bool has_idempotency_key,
                          bool has_precondition) {
  if (method == NULL)
    return false;
  if (has_idempotency_key)
    return true;
  if (strcmp(method, "PUT") == 0 || strcmp(method, "DELETE") == 0)
    return !has_precondition;
  return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ||
         strcmp(method, "OPTIONS") == 0 || strcmp(method, "TRACE") == 0;
}

/* Whether the list's entry at hand means the request. */
static bool is_meant(const struct list *list, const char *method,
                     bool is_repeatable) {
  if (is_same(list->entry, "ALL"))
    return true;
  if (is_same(list->entry, "IDEMPOTENT"))
    return is_repeatable;
  if (method == NULL)
    return list->is_negated; /* unknown: it may be the excluded one */
  return is_same(list->entry, method);
}

bool methods_allow(const char *methods, const char *method,
                   bool has_idempotency_key, bool has_precondition,
                   bool has_side_commands) {
  struct list list = list_of(slice_of(methods));
  bool is_repeatable =
      !has_side_commands &&
      is_idempotent(method, has_idempotency_key, has_precondition);
  /* A list that begins with a negation takes away from `idempotent`. */
  list.is_selected = list.is_selected && is_repeatable;
  while (list_next(&list))
    list_decide(&list, is_meant(&list, method, is_repeatable));
  return list.is_selected;
}
