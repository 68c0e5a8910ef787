/* A preload that hooks dlsym() as others do (MangoHud): it calls the next one
 * as a function, and needs it before any constructor but its own ran. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static void *(*next)(void *, const char *);
static int calls;

__attribute__((visibility("default"))) void *dlsym(void *object,
                                                   const char *name) {
  if (!next)
    *(void **)&next = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
  if (!next)
    *(void **)&next = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
  if (!next)
    return NULL;
  __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
  return next(object, name);
}

__attribute__((constructor)) static void begin(void) {
  (void)dlsym(RTLD_DEFAULT, "malloc");
}

__attribute__((destructor)) static void end(void) {
  (void)fprintf(stderr, "hooked %s\n", calls > 1 ? "many" : "one");
}
