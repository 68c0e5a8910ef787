/* get URL...: each body on stdout; the exit status is the last result. With
 * IS_PLUGIN it is a shared object with a function perform(URL). */
#include <curl/curl.h>
#include <stdio.h>

int perform(const char *url);

int perform(const char *url) {
  CURL *curl = curl_easy_init();
  CURLcode code;

  if (!curl)
    return CURLE_FAILED_INIT;
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  code = curl_easy_perform(curl);
  curl_easy_cleanup(curl);
  (void)fflush(stdout);
  return (int)code;
}

#ifndef IS_PLUGIN
int main(int argc, char **argv) {
  int code = CURLE_OK;

  for (int i = 1; i < argc; i++)
    code = perform(argv[i]);
  return code;
}
#endif
