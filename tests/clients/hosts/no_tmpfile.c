/* Preloaded: file systems without O_TMPFILE, as NFS and older overlays are. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>

int open(const char *path, int flags, ...) {
  int (*real)(const char *, int, ...);
  mode_t mode = 0;
  va_list rest;

  if ((flags & O_TMPFILE) == O_TMPFILE) {
    errno = EOPNOTSUPP;
    return -1;
  }
  if (flags & O_CREAT) {
    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
  }
  *(void **)&real = dlsym(RTLD_NEXT, "open");
  return real(path, flags, mode);
}
