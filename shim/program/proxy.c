/* Sources: CURLOPT_PROXY(3), CURLOPT_PRE_PROXY(3), CURLOPT_PROXYPORT(3), and
 * for the environment "ENVIRONMENT" of curl(1). */
#include "program/proxy.h"

#include <stdio.h> /* snprintf only */
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE 32

static char upper(char c) {
  return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
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

/* PRE_PROXY takes the place of another one of SOCKS, and keeps libcurl from
 * looking into the environment (lib/url.c). */
static const char *choose(const struct shadow *shadow, const char *url,
                          bool is_front) {
  const char *own = shadow->texts.at[TEXT_PROXY].text;
  const char *front = shadow->texts.at[TEXT_PRE_PROXY].text;
  bool has_own = own && own[0];

  if (front && front[0] && (is_front || !has_own || !strncmp(own, "socks", 5)))
    return front;
  return own ? own : of_environment(url);
}

void proxy_name(const struct shadow *shadow, const char *url, bool is_front,
                char *text, size_t size) {
  const char *proxy = choose(shadow, url, is_front);
  bool has_tls = proxy && !strncmp(proxy, "https://", 8);
  char port[URL_PORT_SIZE + 16] = "";

  text[0] = 0;
  if (!proxy || !proxy[0])
    return;
  if (shadow->proxy_port)
    (void)snprintf(port, sizeof(port), "%ld", shadow->proxy_port);
  url_host_port(proxy, port[0] ? port : has_tls ? "443" : "1080", text, size);
}
