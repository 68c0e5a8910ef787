/* nearest.c - see nearest.h. */
#include "nearest.h"

#include "slice.h"

#include <stdint.h>
#include <string.h>

#define LONGEST 31
#define MOST_SLIPS 3

/* curl's, wget's and everybody's names for what ours mean. */
static const char *const others[][2] = {
    {"retry", "max-retries"},
    {"retries", "max-retries"},
    {"tries", "max-retries"},
    {"attempts", "max-retries"},
    {"max-attempts", "max-retries"},
    {"delay", "base-delay"},
    {"retry-delay", "base-delay"},
    {"retry-max-time", "max-time"},
    {"retry-on", "on"},
    {"verbose", "log-level"},
    {"debug", "log-level"},
    {"log-file", "log"},
    {"env", "print-env"},
    {"check", "doctor"},
    {"stats", "report"},
    {"statistics", "report"},
    {"prometheus", "openmetrics"},
    {"metrics", "openmetrics"},
    {"group-by", "by"},
    {"limit", "top"},
};

/* Letters in any case, "_" as "-". */
static char plain(char c) { return c == '_' ? '-' : slice_lower(c); }

static size_t smallest(size_t a, size_t b, size_t c) {
  size_t least = a < b ? a : b;
  return least < c ? least : c;
}

/* Levenshtein's distance. */
static size_t distance(const char *word, const char *known) {
  size_t row[LONGEST + 1];
  size_t length = strlen(known);
  if (length > LONGEST || strlen(word) > LONGEST)
    return SIZE_MAX;
  for (size_t i = 0; i <= length; i++)
    row[i] = i;
  for (size_t n = 0; word[n] != '\0'; n++) {
    size_t diagonal = row[0];
    row[0] = n + 1;
    for (size_t i = 0; i < length; i++) {
      size_t replaced = diagonal + (plain(word[n]) == known[i] ? 0 : 1);
      diagonal = row[i + 1];
      row[i + 1] = smallest(replaced, row[i] + 1, diagonal + 1);
    }
  }
  return row[length];
}

static const char *few_slips(const char *word, const char *const *names,
                             size_t count) {
  const char *nearest = NULL;
  size_t least = MOST_SLIPS + 1;
  for (size_t i = 0; i < count; i++) {
    size_t slips = distance(word, names[i]);
    /* A few slips in "on" or "log" would make anything of them. */
    if (slips < least && 3 * slips <= strlen(names[i])) {
      nearest = names[i];
      least = slips;
    }
  }
  return nearest;
}

static const char *part(const char *word, const char *const *names,
                        size_t count) {
  size_t length = strlen(word);
  for (size_t i = 0; i < count && length >= 3; i++) {
    size_t whole = strlen(names[i]);
    if (length < whole && (strncmp(names[i], word, length) == 0 ||
                           strcmp(names[i] + whole - length, word) == 0))
      return names[i];
  }
  return NULL;
}

const char *nearest_name(const char *word, const char *const *names,
                         size_t count) {
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    if (strcmp(word, others[i][0]) == 0)
      return others[i][1];
  }
  const char *found = few_slips(word, names, count);
  return found != NULL ? found : part(word, names, count);
}
