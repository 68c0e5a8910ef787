/* methods.c - see methods.h. */
#include "methods.h"

#include "list.h"
#include "number.h"
#include "target.h"

#include <string.h>

/* The parts of an entry; `at` is NULL for those that aren't there. */
struct entry {
  struct slice method;
  struct slice statuses;
  struct slice glob;
};

/* `text` up to the first of `ends`; `rest` becomes what follows, with that
 * character in front. */
static struct slice take_until(struct slice text, const char *ends,
                               struct slice *rest) {
  struct slice taken = {text.at, 0};
  while (taken.length < text.length &&
         (text.at[taken.length] == '\0' ||
          strchr(ends, text.at[taken.length]) == NULL))
    taken.length++;
  *rest = slice_after(text, taken.length);
  return taken;
}

static struct entry split(struct slice text) {
  struct entry entry = {.method = {NULL, 0}};
  struct slice rest;
  entry.method = take_until(text, ":@", &rest);
  if (rest.length != 0 && rest.at[0] == ':')
    entry.statuses = take_until(slice_after(rest, 1), "@", &rest);
  if (rest.length != 0)
    entry.glob = slice_after(rest, 1);
  return entry;
}

/* Take the next of "429+503" off `rest`, which begins with a "+" then. False
 * for what is no status. */
static bool take_statuses(struct slice *rest, int64_t *first, int64_t *last) {
  return number_statuses(take_until(*rest, "+", rest), first, last);
}

static bool are_statuses(struct slice text) {
  int64_t first;
  int64_t last;
  while (take_statuses(&text, &first, &last)) {
    if (text.length == 0)
      return true;
    text = slice_after(text, 1);
  }
  return false;
}

/* A second "!" is a token character, but "!!GET" is a slip; so is the second
 * entry of "POST:429,503". */
static bool is_method(struct slice text) {
  for (size_t i = 0; i < text.length; i++) {
    if (!slice_is_token(text.at[i]) || text.at[i] == '!')
      return false;
  }
  return text.length != 0 && !are_statuses(text);
}

/* "POST@GLOB:503" is a slip for "POST:503@GLOB". */
static bool ends_in_statuses(struct slice glob) {
  size_t at = glob.length;
  while (at != 0 && glob.at[at - 1] != ':')
    at--;
  return at != 0 && are_statuses(slice_after(glob, at));
}

static bool is_understood(struct slice text) {
  struct entry entry = split(text);
  if (!is_method(entry.method))
    return false;
  if (entry.statuses.at != NULL && !are_statuses(entry.statuses))
    return false;
  return entry.glob.at == NULL ||
         (target_is_possible(entry.glob) && !ends_in_statuses(entry.glob));
}

bool methods_parse(char *methods, struct slice list, struct slice *bad) {
  bool is_in_method = true;
  for (struct list walk = list_of(list); list_next(&walk);) {
    if (is_understood(walk.entry))
      continue;
    *bad = walk.entry;
    return false;
  }
  list_store(methods, list);
  for (char *c = methods; *c != '\0'; c++) {
    is_in_method = *c == ',' || (is_in_method && *c != ':' && *c != '@');
    if (is_in_method)
      *c = slice_upper(*c);
  }
  return true;
}

/* Methods are case-sensitive (RFC 9110 section 9.1). */
static bool is_same(struct slice entry, const char *word) {
  return strncmp(word, entry.at, entry.length) == 0 &&
         word[entry.length] == '\0';
}

/* RFC 9110 section 9.2.2. Not PUT and DELETE under a precondition: a repeat
 * meets the state the first one left (section 13.1.1: 412 after success). An
 * Idempotency-Key lets the server tell a repeat (httpapi draft). git-upload-
 * pack only reads, its state is in each request (gitprotocol-http(5)). */
static bool is_idempotent(const struct sent_request *request) {
  const char *method = request->method;
  if (method == NULL || request->has_side_commands)
    return false;
  if (request->has_idempotency_key || request->is_git_read)
    return true;
  if (strcmp(method, "PUT") == 0 || strcmp(method, "DELETE") == 0)
    return !request->has_precondition;
  return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ||
         strcmp(method, "OPTIONS") == 0 || strcmp(method, "TRACE") == 0;
}

static bool has_status(struct slice statuses, int status) {
  int64_t first = 0;
  int64_t last = 0;
  while (take_statuses(&statuses, &first, &last)) {
    if (status >= first && status <= last)
      return true;
    if (statuses.length == 0)
      break;
    statuses = slice_after(statuses, 1);
  }
  return false;
}

/* Whether the list's entry at hand means the request. What is unknown may be
 * the excluded one. */
static bool is_meant(const struct list *list,
                     const struct sent_request *request) {
  struct entry entry = split(list->entry);
  if (entry.statuses.at != NULL &&
      !has_status(entry.statuses, request->status))
    return false;
  if (entry.glob.at != NULL &&
      !(request->url == NULL ? list->is_negated
                             : target_matches(entry.glob, request->url)))
    return false;
  if (is_same(entry.method, "ALL"))
    return true;
  if (is_same(entry.method, "IDEMPOTENT"))
    return is_idempotent(request);
  if (request->method == NULL)
    return list->is_negated;
  return is_same(entry.method, request->method);
}

bool methods_allow(const char *methods, const struct sent_request *request) {
  struct list list = list_of(slice_of(methods));
  /* A list that begins with a negation takes away from `idempotent`. */
  list.is_selected = list.is_selected && is_idempotent(request);
  while (list_next(&list))
    list_decide(&list, is_meant(&list, request));
  return list.is_selected;
}
