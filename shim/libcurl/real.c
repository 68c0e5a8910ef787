/* Entered before any constructor ran (libasan's start-up calls dlsym), so
 * everything is resolved lazily, without malloc, and nothing here may be
 * instrumented. */
#define _GNU_SOURCE
#include "libcurl/real.h"

#include <dlfcn.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef void *(*dlsym_function)(void *, const char *);
typedef void *(*dlopen_function)(const char *, int);

/* Weak: musl has no symbol versions. */
__attribute__((weak)) void *dlvsym(void *restrict, const char *restrict,
                                   const char *restrict);

static _Atomic(void *) real_dlsym;

/* glibc's dlsym under the version it has had since it moved into libc, and
 * under the architecture's first one. */
static const char versions[][12] = {"GLIBC_2.34", "GLIBC_2.2.5", "GLIBC_2.17",
                                    "GLIBC_2.27"};

struct symbols {
  const void *inside; /* an address in the object wanted */
  const ElfW(Sym) * table;
  const char *strings;
  const uint32_t *hash; /* DT_HASH */
  uintptr_t base;
};

/* Only on musl: its libc is one object, its own and well-formed. */
PLAIN static int read_dynamic(struct dl_phdr_info *info, size_t size,
                              void *data) {
  struct symbols *symbols = data;
  uintptr_t inside = (uintptr_t)symbols->inside;
  const ElfW(Dyn) *dynamic = NULL;
  bool is_it = false;

  (void)size;
  for (unsigned i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *header = &info->dlpi_phdr[i];
    uintptr_t at = info->dlpi_addr + header->p_vaddr;
    if (header->p_type == PT_LOAD && inside >= at &&
        inside < at + header->p_memsz)
      is_it = true;
    if (header->p_type == PT_DYNAMIC)
      dynamic = (const ElfW(Dyn) *)at;
  }
  if (!is_it || !dynamic)
    return 0;
  symbols->base = info->dlpi_addr;
  for (; dynamic->d_tag != DT_NULL; dynamic++) {
    uintptr_t at = dynamic->d_un.d_ptr;
    if (at < info->dlpi_addr)
      at += info->dlpi_addr;
    if (dynamic->d_tag == DT_SYMTAB)
      symbols->table = (const ElfW(Sym) *)at;
    else if (dynamic->d_tag == DT_STRTAB)
      symbols->strings = (const char *)at;
    else if (dynamic->d_tag == DT_HASH)
      symbols->hash = (const uint32_t *)at;
  }
  return 1;
}

PLAIN static bool same(const char *a, const char *b) {
  while (*a && *a == *b) {
    a++;
    b++;
  }
  return *a == *b;
}

PLAIN static void *find_without_versions(const char *name) {
  struct symbols symbols = {.inside = (const void *)(uintptr_t)dladdr};

  (void)dl_iterate_phdr(read_dynamic, &symbols);
  if (!symbols.table || !symbols.strings || !symbols.hash)
    return NULL;
  for (uint32_t i = 0; i < symbols.hash[1]; i++)
    if (symbols.table[i].st_shndx &&
        same(symbols.strings + symbols.table[i].st_name, name))
      return (void *)(symbols.base + symbols.table[i].st_value);
  return NULL;
}

PLAIN void *real_dlsym_address(void) {
  void *found = atomic_load_explicit(&real_dlsym, memory_order_relaxed);

  if (found)
    return found;
  if (dlvsym)
    for (size_t i = 0; !found && i < sizeof(versions) / sizeof(versions[0]);
         i++)
      found = dlvsym(RTLD_NEXT, "dlsym", versions[i]);
  else
    found = find_without_versions("dlsym");
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

static _Atomic uint64_t closes;

PLAIN void real_note_close(void) { (void)atomic_fetch_add(&closes, 1); }

uint64_t real_closes(void) { return atomic_load(&closes); }
