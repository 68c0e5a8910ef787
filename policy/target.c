/* target.c - see target.h. */
#include "target.h"

#include "wildcard.h"

#include <string.h>

/* Those that are retried (design.md, "Schemes"). */
static const char schemes[][9] = {"http://", "https://", "ftp://", "ftps://",
                                  "sftp://"};
#define SCHEME_COUNT (sizeof schemes / sizeof schemes[0])

/* Whether a URL that begins with `scheme` can match. Up to its first star the
 * glob has to be "scheme://host/", or the beginning of that. */
static bool can_match(struct slice glob, const char *scheme) {
  for (size_t i = 0; i < glob.length; i++) {
    char c = glob.at[i];
    if (c == '*')
      return true;
    if (*scheme == '\0' && (c == '/' || c == '@'))
      return c == '/';
    if (*scheme != '\0' && c != '?' && slice_lower(c) != *scheme)
      return false;
    if (*scheme != '\0')
      scheme++;
  }
  return false;
}

bool target_is_possible(struct slice glob) {
  for (size_t i = 0; i < glob.length; i++) {
    char c = glob.at[i];
    if ((unsigned char)c <= ' ' || c == '\177' || c == '#')
      return false;
  }
  for (size_t i = 0; i < SCHEME_COUNT; i++) {
    if (can_match(glob, schemes[i]))
      return true;
  }
  return false;
}

/* The length of the scheme that `url` names; 0: none, "host:80" neither. */
static size_t scheme_length(const char *url) {
  size_t length = 0;
  char c = slice_lower(url[0]);
  while ((c >= 'a' && c <= 'z') || slice_is_digit(c) ||
         (c != '\0' && strchr("+-.", c) != NULL))
    c = slice_lower(url[++length]);
  return c == ':' && url[length + 1] == '/' ? length : 0;
}

/* Scheme, "://", host, path. Without a scheme the first two are empty. */
static struct wildcard_text text_of(const char *url) {
  struct wildcard_text text = {.parts = {{NULL, 0}}};
  const char *host;
  size_t length;
  while (*url == ' ') /* libcurl leaves them out */
    url++;
  length = scheme_length(url);
  host = url;
  if (length != 0) {
    text.parts[0] = (struct slice){url, length};
    text.parts[1] = slice_of("://");
    host += length + 1;
    host += strspn(host, "/");
  }
  length = strcspn(host, "/?#");
  text.parts[2] = (struct slice){host, length};
  for (size_t i = 0; i < length; i++) {
    if (host[i] == '@')
      text.parts[2] = (struct slice){host + i + 1, length - i - 1};
  }
  text.parts[3] = (struct slice){host + length, strcspn(host + length, "?#")};
  if (text.parts[3].length == 0)
    text.parts[3] = slice_of("/"); /* RFC 3986, 6.2.3 */
  return text;
}

static bool matches(struct slice glob, struct wildcard_text *text) {
  text->caseless =
      text->parts[0].length + text->parts[1].length + text->parts[2].length;
  return wildcard_matches(glob, text);
}

bool target_matches(struct slice glob, const char *url) {
  struct wildcard_text text = text_of(url);
  if (text.parts[0].length != 0)
    return matches(glob, &text);
  for (size_t i = 0; i < SCHEME_COUNT; i++) {
    text.parts[0] = slice_of(schemes[i]);
    if (matches(glob, &text))
      return true;
  }
  return false;
}
