/* strange [FILE]: says what it is and what it finds, in the C library's own
 * words; exits with 7 if the shim says it is at work. With FILE, a fake
 * libcurl, performs once by dlsym(); LINKED: by being linked with it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef LINKED
void *curl_easy_init(void);
int curl_easy_setopt(void *curl, int option, ...);
int curl_easy_perform(void *curl);
void curl_easy_cleanup(void *curl);
#endif

/* The fake one fails at first: 0 means that it was retried. */
static int perform(const char *file) {
#ifdef LINKED
  void *(*init)(void) = curl_easy_init;
  int (*setopt)(void *, int, ...) = curl_easy_setopt;
  int (*run)(void *) = curl_easy_perform;
#else
  void *object = dlopen(file, RTLD_NOW);
  void *(*init)(void);
  int (*setopt)(void *, int, ...);
  int (*run)(void *);

  if (!object)
    return -1;
  *(void **)&init = dlsym(object, "curl_easy_init");
  *(void **)&setopt = dlsym(object, "curl_easy_setopt");
  *(void **)&run = dlsym(object, "curl_easy_perform");
#endif
  void *curl = init();

  if (!curl || !file)
    return -2;
  (void)setopt(curl, 10002, "http://none.invalid/");
  return run(curl);
}

int main(int argc, char **argv) {
  void *self = dlopen(NULL, RTLD_NOW);
  int (*active)(void);
  char *text = strdup("a string");

  printf("malloc and stdio work: %s\n", text ? text : "no");
  printf("dlopen(NULL): %s\n", self ? "yes" : "no");
  printf("printf: %s\n", dlsym(RTLD_DEFAULT, "printf") ? "yes" : "no");
  printf("main: %s\n", dlsym(self, "main") ? "yes" : "no");
  printf("none: %s\n", dlsym(self, "no_such_name") ? "yes" : "no");
  free(text);
  if (argc > 1)
    printf("perform: %d\n", perform(argv[1]));
  else
    printf("curl: %s\n", dlsym(self, "curl_easy_perform") ? "yes" : "no");
  *(void **)&active = dlsym(RTLD_DEFAULT, "curlretry_active");
  return active && active() ? 7 : 0;
}
