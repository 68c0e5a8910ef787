/* Only dl_iterate_phdr(), dlopen(RTLD_NOLOAD) and an object's own dynamic
 * section are used, no walk of foreign ELF data (checklist 19). The loader's
 * lock is its own and held while it counts; no callback of ours takes
 * another. */
#define _GNU_SOURCE
#include "libcurl/objects.h"

#include "libcurl/real.h"

#include <link.h>
#include <stddef.h>
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

bool objects_extent(const void *address, struct extent *extent) {
  struct search search = {.address = address};

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

enum place objects_place(const void *address) {
  struct placing placing = {.address = address, .place = PLACE_BEHIND};

  (void)dl_iterate_phdr(find_place, &placing);
  return placing.place;
}

/* The counts come with each object: the first one will do. */
static int count(struct dl_phdr_info *info, size_t size, void *data) {
  uint64_t *generation = data;

  if (size >= offsetof(struct dl_phdr_info, dlpi_subs) + sizeof(uint64_t))
    *generation = info->dlpi_adds + info->dlpi_subs;
  return 1;
}

uint64_t objects_generation(void) {
  uint64_t generation = 0;

  (void)dl_iterate_phdr(count, &generation);
  return generation;
}

/* The main program's name may be anything, so it is what remains. */
void *objects_open(const void *address) {
  Dl_info info;
  void *object = NULL;

  if (!dladdr(address, &info))
    return NULL;
  if (info.dli_fname)
    object = real_open(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  return object ? object : real_open(NULL, RTLD_LAZY);
}

typedef ElfW(Dyn) dynamic_entry;

static const dynamic_entry *dynamic_of(void *object, struct link_map **map) {
  *map = NULL;
  return dlinfo(object, RTLD_DI_LINKMAP, map) || !*map ? NULL : (*map)->l_ld;
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
    (void)dlclose(object);
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
