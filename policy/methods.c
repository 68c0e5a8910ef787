/* methods.c - see methods.h. */
#include "methods.h"

#include <string.h>

bool methods_parse(char *methods, struct slice list, struct slice *bad) {
  struct slice entry;
  bool is_negated;
  char *out = methods;
  while (slice_next(&list, &entry, &is_negated)) {
    *bad = entry;
    if (entry.length == 0)
      return false;
    if (out != methods)
      *out++ = ',';
    if (is_negated)
      *out++ = '!';
    for (size_t i = 0; i < entry.length; i++) {
      /* A second "!" is a token character, but "!!GET" is a slip. */
      if (!slice_is_token(entry.at[i]) || entry.at[i] == '!')
        return false;
      *out++ = slice_upper(entry.at[i]);
    }
  }
  *out = '\0';
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

bool methods_allow(const char *methods, const char *method,
                   bool has_idempotency_key, bool has_precondition,
                   bool has_side_commands) {
  struct slice list = slice_of(methods);
  struct slice entry;
  bool is_negated;
  bool idempotent =
      !has_side_commands &&
      is_idempotent(method, has_idempotency_key, has_precondition);
  /* A list that begins with a negation starts from `idempotent`. */
  bool is_allowed = methods[0] == '!' && idempotent;
  while (slice_next(&list, &entry, &is_negated)) {
    bool is_match;
    if (is_same(entry, "ALL"))
      is_match = true;
    else if (is_same(entry, "IDEMPOTENT"))
      is_match = idempotent;
    else if (method == NULL)
      is_match = is_negated; /* unknown: it may be the excluded one */
    else
      is_match = is_same(entry, method);
    if (is_match)
      is_allowed = !is_negated;
  }
  return is_allowed;
}

bool policy_allows_method(const struct policy *policy, const char *method,
                          bool has_idempotency_key, bool has_precondition) {
  return methods_allow(policy->methods, method, has_idempotency_key,
                       has_precondition, false);
}
