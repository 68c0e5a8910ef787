/* A plugin with RUNPATH $ORIGIN: it opens its neighbour by its bare name,
 * which only works if dlopen() takes the plugin for the caller. Built twice:
 * the neighbour has IS_SIBLING. */
#include <dlfcn.h>

const char *sibling_name(void);
const char *open_sibling(void);

#ifdef IS_SIBLING
const char *sibling_name(void) { return "the sibling"; }
#else
const char *open_sibling(void) {
  void *object = dlopen("libsibling.so", RTLD_NOW);
  const char *(*function)(void);

  if (!object)
    return dlerror();
  *(void **)&function = dlsym(object, "sibling_name");
  return function ? function() : dlerror();
}
#endif
