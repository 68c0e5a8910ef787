/* glob.c - see glob.h and policy_glob() in policy.h. */
#include "glob.h"

#include "list.h"
#include "wildcard.h"

#include <string.h>

/* An entry with a character of `refused` could never match: a URL where a
 * host is meant, a path where a file name is. Silence would be a guess. */
static bool is_possible(struct slice entry, const char *refused) {
  for (size_t i = 0; i < entry.length; i++) {
    char c = entry.at[i];
    bool is_control = (unsigned char)c < ' ' || c == '\177';
    if (is_control || strchr(refused, c) != NULL || (i == 0 && c == '!'))
      return false;
  }
  return entry.length != 0;
}

static bool parse(char *globs, struct slice list, const char *refused,
                  struct slice *bad) {
  for (struct list walk = list_of(list); list_next(&walk);) {
    if (is_possible(walk.entry, refused))
      continue;
    *bad = walk.entry;
    return false;
  }
  list_store(globs, list);
  return true;
}

bool glob_parse_hosts(char *globs, struct slice list, struct slice *bad) {
  if (!parse(globs, list, " /@!", bad))
    return false;
  for (char *c = globs; *c != '\0'; c++)
    *c = slice_lower(*c);
  return true;
}

bool glob_parse_programs(char *globs, struct slice list, struct slice *bad) {
  return parse(globs, list, "/", bad);
}

bool policy_glob(const char *list, const char *name) {
  struct list globs = list_of(slice_of(list));
  struct wildcard_text text = {.parts = {slice_of(name)}};
  while (list_next(&globs))
    list_decide(&globs, wildcard_matches(globs.entry, &text));
  return globs.is_selected;
}

bool policy_glob_host(const char *list, const char *host, const char *port) {
  struct list globs = list_of(slice_of(list));
  bool is_address = strchr(host, ':') != NULL; /* of IPv6 */
  struct slice name = slice_of(host);
  struct slice before = slice_of(is_address ? "[" : "");
  struct wildcard_text bare = {.parts = {name}};
  struct wildcard_text shown = {
      .parts = {before, name, slice_of(is_address ? "]" : "")}};
  struct wildcard_text whole = {.parts = {before, name,
                                          slice_of(is_address ? "]:" : ":"),
                                          slice_of(port)}};
  while (list_next(&globs))
    list_decide(&globs, wildcard_matches(globs.entry, &bare) ||
                            wildcard_matches(globs.entry, &shown) ||
                            wildcard_matches(globs.entry, &whole));
  return globs.is_selected;
}
