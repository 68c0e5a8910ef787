/* asks NAME...: for each of libcurl's functions whether dlsym() finds it, as
 * programs ask that run with older ones, too: in the global scope, where the
 * shim's is first. Then the shim's version, and whether it is active. */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>

int main(int count, char **names) {
  const char *(*version)(void);
  int (*active)(void);
  CURL *curl = curl_easy_init();

  for (int i = 1; i < count; i++)
    printf("%s: %s\n", names[i], dlsym(RTLD_DEFAULT, names[i]) ? "yes" : "no");
  *(void **)&version = dlsym(RTLD_DEFAULT, "curlretry_version");
  *(void **)&active = dlsym(RTLD_DEFAULT, "curlretry_active");
  if (version && active)
    printf("%s %d\n", version(), active());
  curl_easy_cleanup(curl);
  return 0;
}
