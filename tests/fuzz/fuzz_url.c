/* URLs as a program may set them, beside libcurl's own parser: what we take
 * for scheme, host and port is what it takes for them, and what goes into a
 * log shows no user info. */
#include "fuzz.h"

#include "text/url.h"

#include <curl/curl.h>

#define SECRET "hunter2"

static char *part(CURLU *parsed, CURLUPart what, unsigned flags) {
  char *text = NULL;

  return curl_url_get(parsed, what, &text, flags) ? NULL : text;
}

static bool is_spoken(const char *scheme) {
  const char *const *at = curl_version_info(CURLVERSION_NOW)->protocols;

  while (*at && strcmp(*at, scheme))
    at++;
  return *at != NULL;
}

/* The same, or passed through: what libcurl refuses is its own affair. */
static void check_scheme(const char *url, const char *name) {
  enum url_scheme ours = url_scheme(url);

  CHECK(ours == URL_OTHER || ours == url_protocol(name),
        "\"%s\" is %d, libcurl's is %s", url, (int)ours, name);
}

static void lower(char *text) {
  for (; *text; text++)
    if (*text >= 'A' && *text <= 'Z')
      *text = (char)(*text | 32);
}

/* libcurl decodes, checks, and writes numbers anew: of the host as it is
 * written they are one. */
static void check_host(const char *url, CURLU *parsed) {
  char *host = part(parsed, CURLUPART_HOST, 0);
  char *port = part(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  char ours[256], our_port[URL_PORT_SIZE];
  enum url_scheme scheme = url_scheme(url);

  url_host(url, ours, sizeof ours);
  url_port(url, our_port);
  if (host && port && scheme != URL_OTHER && scheme != URL_NONE &&
      strlen(host) < sizeof ours &&
      host[strspn(host, "0123456789.:[]abcdefABCDEFx")] && !strchr(url, '%') &&
      !strchr(url, '\\')) {
    lower(host);
    CHECK(!strcmp(host, ours), "host of \"%s\" is \"%s\", libcurl's is \"%s\"",
          url, ours, host);
    CHECK(!strcmp(port, "0") || !strcmp(port, our_port),
          "port of \"%s\" is %s, libcurl's is %s", url, our_port, port);
  }
  curl_free(host);
  curl_free(port);
}

static void check_redacted(const char *url, CURLU *parsed, bool is_parsed) {
  char text[1200];
  const char *secret;
  char *user = is_parsed ? part(parsed, CURLUPART_USER, 0) : NULL;
  char *password = is_parsed ? part(parsed, CURLUPART_PASSWORD, 0) : NULL;

  url_redact(url, text, sizeof text);
  for (const char *at = text; *at; at++)
    CHECK(*at > ' ' && *at <= '~', "byte %d of %s", *at, text);
  /* that of the input is a secret where libcurl sees user info */
  secret = strstr(url, SECRET);
  if (secret && strstr(secret + 1, SECRET))
    secret = NULL; /* and a host */
  if (secret && ((user && strstr(user, SECRET)) ||
                 (password && strstr(password, SECRET))))
    CHECK(!strstr(text, SECRET), "\"%s\" is shown as \"%s\"", url, text);
  curl_free(user);
  curl_free(password);
  for (size_t size = 1; size < 40; size += 13) {
    char *small = malloc(size);
    url_redact(url, small, size);
    CHECK(memchr(small, 0, size), "a text without end");
    url_host(url, small, size);
    CHECK(memchr(small, 0, size), "a host without end");
    free(small);
  }
}

/* In the input "@" may stand for user info with the secret. */
static char *with_secret(char *text) {
  char *at = strchr(text, '\1');
  size_t size = strlen(text) + 16;
  char *url;

  if (!at)
    return text;
  *at = 0;
  url = malloc(size);
  snprintf(url, size, "%s%s%s", text, SECRET, at + 1);
  free(text);
  return url;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  const unsigned flags = CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME;
  CURLU *parsed = curl_url();
  bool is_parsed;
  char *url, *name;

  input = (struct input){bytes, size};
  url = with_secret(draw_text(-1));
  is_parsed = !curl_url_set(parsed, CURLUPART_URL, url, flags);
  name = is_parsed ? part(parsed, CURLUPART_SCHEME, 0) : NULL;
  if (name && is_spoken(name)) {
    check_scheme(url, name);
    check_host(url, parsed);
  }
  curl_free(name);
  check_redacted(url, parsed, is_parsed);
  CHECK(url_origin(url), "an origin of 0");
  (void)url_has_scheme(url);
  (void)url_protocol(url);
  curl_url_cleanup(parsed);
  free(url);
  return 0;
}
