/* The names without a version ("fstat@") are for whatever version a C library
 * has, and weak, so that it may have none. This file is compiled without LTO,
 * which would part these lines from their uses (Makefile).
 *
 * libc_loader_function() may be called before any constructor ran, see
 * real.c. */
#define _GNU_SOURCE
#include "host/libc.h"

#include <dlfcn.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>

#if defined(FOR_EVERY_LIBC) && defined(__GLIBC__)
#define ANY(name)                                                             \
  __attribute__((weak)) extern __typeof__(name) any_##name;                   \
  __asm__(".symver any_" #name ", " #name "@")

int __fxstat(int version, int file, struct stat *status);
int __xstat(int version, const char *path, struct stat *status);

ANY(fstat);
ANY(stat);
ANY(__fxstat);
ANY(__xstat);
ANY(dlvsym);

/* Of the kernel's struct stat: 1 on x86-64, 0 where the architecture is new
 * enough to have but one. */
#ifdef __x86_64__
#define STAT_VERSION 1
#else
#define STAT_VERSION 0
#endif

int libc_stat(const char *path, struct stat *status) {
  return any_fstat ? any_stat(path, status)
                   : any___xstat(STAT_VERSION, path, status);
}

int libc_fstat(int file, struct stat *status) {
  return any_fstat ? any_fstat(file, status)
                   : any___fxstat(STAT_VERSION, file, status);
}
#else
__attribute__((weak)) void *dlvsym(void *restrict, const char *restrict,
                                   const char *restrict);

#define any_dlvsym dlvsym

int libc_stat(const char *path, struct stat *status) {
  return stat(path, status);
}

int libc_fstat(int file, struct stat *status) { return fstat(file, status); }
#endif

/* --- without dlvsym() ------------------------------------------------------
 * musl, and a process with an older glibc but without libdl.so.2, which may
 * come later with a plugin. Their own objects are well-formed. */

struct symbols {
  const char *name; /* the one wanted */
  void *found;
  uintptr_t base;
  bool is_raw; /* no loader has made offsets into addresses */
  const ElfW(Sym) * table;
  const char *strings;
  const uint32_t *hash;     /* DT_HASH, or */
  const uint32_t *gnu_hash; /* DT_GNU_HASH */
};

PLAIN static bool same(const char *a, const char *b) {
  while (*a && *a == *b) {
    a++;
    b++;
  }
  return *a == *b;
}

/* Whether it is the one wanted. */
PLAIN static bool take(struct symbols *symbols, uint32_t index) {
  const ElfW(Sym) *symbol = &symbols->table[index];

  if (!symbol->st_shndx || !symbol->st_value ||
      !same(symbols->strings + symbol->st_name, symbols->name))
    return false;
  symbols->found = (void *)(symbols->base + symbol->st_value);
  return true;
}

/* A DT_HASH begins with how many buckets and symbols there are. */
PLAIN static bool look_through_hash(struct symbols *symbols) {
  for (uint32_t i = 0; i < symbols->hash[1]; i++)
    if (take(symbols, i))
      return true;
  return false;
}

/* A DT_GNU_HASH: how many buckets, the first symbol, how many words the filter
 * has, its shift; the filter; each bucket's first symbol; each symbol's hash,
 * which is odd for the last one of a bucket. */
PLAIN static bool look_through_gnu_hash(struct symbols *symbols) {
  const uint32_t *head = symbols->gnu_hash;
  const uint32_t *buckets = head + 4 + head[2] * (sizeof(ElfW(Addr)) / 4);
  const uint32_t *hashes = buckets + head[0];

  for (uint32_t i = 0; i < head[0]; i++) {
    uint32_t at = buckets[i];
    if (at < head[1])
      continue;
    do
      if (take(symbols, at))
        return true;
    while (!(hashes[at++ - head[1]] & 1));
  }
  return false;
}

PLAIN static void read_dynamic(struct symbols *symbols,
                               const ElfW(Dyn) * entry) {
  symbols->table = NULL;
  symbols->strings = NULL;
  symbols->hash = symbols->gnu_hash = NULL;
  for (; entry->d_tag != DT_NULL; entry++) {
    uintptr_t at = entry->d_un.d_ptr;
    if (symbols->is_raw || at < symbols->base)
      at += symbols->base;
    if (entry->d_tag == DT_SYMTAB)
      symbols->table = (const ElfW(Sym) *)at;
    else if (entry->d_tag == DT_STRTAB)
      symbols->strings = (const char *)at;
    else if (entry->d_tag == DT_HASH)
      symbols->hash = (const uint32_t *)at;
    else if (entry->d_tag == DT_GNU_HASH)
      symbols->gnu_hash = (const uint32_t *)at;
  }
}

PLAIN static bool look_through(struct symbols *symbols,
                               const ElfW(Dyn) * dynamic) {
  read_dynamic(symbols, dynamic);
  if (!symbols->table || !symbols->strings)
    return false;
  return (symbols->hash && look_through_hash(symbols)) ||
         (symbols->gnu_hash && look_through_gnu_hash(symbols));
}

PLAIN static bool is_libdl(const char *path) {
  const char *name = path ? path : "";

  for (const char *at = name; *at; at++)
    if (*at == '/')
      name = at + 1;
  return same(name, "libdl.so.2");
}

PLAIN static int look_in(struct dl_phdr_info *info, size_t size, void *data) {
  const uintptr_t inside = (uintptr_t)dl_iterate_phdr; /* libc */
  struct symbols *symbols = data;
  const ElfW(Dyn) *dynamic = NULL;
  bool is_it = is_libdl(info->dlpi_name);

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
  return look_through(symbols, dynamic);
}

PLAIN static void *look_for(const char *name) {
  struct symbols symbols = {.name = name};

  (void)dl_iterate_phdr(look_in, &symbols);
  return symbols.found;
}

/* glibc before 2.34 loads libdl.so.2 itself where it needs it, by a function
 * of its own. So that it stays, it is loaded where it is there, too. */
PLAIN static void need_libdl(void) {
  void *found = look_for("__libc_dlopen_mode");
  void *(*function)(const char *, int);

  if (!found)
    return;
  memcpy(&function, &found, sizeof(function));
  (void)function("libdl.so.2", (int)(RTLD_NOW | 0x80000000));
}

/* The version that glibc's have had since they moved into libc, and each
 * architecture's first one. */
static const char versions[][12] = {"GLIBC_2.34", "GLIBC_2.2.5", "GLIBC_2.17",
                                    "GLIBC_2.27", "GLIBC_2.4",   "GLIBC_2.1",
                                    "GLIBC_2.0",  "GLIBC_2.3.3"};

PLAIN void *libc_loader_function(const char *name) {
  void *found = NULL;

  if (!any_dlvsym) {
    need_libdl();
    return look_for(name);
  }
  for (size_t i = 0; !found && i < sizeof(versions) / sizeof(versions[0]); i++)
    found = any_dlvsym(RTLD_NEXT, name, versions[i]);
  return found;
}

/* --- the kernel's ----------------------------------------------------------
 */

void *libc_kernel_function(const char *name) {
  const uintptr_t image = getauxval(AT_SYSINFO_EHDR);
  const ElfW(Ehdr) *head = (const ElfW(Ehdr) *)image;
  struct symbols symbols = {.name = name, .is_raw = true};
  const ElfW(Dyn) *dynamic = NULL;

  if (!image)
    return NULL;
  for (unsigned i = head->e_phnum; i-- > 0;) {
    const ElfW(Phdr) *header = (const ElfW(Phdr) *)(image + head->e_phoff) + i;
    if (header->p_type == PT_LOAD)
      symbols.base = image + header->p_offset - header->p_vaddr;
    else if (header->p_type == PT_DYNAMIC)
      dynamic = (const ElfW(Dyn) *)(image + header->p_offset);
  }
  return dynamic && look_through(&symbols, dynamic) ? symbols.found : NULL;
}
