/* A library whose constructor runs before that of any preloaded one, and
 * already uses what the shim interposes; with GETS, all of a call. */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdlib.h>

int early(void);

__attribute__((constructor)) static void begin(void) {
#ifdef GETS
  CURL *curl = curl_easy_init();

  curl_easy_setopt(curl, CURLOPT_URL, getenv("EARLY_URL"));
  curl_easy_perform(curl);
  curl_easy_cleanup(curl);
#else
  (void)dlopen("libm.so.6", RTLD_NOW | RTLD_DEEPBIND);
#endif
}

int early(void) { return 0; }
