/* Finding the real functions without a name-keyed global pointer.
 *
 * dlsym(RTLD_NEXT) alone is wrong twice: it is NULL for a libcurl that was
 * loaded RTLD_LOCAL, and with two flavours in one process it gives every
 * caller the same one. So the caller's own dependencies are asked first.
 * Only dlopen(RTLD_NOLOAD) and dlsym are used, no walk of foreign ELF data
 * but the caller's own dynamic section (checklist 19). */
#define _GNU_SOURCE
#include "libcurl/library.h"

#include "libcurl/real.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define CALLER_SLOTS 64  /* cached call sites */
#define DYNAMIC_MAX 4096 /* entries walked in a dynamic section */

/* Complete before it is published here, constant and kept afterwards. */
static _Atomic(const struct library *) libraries[LIBRARY_MAX];

/* A direct-mapped cache: `caller` is cleared before `library` changes, so a
 * reader that sees the same caller before and after read its own library. */
static struct {
  _Atomic uintptr_t caller;
  _Atomic(const struct library *) library;
} callers[CALLER_SLOTS];

int library_slot(const struct library *library) {
  for (int i = 0; i < LIBRARY_MAX; i++)
    if (library == atomic_load(&libraries[i]))
      return i;
  return -1;
}

const struct library *library_in_slot(int slot) {
  return atomic_load(&libraries[slot]);
}

bool library_contains(const struct library *library, const void *address) {
  uintptr_t at = (uintptr_t)address;

  return at >= library->start && at < library->end;
}

/* The first and one past the last address of the object that holds
 * `address`. */
struct extent {
  uintptr_t address, start, end;
};

static int measure(struct dl_phdr_info *info, size_t size, void *data) {
  struct extent *extent = data;
  uintptr_t low = UINTPTR_MAX, high = 0;

  (void)size;
  for (unsigned i = 0; i < info->dlpi_phnum; i++) {
    uintptr_t at = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
    if (info->dlpi_phdr[i].p_type != PT_LOAD)
      continue;
    if (at < low)
      low = at;
    if (at + info->dlpi_phdr[i].p_memsz > high)
      high = at + info->dlpi_phdr[i].p_memsz;
  }
  if (extent->address < low || extent->address >= high)
    return 0;
  extent->start = low;
  extent->end = high;
  return 1;
}

/* Function pointers come out of dlsym() as object pointers. */
static void look_up(void *object, const char *name, void *function) {
  void *address = real_find(object, name);

  memcpy(function, &address, sizeof(address));
}

#define LOOK_UP(object, kind, need, result, name, parameters, arguments)      \
  look_up(object, "curl_" #name, &library->name);

/* All that `object` has; the caller checks what it needs. */
static void look_up_all(struct library *library, void *object) {
  memset(library, 0, sizeof(*library));
  INTERPOSED(LOOK_UP, object)
  CALLED(LOOK_UP, object)
  if (library->version_info)
    library->version = library->version_info(CURLVERSION_FIRST)->version_num;
}

#define HAS_NEEDED(member) &&(member)
#define HAS_LATER(member)
#define HAS(context, kind, need, result, name, parameters, arguments)         \
  HAS_##need(library->name)

/* Whether a call can be taken over with what the library has. */
static bool is_whole(const struct library *library) {
  return library->version INTERPOSED(HAS, 0) CALLED(HAS, 0);
}

static bool fill(struct library *library, void *object) {
  struct extent extent;

  look_up_all(library, object);
  if (!is_whole(library))
    return false;
  memcpy(&extent.address, &library->easy_perform, sizeof(extent.address));
  if (!dl_iterate_phdr(measure, &extent))
    return false;
  library->start = extent.start;
  library->end = extent.end;
  return true;
}

static const struct library *known_library(const void *symbol) {
  for (int i = 0; i < LIBRARY_MAX; i++) {
    const struct library *library = atomic_load(&libraries[i]);
    if (library && library_contains(library, symbol))
      return library;
  }
  return NULL;
}

/* Publish `made`, or find that another thread did: one record a library. */
static const struct library *publish(struct library *made) {
  for (int i = 0; i < LIBRARY_MAX; i++) {
    const struct library *there = NULL;
    if (atomic_compare_exchange_strong(&libraries[i], &there, made))
      return made;
    if (there->start == made->start) {
      free(made);
      return there;
    }
  }
  free(made);
  return NULL;
}

/* The record of the library that defines `symbol`; made when it is new. The
 * object that its name leads to may be another one, of another namespace. */
const struct library *library_of_symbol(void *symbol) {
  const struct library *known = known_library(symbol);
  struct library *made;
  Dl_info info;
  void *object;

  if (known || !dladdr(symbol, &info) || !info.dli_fname)
    return known;
  object = real_open(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
  made = object ? calloc(1, sizeof(*made)) : NULL;
  if (!made)
    return NULL;
  if (!fill(made, object) || !library_contains(made, symbol)) {
    free(made);
    return NULL;
  }
  return publish(made);
}

/* Whether `symbol` is a real function: not one of ours. */
static bool is_real(void *symbol) {
  Dl_info mine, its;

  return symbol && dladdr((void *)callers, &mine) && dladdr(symbol, &its) &&
         mine.dli_fbase != its.dli_fbase;
}

static const struct library *real_library(void *symbol) {
  return is_real(symbol) ? library_of_symbol(symbol) : NULL;
}

/* A handle on the object that holds `address`. The main program's name may
 * be anything, so it is recognised by its address. */
static void *object_of(const void *address, Dl_info *info) {
  void *object = NULL;

  if (!dladdr(address, info))
    return NULL;
  if (info->dli_fname)
    object = real_open(info->dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  return object ? object : real_open(NULL, RTLD_LAZY);
}

/* The direct dependencies of the caller, in order: the first libcurl among
 * them is the one its references are bound to by version. */
static const struct library *among_needed(void *object) {
  struct link_map *map = NULL;
  const char *strings = NULL;
  const ElfW(Dyn) * entry;

  if (dlinfo(object, RTLD_DI_LINKMAP, &map) || !map || !map->l_ld)
    return NULL;
  entry = map->l_ld;
  for (int i = 0; i < DYNAMIC_MAX && entry[i].d_tag != DT_NULL; i++)
    if (entry[i].d_tag == DT_STRTAB)
      strings = (const char *)entry[i].d_un.d_ptr;
  /* musl leaves the table's address relative to the object */
  if (strings && (uintptr_t)strings < map->l_addr)
    strings += map->l_addr;
  for (int i = 0; strings && i < DYNAMIC_MAX; i++) {
    const struct library *library;
    void *needed, *symbol;
    if (entry[i].d_tag == DT_NULL)
      break;
    if (entry[i].d_tag != DT_NEEDED ||
        !strstr(strings + entry[i].d_un.d_val, "curl"))
      continue;
    needed = real_open(strings + entry[i].d_un.d_val, RTLD_LAZY | RTLD_NOLOAD);
    symbol = needed ? real_find(needed, "curl_easy_perform") : NULL;
    library = real_library(symbol);
    if (needed)
      (void)dlclose(needed);
    if (library)
      return library;
  }
  return NULL;
}

/* Objects that look like a libcurl, for callers that lead to none: a plugin's
 * tail call leaves the host's return address. */
struct candidates {
  size_t count;
  char names[LIBRARY_MAX][512];
};

static int note_candidate(struct dl_phdr_info *info, size_t size, void *data) {
  struct candidates *candidates = data;
  const char *name = info->dlpi_name;
  const char *base = name ? strrchr(name, '/') : NULL;

  (void)size;
  if (base && strstr(base, "libcurl") && !strstr(base, "libcurlretry") &&
      strlen(name) < sizeof(candidates->names[0]))
    memcpy(candidates->names[candidates->count++], name, strlen(name) + 1);
  return candidates->count == LIBRARY_MAX;
}

static const struct library *any_library(void) {
  struct candidates candidates = {.count = 0};
  const struct library *library = NULL;

  (void)dl_iterate_phdr(note_candidate, &candidates);
  for (size_t i = 0; !library && i < candidates.count; i++) {
    void *object = real_open(candidates.names[i], RTLD_LAZY | RTLD_NOLOAD);
    if (!object)
      continue;
    library = real_library(real_find(object, "curl_easy_perform"));
    (void)dlclose(object);
  }
  return library;
}

/* `*has_own`: the caller's own scope has a libcurl, even if it is none that
 * can be taken over. */
static const struct library *find_in_scope(const void *caller, bool *has_own) {
  Dl_info info;
  const struct library *library;
  void *object = object_of(caller, &info);
  void *symbol;

  *has_own = false;
  if (!object)
    return NULL;
  library = among_needed(object);
  if (!library) {
    symbol = real_find(object, "curl_easy_perform");
    *has_own = is_real(symbol);
    library = real_library(symbol);
  }
  (void)dlclose(object);
  return library;
}

static const struct library *find(const void *caller) {
  bool has_own;
  const struct library *library = find_in_scope(caller, &has_own);
  void *next;

  if (library || has_own)
    return library;
  next = real_find(RTLD_NEXT, "curl_easy_perform");
  if (is_real(next))
    return real_library(next);
  return any_library();
}

bool library_borrow(const void *caller, struct library *library) {
  Dl_info info;
  void *object = object_of(caller, &info);

  memset(library, 0, sizeof(*library));
  if (!object)
    return false;
  if (!is_real(real_find(object, "curl_easy_perform"))) {
    (void)dlclose(object);
    object = RTLD_NEXT;
  }
  look_up_all(library, object);
  if (object != RTLD_NEXT)
    (void)dlclose(object);
  return true;
}

const struct library *library_of_caller(const void *caller) {
  uintptr_t key = (uintptr_t)caller;
  size_t slot = (key ^ (key >> 12)) % CALLER_SLOTS;
  const struct library *library;
  int saved = errno;

  if (atomic_load(&callers[slot].caller) == key) {
    library = atomic_load(&callers[slot].library);
    if (atomic_load(&callers[slot].caller) == key)
      return library;
  }
  library = find(caller);
  (void)dlerror(); /* our own failed look-ups are not the host's business */
  errno = saved;
  if (library) {
    atomic_store(&callers[slot].caller, 0);
    atomic_store(&callers[slot].library, library);
    atomic_store(&callers[slot].caller, key);
  }
  return library;
}
