/* No parser: libcurl decides what a URL means. A wrong guess here decides
 * whether a call is retried, by whose rules (HTTP's or FTP's), from which
 * budget, and what the log says; never where a request goes. */
#include "text/url.h"

#include "text/fnv.h"

#include <stdio.h> /* snprintf only */
#include <stdlib.h>
#include <string.h>

static const char invalid[] = ".invalid";
static const char invalid_dot[] = "trailing-dot.invalid"; /* behind "host." */

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

/* Whether `text` begins with `prefix`, which is lower case. */
static bool begins(const char *text, const char *prefix) {
  while (*prefix)
    if (lower(*text++) != *prefix++)
      return false;
  return true;
}

/* The length of "scheme:" plus slashes; 0 when there is no scheme. */
static size_t scheme_length(const char *url) {
  size_t n = 0;

  while ((lower(url[n]) >= 'a' && lower(url[n]) <= 'z') ||
         (n && ((url[n] >= '0' && url[n] <= '9') || url[n] == '+' ||
                url[n] == '-' || url[n] == '.')))
    n++;
  /* "host:80" has no scheme; libcurl wants a slash after the colon */
  if (!n || url[n] != ':' || url[n + 1] != '/')
    return 0;
  n++;
  while (url[n] == '/')
    n++;
  return n;
}

/* CURLOPT_URL(3): "it will guess which protocol from the host name". Source:
 * lib/urlapi.c, parseurl() and parse_hostname_login(): the host begins after
 * the first "@" that stands before the path, and is percent-decoded before it
 * is looked at. What is left in doubt (another "@", an encoded host) is passed
 * through: libcurl's versions differ there, and most of them refuse it. */
static enum url_scheme guess(const char *url) {
  static const char others[][6] = {"dict.", "ldap.", "imap.", "smtp.",
                                   "pop3."};
  size_t length = strcspn(url, "/?#");
  const char *at = memchr(url, '@', length);
  const char *host = at ? at + 1 : url;

  length -= (size_t)(host - url);
  if (memchr(host, '@', length) || memchr(host, '%', length))
    return URL_OTHER;
  if (begins(host, "ftp."))
    return URL_FTP;
  for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
    if (begins(host, others[i]))
      return URL_OTHER;
  return URL_HTTP;
}

/* Most URLs: in a few comparisons. Without the slash it is a user's name with
 * a password, or a host with a port. */
static bool is_http(const char *url) {
  if ((url[0] | 32) != 'h' || (url[1] | 32) != 't' || (url[2] | 32) != 't' ||
      (url[3] | 32) != 'p')
    return false;
  url += (url[4] | 32) == 's' ? 5 : 4;
  return url[0] == ':' && url[1] == '/';
}

/* libcurl leaves out the spaces before a URL. */
static const char *skip_spaces(const char *url) {
  while (*url == ' ')
    url++;
  return url;
}

enum url_scheme url_scheme(const char *url) {
  url = skip_spaces(url);
  if (is_http(url))
    return URL_HTTP;
  if (!scheme_length(url))
    return begins(url, "file:") ? URL_OTHER : guess(url);
  if (begins(url, "ftp:") || begins(url, "ftps:"))
    return URL_FTP;
  return begins(url, "sftp:") ? URL_SFTP : URL_OTHER;
}

bool url_has_scheme(const char *url) {
  return scheme_length(skip_spaces(url)) != 0;
}

enum url_scheme url_protocol(const char *name) {
  char text[16];
  size_t length = strlen(name);

  if (length > sizeof(text) - 4)
    return URL_OTHER;
  memcpy(text, name, length);
  memcpy(text + length, "://", 4);
  return url_scheme(text);
}

/* Where the host begins, and behind `*end` where host and port end. */
static const char *behind_scheme(const char *from, const char **end) {
  const char *at = from;

  *end = from + strcspn(from, "/?#");
  for (const char *p = from; p < *end; p++)
    if (*p == '@')
      at = p + 1;
  return at;
}

static const char *authority(const char *url, const char **end) {
  return behind_scheme(url + scheme_length(url), end);
}

void url_host(const char *url, char *host, size_t size) {
  const char *end;
  const char *from = authority(skip_spaces(url), &end);
  size_t n = 0;

  if (*from == '[')
    from++;
  while (from < end && *from != ']' && n + 1 < size) {
    if (*from == ':' && !memchr(from, ']', (size_t)(end - from)))
      break;
    host[n++] = lower(*from++);
  }
  host[n] = 0;
}

static const char *default_port(const char *url) {
  static const char ports[][2][URL_PORT_SIZE] = {
      {"https", "443"}, {"ftps:", "990"}, {"sftp:", "22"}};

  for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
    if (scheme_length(url) && begins(url, ports[i][0]))
      return ports[i][1];
  return url_scheme(url) == URL_FTP ? "21" : "80";
}

/* The port that `url` names, without leading zeros; "": none. */
static void named_port(const char *url, char *port) {
  const char *end;
  const char *from = authority(url, &end);
  const char *bracket = memchr(from, ']', (size_t)(end - from));
  size_t n = 0;

  if (bracket)
    from = bracket;
  while (from < end && *from++ != ':')
    ;
  while (from < end && *from == '0')
    from++;
  while (from < end && *from >= '0' && *from <= '9' && n < URL_PORT_SIZE - 1)
    port[n++] = *from++;
  port[n] = 0;
}

void url_port(const char *url, char *port) {
  const char *start = skip_spaces(url);

  named_port(start, port);
  if (!port[0])
    memcpy(port, default_port(start), strlen(default_port(start)) + 1);
}

/* What fits of `text`, behind the `n` bytes that are there. */
static size_t add(char *to, size_t size, size_t n, const char *text) {
  while (*text && n + 1 < size)
    to[n++] = *text++;
  to[n] = 0;
  return n;
}

void url_host_port(const char *url, const char *port, char *text,
                   size_t size) {
  char host[256], named[URL_PORT_SIZE];
  size_t n = 0;

  url_host(url, host, sizeof(host));
  text[0] = 0;
  if (!host[0])
    return;
  named_port(skip_spaces(url), named);
  if (named[0])
    port = named;
  else if (!port)
    port = default_port(skip_spaces(url));
  n = add(text, size, n, strchr(host, ':') ? "[" : "");
  n = add(text, size, n, host);
  n = add(text, size, n, strchr(host, ':') ? "]:" : ":");
  (void)add(text, size, n, port);
}

static uint64_t mix(uint64_t hash, const char *from, const char *end) {
  for (; from < end; from++)
    hash = fnv_add(hash, lower(*from));
  return hash;
}

uint64_t url_origin(const char *url) {
  const char *start = skip_spaces(url);
  const char *end;
  const char *from = authority(start, &end);
  uint64_t hash = mix(FNV_BASIS, start, start + scheme_length(start));

  hash = mix(hash, from, end);
  return hash ? hash : 1;
}

bool url_is_https(const char *url) {
  url = skip_spaces(url);
  return begins(url, "https:") && scheme_length(url);
}

/* Where the host of an authority ends. */
static const char *host_end(const char *from, const char *end) {
  const char *colon = memchr(from, ':', (size_t)(end - from));

  if (*from == '[')
    return NULL; /* an address: it has no policy, and no name */
  return colon ? colon : end;
}

/* PREFIX, `url` behind its scheme up to `at`, MIDDLE, and from `on` on. */
static char *put_together(const char *prefix, const char *url, const char *at,
                          const char *middle, const char *on) {
  size_t size = strlen(prefix) + strlen(url) + strlen(middle) + 1;
  char *text = malloc(size);

  url += scheme_length(url);
  if (text)
    (void)snprintf(text, size, "%s%.*s%s%s", prefix, (int)(at - url), url,
                   middle, on);
  return text;
}

char *url_disguise(const char *url) {
  const char *end, *from, *at;

  url = skip_spaces(url);
  from = authority(url, &end);
  at = host_end(from, end);
  if (!at || at == from)
    return put_together("http://", url, from, "", from);
  return put_together("http://", url, at,
                      at[-1] == '.' ? invalid_dot : invalid, at);
}

/* Where what is between `from` and `at` ends without `text`; NULL: it doesn't
 * end with it. */
static const char *without(const char *from, const char *at,
                           const char *text) {
  size_t length = strlen(text);

  return (size_t)(at - from) > length && !memcmp(at - length, text, length)
             ? at - length
             : NULL;
}

char *url_undisguise(const char *url) {
  const char *end;
  const char *from = authority(url, &end);
  const char *at = host_end(from, end);
  const char *before = at ? without(from, at, invalid_dot) : NULL;

  if (at && !before)
    before = without(from, at, invalid);
  return before ? put_together("https://", url, before, "", at)
                : put_together("https://", url, from, "", from);
}

/* Whether the query part that begins at `p` has a value to hide behind "=". */
static bool has_key(const char *p) { return p[strcspn(p, "=&#")] == '='; }

/* Whether the first colon can't be a port's, so that a password may follow:
 * "user:word", but also "http_x://", which is no scheme. */
static bool may_have_password(const char *from) {
  const char *host = *from == '[' ? from + strcspn(from, "]/?#") : from;
  const char *colon = host + strcspn(host, ":?#");
  const char *end = colon + 1;

  if (*colon != ':')
    return false;
  while (*end >= '0' && *end <= '9')
    end++;
  return !strchr("/?#", *end) || (*end == '/' && end[1] == '/');
}

/* Where the user info that begins at `from` ends; `host`: where it does for
 * libcurl. A "/", "?" or "#" in a password has to be encoded; where it isn't,
 * all up to a later "@" may be secret. */
static const char *user_info_end(const char *from, const char *host) {
  const char *end = from + (host > from ? strcspn(from, "?#") : strlen(from));

  if (may_have_password(from))
    for (const char *p = host; p < end; p++)
      if (*p == '@')
        host = p + 1;
  return host;
}

/* What follows the user info. */
static void redact_rest(const char *from, char *text, size_t size) {
  bool in_query = false, is_hidden = false;
  size_t n = 0;

  for (const char *p = from; *p && *p != '#' && n + 5 < size; p++) {
    bool hide = false;
    if (in_query ? *p == '&' : *p == '?') {
      in_query = true;
      is_hidden = false;
      hide = p[1] && !has_key(p + 1);
    }
    if (is_hidden)
      continue;
    text[n++] = *p > ' ' && *p < 127 ? *p : '?';
    if (hide || (in_query && *p == '=')) {
      is_hidden = true;
      memcpy(text + n, "...", 3);
      n += 3;
    }
  }
  text[n] = 0;
}

/* Up to 7.88 libcurl takes for a scheme what doesn't begin with a letter, too,
 * and sees user info behind its one slash. */
static size_t odd_scheme_length(const char *url) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";
  size_t length = strspn(url, letters);

  return length && url[length] == ':' && url[length + 1] == '/'
             ? length + 1 + strspn(url + length + 1, "/")
             : 0;
}

void url_redact(const char *url, char *text, size_t size) {
  const char *host, *end, *from;
  size_t n = 0;

  while (*url && (unsigned char)*url <= ' ')
    url++;
  from = url + odd_scheme_length(url);
  host = behind_scheme(from, &end);
  end = user_info_end(from, host);
  while (url < from && n + 5 < size)
    text[n++] = *url++;
  if (end > host && n + 5 < size) {
    memcpy(text + n, "...@", 4);
    n += 4;
  }
  redact_rest(end, text + n, size - n);
}
