/* A preload that makes looking at the loaded objects slow, so that what many
 * threads do at first they do at once. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <poll.h>
#include <stddef.h>

typedef int (*callback)(struct dl_phdr_info *, size_t, void *);

__attribute__((visibility("default"))) int dl_iterate_phdr(callback function,
                                                           void *data) {
  static int (*next)(callback, void *);

  if (!next)
    *(void **)&next = dlsym(RTLD_NEXT, "dl_iterate_phdr");
  (void)poll(NULL, 0, 50);
  return next(function, data);
}
