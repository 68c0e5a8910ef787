/* Only the loader's own functions and an object's own dynamic section are
 * used, no walk of foreign ELF data (checklist 19). dl_iterate_phdr() is the
 * last resort: its lock is not made anew in the child of a fork (glibc 2.36),
 * which would wait for ever for a thread that isn't there. */
#define _GNU_SOURCE
#include "libcurl/objects.h"

#include "libcurl/real.h"

#include <link.h>
#include <stdatomic.h>
#include <string.h>

#define DYNAMIC_MAX 4096 /* entries walked in a dynamic section */
#define CURLS_MAX 8

static struct extent measure(const struct dl_phdr_info *info) {
  struct extent extent = {UINTPTR_MAX, 0};

  for (unsigned i = 0; i < info->dlpi_phnum; i++) {
    uintptr_t at = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
    if (info->dlpi_phdr[i].p_type != PT_LOAD)
      continue;
    if (at < extent.start)
      extent.start = at;
    if (at + info->dlpi_phdr[i].p_memsz > extent.end)
      extent.end = at + info->dlpi_phdr[i].p_memsz;
  }
  return extent;
}

struct search {
  const void *address;
  struct extent extent;
};

static int find_extent(struct dl_phdr_info *info, size_t size, void *data) {
  struct search *search = data;

  (void)size;
  search->extent = measure(info);
  return extent_holds(&search->extent, search->address);
}

/* _dl_find_object(3), glibc 2.35: without a lock. */
struct found {
  unsigned long long flags;
  void *start, *end;
  struct link_map *map;
  void *rest[16]; /* more than it writes */
};

typedef int (*finder)(void *, struct found *);

static bool find_object(const void *address, struct found *found) {
  static _Atomic(void *) known;
  static char none;
  void *function = atomic_load_explicit(&known, memory_order_relaxed);
  finder find;

  if (!function) {
    function = real_find(RTLD_NEXT, "_dl_find_object");
    if (!function)
      function = &none;
    atomic_store_explicit(&known, function, memory_order_relaxed);
  }
  if (function == &none)
    return false;
  memcpy(&find, &function, sizeof(find));
  return !find((void *)(uintptr_t)address, found);
}

bool objects_extent(const void *address, struct extent *extent) {
  struct search search = {.address = address};
  struct found found;

  if (find_object(address, &found)) {
    *extent = (struct extent){(uintptr_t)found.start, (uintptr_t)found.end};
    return true;
  }
  if (!dl_iterate_phdr(find_extent, &search))
    return false;
  *extent = search.extent;
  return true;
}

struct placing {
  const void *address;
  unsigned count; /* objects seen */
  enum place place;
};

static int find_place(struct dl_phdr_info *info, size_t size, void *data) {
  static const char here;
  const struct extent extent = measure(info);
  struct placing *placing = data;
  bool is_it = extent_holds(&extent, placing->address);

  (void)size;
  if (extent_holds(&extent, &here)) {
    placing->place = is_it ? PLACE_OURS : PLACE_BEHIND;
    return 1;
  }
  if (is_it)
    placing->place = placing->count ? PLACE_AHEAD : PLACE_PROGRAM;
  placing->count++;
  return is_it;
}

/* What was there before us stays, so its links can be followed. */
static enum place place_in_chain(const struct link_map *map,
                                 const struct link_map *ours) {
  if (map == ours)
    return PLACE_OURS;
  for (ours = ours->l_prev; ours; ours = ours->l_prev)
    if (ours == map)
      return map->l_prev ? PLACE_AHEAD : PLACE_PROGRAM;
  return PLACE_BEHIND;
}

enum place objects_place(const void *address) {
  static const char here;
  struct placing placing = {.address = address, .place = PLACE_BEHIND};
  struct found its, ours;

  if (find_object(&here, &ours))
    return find_object(address, &its) ? place_in_chain(its.map, ours.map)
                                      : PLACE_BEHIND;
  (void)dl_iterate_phdr(find_place, &placing);
  return placing.place;
}

/* The main program's name may be anything, so it is what remains. By a name of
 * its own the loader would look for a file, which a sandbox may forbid. */
void *objects_open(const void *address) {
  Dl_info info;
  void *object = NULL;

  if (!real_address(address, &info))
    return NULL;
  if (info.dli_fname && objects_place(address) != PLACE_PROGRAM)
    object = real_open(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  return object ? object : real_open(NULL, RTLD_LAZY);
}

typedef ElfW(Dyn) dynamic_entry;

static const dynamic_entry *dynamic_of(void *object, struct link_map **map) {
  *map = real_map(object);
  return *map ? (*map)->l_ld : NULL;
}

/* NULL: there is none. */
static const dynamic_entry *entry_of(const dynamic_entry *dynamic, int tag) {
  for (int i = 0; dynamic && i < DYNAMIC_MAX && dynamic[i].d_tag; i++)
    if (dynamic[i].d_tag == tag)
      return &dynamic[i];
  return NULL;
}

bool objects_has_versions(const void *address) {
  void *object = objects_open(address);
  struct link_map *map;
  bool has = object && entry_of(dynamic_of(object, &map), DT_VERDEF);

  if (object)
    (void)real_close(object);
  return has;
}

void *objects_needed_curl(void *object, int *at) {
  struct link_map *map;
  const dynamic_entry *entry = dynamic_of(object, &map);
  const dynamic_entry *table = entry_of(entry, DT_STRTAB);
  const char *strings = table ? (const char *)table->d_un.d_ptr : NULL;

  /* musl leaves the table's address relative to the object */
  if (strings && (uintptr_t)strings < map->l_addr)
    strings += map->l_addr;
  while (strings && *at < DYNAMIC_MAX && entry[*at].d_tag != DT_NULL) {
    const char *name = strings + entry[*at].d_un.d_val;
    bool is_curl = entry[*at].d_tag == DT_NEEDED && strstr(name, "curl");
    void *needed = is_curl ? real_open(name, RTLD_LAZY | RTLD_NOLOAD) : NULL;
    (*at)++;
    if (needed)
      return needed;
  }
  return NULL;
}

struct names {
  unsigned count;
  char of[CURLS_MAX][512]; /* a ring: the last ones */
};

static int note_name(struct dl_phdr_info *info, size_t size, void *data) {
  struct names *names = data;
  const char *name = info->dlpi_name;
  const char *base = name ? strrchr(name, '/') : NULL;

  (void)size;
  if (base && strstr(base, "libcurl") && !strstr(base, "libcurlretry") &&
      strlen(name) < sizeof(names->of[0]))
    memcpy(names->of[names->count++ % CURLS_MAX], name, strlen(name) + 1);
  return 0;
}

void *objects_any_curl(int back) {
  struct names names = {.count = 0};
  void *object = NULL;

  (void)dl_iterate_phdr(note_name, &names);
  if (back < CURLS_MAX && (unsigned)back < names.count)
    object =
        real_open(names.of[(names.count - 1 - (unsigned)back) % CURLS_MAX],
                  RTLD_LAZY | RTLD_NOLOAD);
  return object;
}
