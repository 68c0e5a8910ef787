/* libc.h - what C libraries have under several names or in several places.
 *
 * One file for all of them: the library needs no symbol newer than glibc 2.17
 * and no libdl. glibc 2.33 renamed stat() and fstat(), 2.34 moved dlsym() and
 * its like out of libdl.so.2; musl has the new names, and no versions.
 */
#ifndef CURLRETRY_LIBC_H
#define CURLRETRY_LIBC_H

#include <sys/stat.h>

/* What runs before any constructor did must not be instrumented. */
#ifdef __clang__
#define PLAIN __attribute__((no_sanitize("address", "undefined", "thread")))
#else
#define PLAIN                                                                 \
  __attribute__((no_sanitize_address, no_sanitize_undefined,                  \
                 no_sanitize_thread))
#endif

/* The same system calls as those of this C library. */
int libc_stat(const char *path, struct stat *status);
int libc_fstat(int file, struct stat *status);

/* One of the loader's own functions (dlsym, dlopen, ...), of whichever library
 * has it, and without dlsym(). Slow; NULL: there is none. */
void *libc_loader_function(const char *name);

/* One of the functions that the kernel maps into each process (vdso(7)), which
 * no library stands before. NULL: there is none. */
void *libc_kernel_function(const char *name);

#endif
