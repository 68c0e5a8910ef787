/* A plugin whose functions only forward: built with -O2 they are jumps, and
 * libcurl's caller seems to be the plugin's. backend() says which flavour's
 * handle it got. */
#include <curl/curl.h>
#include <stdio.h>

CURL *make(void);
CURLcode set_url(CURL *curl, const char *url);
CURLcode run(CURL *curl);
void end(CURL *curl);
const char *backend(void);

CURL *make(void) { return curl_easy_init(); }

CURLcode set_url(CURL *curl, const char *url) {
  return curl_easy_setopt(curl, CURLOPT_URL, url);
}

CURLcode run(CURL *curl) { return curl_easy_perform(curl); }

void end(CURL *curl) { curl_easy_cleanup(curl); }

const char *backend(void) {
  CURL *curl = curl_easy_init();
  struct curl_tlssessioninfo *session = NULL;
  const char *name = "none";

  if (curl)
    curl_easy_getinfo(curl, CURLINFO_TLS_SSL_PTR, &session);
  if (session && session->backend == CURLSSLBACKEND_OPENSSL)
    name = "OpenSSL";
  if (session && session->backend == CURLSSLBACKEND_GNUTLS)
    name = "GnuTLS";
  curl_easy_cleanup(curl);
  return name;
}
