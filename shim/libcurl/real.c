/* Entered before any constructor ran (libasan's start-up calls dlsym), so
 * everything is resolved lazily, without malloc, and nothing here may be
 * instrumented. */
#define _GNU_SOURCE
#include "libcurl/real.h"

#include "host/libc.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

typedef void *(*dlsym_function)(void *, const char *);
typedef void *(*dlopen_function)(const char *, int);

static _Atomic(void *) real_dlsym;

PLAIN void *real_dlsym_address(void) {
  void *found = atomic_load_explicit(&real_dlsym, memory_order_relaxed);

  if (found)
    return found;
  found = libc_loader_function("dlsym");
  if (found) { /* a hook that was preloaded behind us, but no second us */
    dlsym_function function;
    void *next;
    memcpy(&function, &found, sizeof(function));
    next = function(RTLD_NEXT, "dlsym");
    if (next && !function(RTLD_NEXT, "curlretry_active"))
      found = next;
  }
  atomic_store_explicit(&real_dlsym, found, memory_order_relaxed);
  return found;
}

/* The function behind us, looked up once; `known`: NULL at first. */
PLAIN static void *find_once(_Atomic(void *) *known, const char *name) {
  void *found = atomic_load_explicit(known, memory_order_relaxed);

  if (found)
    return found;
  found = real_find(RTLD_NEXT, name);
  if (!found) /* in a libdl.so.2 that came later */
    found = libc_loader_function(name);
  atomic_store_explicit(known, found, memory_order_relaxed);
  return found;
}

PLAIN void *real_dlopen_address(void) {
  static _Atomic(void *) known;

  return find_once(&known, "dlopen");
}

PLAIN void *real_find(void *object, const char *name) {
  void *real = real_dlsym_address();
  dlsym_function function;

  if (!real)
    return NULL;
  memcpy(&function, &real, sizeof(function));
  return function(object, name);
}

void *real_open(const char *file, int mode) {
  void *real = real_dlopen_address();
  dlopen_function function;

  if (!real)
    return NULL;
  memcpy(&function, &real, sizeof(function));
  return function(file, mode);
}

PLAIN int real_close(void *object) {
  static _Atomic(void *) known;
  void *real = find_once(&known, "dlclose");
  int (*function)(void *);

  if (!real)
    return -1;
  memcpy(&function, &real, sizeof(function));
  return function(object);
}

bool real_address(const void *address, Dl_info *info) {
  static _Atomic(void *) known;
  void *real = find_once(&known, "dladdr");
  int (*function)(const void *, Dl_info *);

  if (!real)
    return false;
  memcpy(&function, &real, sizeof(function));
  return function(address, info) != 0;
}

struct link_map *real_map(void *object) {
  static _Atomic(void *) known;
  void *real = find_once(&known, "dlinfo");
  int (*function)(void *, int, void *);
  struct link_map *map = NULL;

  if (!real)
    return NULL;
  memcpy(&function, &real, sizeof(function));
  return function(object, RTLD_DI_LINKMAP, &map) ? NULL : map;
}

void real_forget_error(void) {
  static _Atomic(void *) known;
  void *real = find_once(&known, "dlerror");
  char *(*function)(void);

  if (!real)
    return;
  memcpy(&function, &real, sizeof(function));
  (void)function();
}

static _Atomic uint64_t closes;

PLAIN void real_note_close(void) { (void)atomic_fetch_add(&closes, 1); }

uint64_t real_closes(void) { return atomic_load(&closes); }
