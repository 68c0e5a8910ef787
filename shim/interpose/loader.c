/* Entered before any constructor ran (libasan's start-up calls dlsym), so
 * everything is resolved lazily, without malloc, and nothing here may be
 * instrumented. The entry points are assembler: a compiler's tail call is an
 * accident of its options (checklist E4). */
#define _GNU_SOURCE
#include "interpose/loader.h"

#include "host/runtime.h"
#include "interpose/exports.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#ifdef __clang__
#define PLAIN __attribute__((no_sanitize("address", "undefined", "thread")))
#else
#define PLAIN                                                                 \
  __attribute__((no_sanitize_address, no_sanitize_undefined,                  \
                 no_sanitize_thread))
#endif

typedef void *(*dlsym_function)(void *, const char *);
typedef void *(*dlopen_function)(const char *, int);

/* Weak: musl has no symbol versions. */
__attribute__((weak)) void *dlvsym(void *restrict, const char *restrict,
                                   const char *restrict);

static _Atomic(void *) real_dlsym;
static _Atomic(void *) real_dlopen;

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

PLAIN static void *get_real_dlsym(void) {
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

PLAIN static void *get_real_dlopen(void) {
  void *found = atomic_load_explicit(&real_dlopen, memory_order_relaxed);

  if (found)
    return found;
  found = loader_find(RTLD_NEXT, "dlopen");
  atomic_store_explicit(&real_dlopen, found, memory_order_relaxed);
  return found;
}

PLAIN void *loader_find(void *object, const char *name) {
  void *real = get_real_dlsym();
  dlsym_function function;

  if (!real)
    return NULL;
  memcpy(&function, &real, sizeof(function));
  return function(object, name);
}

void *loader_open(const char *file, int mode) {
  void *real = get_real_dlopen();
  dlopen_function function;

  if (!real)
    return NULL;
  memcpy(&function, &real, sizeof(function));
  return function(file, mode);
}

/* What an entry point does next: jump to `function` (dlopen: with `value` as
 * the mode), or without one return `value`. */
struct next {
  void *function;
  uintptr_t value;
};

struct next loader_next_open(const char *file, int mode);
struct next loader_next_find(void *object, const char *name,
                             const void *caller);

__attribute__((used)) PLAIN struct next loader_next_open(const char *file,
                                                         int mode) {
  struct next next = {get_real_dlopen(), (unsigned)mode};

#ifdef RTLD_DEEPBIND
  if ((mode & RTLD_DEEPBIND) && runtime_strips_deepbind(file))
    next.value = (unsigned)(mode & ~RTLD_DEEPBIND);
#endif
  (void)file;
  return next;
}

__attribute__((used)) PLAIN struct next
loader_next_find(void *object, const char *name, const void *caller) {
  struct next next = {get_real_dlsym(), 0};

  if (name && name[0] == 'c' && name[1] == 'u' && name[2] == 'r' &&
      name[3] == 'l' && name[4] == '_' &&
      exports_answer(object, name, caller, &next.value))
    next.function = NULL;
  return next;
}

#if defined(__x86_64__)
__asm__(".text\n"
        ".globl dlopen\n"
        ".type dlopen, @function\n"
        "dlopen:\n"
        "  endbr64\n"
        "  pushq %rdi\n"
        "  pushq %rsi\n"
        "  subq $8, %rsp\n"
        "  call loader_next_open\n"
        "  addq $8, %rsp\n"
        "  popq %rsi\n"
        "  popq %rdi\n"
        "  movl %edx, %esi\n"
        "  jmp *%rax\n"
        ".size dlopen, .-dlopen\n"
        ".globl dlsym\n"
        ".type dlsym, @function\n"
        "dlsym:\n"
        "  endbr64\n"
        "  pushq %rdi\n"
        "  pushq %rsi\n"
        "  movq 16(%rsp), %rdx\n"
        "  subq $8, %rsp\n"
        "  call loader_next_find\n"
        "  addq $8, %rsp\n"
        "  popq %rsi\n"
        "  popq %rdi\n"
        "  testq %rax, %rax\n"
        "  jz 1f\n"
        "  jmp *%rax\n"
        "1: movq %rdx, %rax\n"
        "  ret\n"
        ".size dlsym, .-dlsym\n");
#elif defined(__aarch64__)
__asm__(".text\n"
        ".globl dlopen\n"
        ".type dlopen, %function\n"
        "dlopen:\n"
        "  stp x29, x30, [sp, #-32]!\n"
        "  stp x0, x1, [sp, #16]\n"
        "  bl loader_next_open\n"
        "  mov x16, x0\n"
        "  mov x17, x1\n"
        "  ldp x0, x1, [sp, #16]\n"
        "  ldp x29, x30, [sp], #32\n"
        "  mov w1, w17\n"
        "  br x16\n"
        ".size dlopen, .-dlopen\n"
        ".globl dlsym\n"
        ".type dlsym, %function\n"
        "dlsym:\n"
        "  stp x29, x30, [sp, #-32]!\n"
        "  stp x0, x1, [sp, #16]\n"
        "  mov x2, x30\n"
        "  bl loader_next_find\n"
        "  mov x16, x0\n"
        "  mov x17, x1\n"
        "  ldp x0, x1, [sp, #16]\n"
        "  ldp x29, x30, [sp], #32\n"
        "  cbz x16, 1f\n"
        "  br x16\n"
        "1: mov x0, x17\n"
        "  ret\n"
        ".size dlsym, .-dlsym\n");
#else
#error "write dlopen and dlsym for this architecture: true tail calls"
#endif
