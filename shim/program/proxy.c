/* Sources: CURLOPT_PROXY(3), CURLOPT_PRE_PROXY(3), CURLOPT_PROXYPORT(3),
 * CURLOPT_PROXYTYPE(3), CURLOPT_NOPROXY(3), and for the environment
 * "ENVIRONMENT" of curl(1). */
#include "program/proxy.h"

#include <stdio.h> /* snprintf only */
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE 32

static char upper(char c) {
  return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Whether `text` begins with `prefix`, which is upper case. */
static bool begins(const char *text, const char *prefix) {
  while (*prefix)
    if (upper(*text++) != *prefix++)
      return false;
  return true;
}

/* "http_proxy", "HTTPS_PROXY" ... HTTP_PROXY isn't read: a CGI program has it
 * from the client's "Proxy" header. */
static const char *of_scheme(const char *url) {
  char name[NAME_SIZE] = "http";
  size_t length = strcspn(url, ":/?#");
  const char *value;

  if (url_has_scheme(url) && length < NAME_SIZE - sizeof("_proxy")) {
    memcpy(name, url, length);
    name[length] = 0;
  }
  for (char *p = name; *p; p++)
    *p = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
  memcpy(name + strlen(name), "_proxy", sizeof("_proxy"));
  value = getenv(name);
  if (value || !strcmp(name, "http_proxy"))
    return value;
  for (char *p = name; *p; p++)
    *p = upper(*p);
  return getenv(name);
}

static const char *of_environment(const char *url) {
  const char *value = of_scheme(url);

  if (!value)
    value = getenv("all_proxy");
  return value ? value : getenv("ALL_PROXY");
}

/* By its scheme, or where it has none by PROXYTYPE. */
static bool is_socks(const struct shadow *shadow, const char *proxy) {
  return strstr(proxy, "://") ? begins(proxy, "SOCKS")
                              : shadow->proxy_type >= CURLPROXY_SOCKS4;
}

static bool has_tls(const struct shadow *shadow, const char *proxy) {
  return strstr(proxy, "://") ? begins(proxy, "HTTPS:")
                              : shadow->proxy_type >= CURLPROXY_HTTPS &&
                                    shadow->proxy_type < CURLPROXY_SOCKS4;
}

/* PRE_PROXY takes the place of another one of SOCKS, and keeps libcurl from
 * looking into the environment (lib/url.c). */
static const char *choose(const struct shadow *shadow, const char *url,
                          bool is_front) {
  const char *own = shadow->texts.at[TEXT_PROXY].text;
  const char *front = shadow->texts.at[TEXT_PRE_PROXY].text;
  bool has_own = own && own[0];

  if (front && front[0] && (is_front || !has_own || is_socks(shadow, own)))
    return front;
  return own ? own : of_environment(url);
}

/* Where the user's password has a "/" in it, what stands before that is no
 * host, and libcurl refuses the whole. */
static bool is_in_doubt(const char *proxy) {
  const char *from = strstr(proxy, "://");

  from = from ? from + 3 : proxy;
  return strchr(from + strcspn(from, "/?#"), '@') != NULL;
}

void proxy_name(const struct shadow *shadow, const char *url, bool is_front,
                char *text, size_t size) {
  const char *proxy = choose(shadow, url, is_front);
  char port[URL_PORT_SIZE + 16] = "";

  text[0] = 0;
  if (!proxy || !proxy[0] || is_in_doubt(proxy))
    return;
  if (shadow->proxy_port)
    (void)snprintf(port, sizeof(port), "%ld", shadow->proxy_port);
  else
    (void)snprintf(port, sizeof(port), "%d",
                   has_tls(shadow, proxy) ? 443 : 1080);
  url_host_port(proxy, port, text, size);
}

bool proxy_may_be_left_out(const struct shadow *shadow) {
  const char *hosts = shadow->texts.at[TEXT_NO_PROXY].text;

  if (!hosts)
    hosts = getenv("no_proxy");
  if (!hosts)
    hosts = getenv("NO_PROXY");
  return hosts && hosts[0];
}
