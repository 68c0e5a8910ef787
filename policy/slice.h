/* slice.h - pieces of text that are not zero-terminated.
 *
 * ASCII only and without the locale: the host may have set one in which
 * tolower('I') is not 'i'. Nothing here writes or allocates.
 */
#ifndef CURLRETRY_SLICE_H
#define CURLRETRY_SLICE_H

#include <stdbool.h>
#include <stddef.h>

struct slice {
  const char *at; /* NULL: no piece */
  size_t length;
};

/* The whole of a zero-terminated text. */
struct slice slice_of(const char *text);

/* `text` without the blanks (space, tab) around it. */
struct slice slice_trim(struct slice text);

/* `text` without its first `count` characters. */
struct slice slice_after(struct slice text, size_t count);

/* ASCII letters in the other case, everything else as it is. */
char slice_lower(char c);
char slice_upper(char c);
static inline bool slice_is_digit(char c) { return c >= '0' && c <= '9'; }

/* A character of an RFC 9110 section 5.6.2 token. */
bool slice_is_token(char c);

/* Whether `text` is `word`, whatever the case of the letters in `text`;
 * `word` is in lower case. */
bool slice_is(struct slice text, const char *word);

/* The position of `text` among the words of "one|two|three"; -1: none. */
int slice_find(struct slice text, const char *words);

#endif
