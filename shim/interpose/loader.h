/* loader.h - dlopen() and dlsym() as interposed, and the real ones.
 *
 * dlopen loses RTLD_DEEPBIND (PHP's curl would bind past us), dlsym answers
 * libcurl's names with our stub for that libcurl. Both are true tail calls,
 * so RUNPATH, $ORIGIN, RTLD_NEXT, dlerror() and namespaces stay the caller's.
 */
#ifndef CURLRETRY_LOADER_H
#define CURLRETRY_LOADER_H

/* The real functions, called from our own object: RTLD_NEXT is what comes
 * after us. NULL results as theirs. */
void *loader_open(const char *file, int mode);
void *loader_find(void *object, const char *name);

#endif
