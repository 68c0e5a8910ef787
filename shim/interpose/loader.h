/* loader.h - dlopen(), dlsym() and dlclose() as interposed.
 *
 * dlopen loses RTLD_DEEPBIND (PHP's curl would bind past us), dlsym answers
 * libcurl's names with our stub for that libcurl. Both are true tail calls,
 * so RUNPATH, $ORIGIN, RTLD_NEXT, dlerror() and namespaces stay the caller's.
 * dlclose is counted: what is remembered of a caller ends with its object.
 */
#ifndef CURLRETRY_LOADER_H
#define CURLRETRY_LOADER_H

#include <stdint.h>

/* What an entry point does next: jump to `function` (dlopen: with `value` as
 * the mode), or without one return `value`. */
struct next_jump {
  void *function;
  uintptr_t value;
};

/* Called by the entry points alone. `caller`: the return address of the
 * dlsym() call. */
struct next_jump loader_next_open(const char *file, int mode);
struct next_jump loader_next_find(void *object, const char *name,
                                  const void *caller);

#endif
