/* session.c URL [share]: asks in its callbacks for the TLS connection, as
 * CURLINFO_TLS_SSL_PTR(3) shows it, and says what it got: "there", "error", or
 * "nothing", which that manual's program would crash on. */
#include <curl/curl.h>
#include <stdio.h>

static CURL *curl;

static void look(const char *what, CURLINFO id) {
  const struct curl_tlssessioninfo *session = NULL;

  if (curl_easy_getinfo(curl, id, &session) || !session)
    printf(" %s error", what);
  else
    printf(" %s %s", what, session->internals ? "there" : "nothing");
}

static size_t on_body(char *bytes, size_t size, size_t count, void *unused) {
  (void)bytes, (void)unused;
  look("body", CURLINFO_TLS_SSL_PTR);
  look("old", CURLINFO_TLS_SESSION);
  return size * count;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *unused) {
  (void)unused;
  if (bytes[0] == '\r')
    look("header", CURLINFO_TLS_SSL_PTR);
  return size * count;
}

int main(int argc, char **argv) {
  CURLSH *share = argc > 2 ? curl_share_init() : NULL;
  CURLcode code;

  curl = curl_easy_init();
  curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
  curl_easy_setopt(curl, CURLOPT_SHARE, share);
  curl_easy_setopt(curl, CURLOPT_URL, argv[1]);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  code = curl_easy_perform(curl);
  printf(" %d\n", code);
  curl_easy_cleanup(curl);
  curl_share_cleanup(share);
  return 0;
}
