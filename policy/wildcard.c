/* wildcard.c - see wildcard.h. */
#include "wildcard.h"

/* The character at that position; 0: behind the end. */
static char character(const struct wildcard_text *text, size_t at) {
  for (size_t i = 0; i < WILDCARD_PARTS; i++) {
    if (at < text->parts[i].length)
      return text->parts[i].at[at];
    at -= text->parts[i].length;
  }
  return '\0';
}

static bool is_same(const struct wildcard_text *text, size_t at, char c) {
  char other = character(text, at);
  return c == '?' || c == other ||
         (at < text->caseless && slice_lower(c) == slice_lower(other));
}

/* Only the last star is ever tried anew: what an earlier one could give up,
 * the later one can take. So no recursion. */
bool wildcard_matches(struct slice glob, const struct wildcard_text *text) {
  size_t at = 0;
  size_t after_star = 0; /* 0: no star seen */
  size_t name = 0;
  size_t star_name = 0;
  while (character(text, name) != '\0') {
    if (at < glob.length && glob.at[at] == '*') {
      after_star = ++at;
      star_name = name;
    } else if (at < glob.length && is_same(text, name, glob.at[at])) {
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
