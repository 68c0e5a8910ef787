/* glob.c - see glob.h and policy_glob() in policy.h. */
#include "glob.h"

#include <string.h>

/* An entry with a character of `refused` could never match: a URL where a
 * host is meant, a path where a file name is. Silence would be a guess. */
static bool parse(char *globs, struct slice list, const char *refused,
                  bool is_lowered, struct slice *bad) {
  struct slice entry;
  bool is_negated;
  char *out = globs;
  while (slice_next(&list, &entry, &is_negated)) {
    *bad = entry;
    if (entry.length == 0)
      return false;
    if (out != globs)
      *out++ = ',';
    if (is_negated)
      *out++ = '!';
    for (size_t i = 0; i < entry.length; i++) {
      char c = entry.at[i];
      bool is_control = (unsigned char)c < ' ' || c == '\177';
      if (is_control || strchr(refused, c) != NULL || (i == 0 && c == '!'))
        return false;
      *out++ = is_lowered ? slice_lower(c) : c;
    }
  }
  *out = '\0';
  return true;
}

bool glob_parse_hosts(char *globs, struct slice list, struct slice *bad) {
  return parse(globs, list, " /@!", true, bad);
}

bool glob_parse_programs(char *globs, struct slice list, struct slice *bad) {
  return parse(globs, list, "/", false, bad);
}

/* Only the last star is ever tried anew: what an earlier one could give up,
 * the later one can take. So at most length x length steps, no recursion. */
static bool is_match(struct slice glob, const char *name) {
  size_t at = 0;
  size_t after_star = 0; /* 0: no star seen */
  const char *star_name = NULL;
  while (*name != '\0') {
    if (at < glob.length && glob.at[at] == '*') {
      after_star = ++at;
      star_name = name;
    } else if (at < glob.length &&
               (glob.at[at] == '?' || glob.at[at] == *name)) {
      at++;
      name++;
    } else if (after_star != 0) {
      at = after_star;
      name = ++star_name;
    } else {
      return false;
    }
  }
  while (at < glob.length && glob.at[at] == '*')
    at++;
  return at == glob.length;
}

bool policy_glob(const char *list, const char *name) {
  struct slice rest = slice_of(list);
  struct slice entry;
  bool is_negated;
  bool is_selected = false;
  bool is_first = true;
  for (; slice_next(&rest, &entry, &is_negated); is_first = false) {
    if (is_first)
      is_selected = is_negated;
    if (is_match(entry, name))
      is_selected = !is_negated;
  }
  return is_selected;
}
