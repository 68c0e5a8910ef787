/* Source: design.md, "Schemes"; CURLOPT_CURLU(3), CURLOPT_URL(3). */
#include "engine/coverage.h"

#include <string.h>

/* The scheme of the call's URL; `*text` becomes the URL where it had to be
 * asked for (to be released). */
static enum url_scheme scheme_of(const struct handle *handle, char **text) {
  const struct shadow *shadow = &handle->shadow;

  *text = NULL;
  if (shadow->url_handle) {
    if (!handle->library->url_get ||
        handle->library->url_get(shadow->url_handle, CURLUPART_URL, text, 0))
      return URL_NONE;
    return url_scheme(*text);
  }
  if (shadow->url_scheme != URL_NONE && shadow->default_scheme != URL_NONE &&
      !url_has_scheme(shadow->url))
    return shadow->default_scheme;
  return shadow->url_scheme;
}

enum url_scheme coverage_scheme(const struct handle *handle,
                                const struct policy *policy) {
  const struct shadow *shadow = &handle->shadow;
  enum url_scheme scheme;
  char host[256];
  char port[URL_PORT_SIZE];
  char *text;

  if (shadow->has_wildcard || shadow->has_connect_only || shadow->texts.lacks)
    return URL_OTHER;
  scheme = scheme_of(handle, &text);
  if (scheme == URL_NONE)
    scheme = URL_OTHER;
  if (scheme != URL_OTHER && strcmp(policy->hosts, "*") != 0) {
    url_host(text ? text : shadow->url, host, sizeof(host));
    url_port(text ? text : shadow->url, port);
    if (!policy_glob_host(policy->hosts, host, port))
      scheme = URL_OTHER;
  }
  if (text)
    handle->library->free(text);
  return scheme;
}
