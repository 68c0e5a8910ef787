/* search.c - see search.h. The cache: ldconfig(8), dl-cache.h of glibc. */
#define _GNU_SOURCE
#include "search.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

#define CACHE_FILE "/etc/ld.so.cache"
#define CACHE_MAGIC "glibc-ld.so.cache1.1"

struct cache_head {
  char magic[sizeof CACHE_MAGIC - 1];
  uint32_t count;
  uint32_t others[6];
};

struct cache_entry { /* texts from the head's begin on */
  uint32_t flags;
  uint32_t name;
  uint32_t path;
  uint32_t system;
  uint32_t capabilities[2];
};

_Static_assert(sizeof(struct cache_head) == 48, "ld.so.cache's head");
_Static_assert(sizeof(struct cache_entry) == 24, "ld.so.cache's entry");

/* Whether it can be loaded beside what asks for it. */
static bool fits(const struct search *search, const char *path) {
  struct elf_file file;
  return elf_open(&file, path) == ELF_NATIVE &&
         elf_is_alike(&file, search->by);
}

/* `folder` with $ORIGIN as the folder of `of`. */
static char *expand(const char *folder, size_t length, const char *of) {
  static const char *const origins[] = {"$ORIGIN", "${ORIGIN}"};
  char *text = text_part(folder, length);
  for (size_t i = 0; i < 2; i++) {
    char *at = strstr(text, origins[i]);
    if (at == NULL)
      continue;
    char *own = text_keep(of);
    char *slash = strrchr(own, '/');
    if (slash != NULL)
      *slash = '\0';
    *at = '\0';
    return text_join(text_join(text, slash != NULL ? own : "."),
                     at + strlen(origins[i]));
  }
  return text;
}

/* In the folders of a list; `of` is the file that brings it. */
static const char *in_list(const struct search *search, const char *list,
                           const char *of, const char *name) {
  while (list != NULL && *list != '\0') {
    size_t length = strcspn(list, ":;\n");
    if (length != 0) {
      const char *path =
          text_join(text_join(expand(list, length, of), "/"), name);
      if (fits(search, path))
        return path;
    }
    list += length + (list[length] != '\0');
  }
  return NULL;
}

/* The text at an offset of the cache; "" where it doesn't end. */
static const char *cache_text(const char *begin, size_t size, uint32_t at) {
  if (at >= size || memchr(begin + at, '\0', size - at) == NULL)
    return "";
  return begin + at;
}

/* The old format may stand before the new one. */
static const char *in_cache(const struct search *search, const char *name) {
  struct elf_file cache;
  struct cache_head head;
  struct cache_entry entry;
  if (elf_open(&cache, CACHE_FILE) != ELF_NONE)
    return NULL;
  const char *begin = elf_find(&cache, CACHE_MAGIC, sizeof CACHE_MAGIC - 1);
  if (begin == NULL)
    return NULL;
  size_t size = cache.size - (size_t)(begin - (const char *)cache.bytes);
  if (size < sizeof head)
    return NULL;
  memcpy(&head, begin, sizeof head);
  if (head.count > (size - sizeof head) / sizeof entry)
    return NULL;
  for (uint32_t i = 0; i < head.count; i++) {
    memcpy(&entry, begin + sizeof head + i * sizeof entry, sizeof entry);
    const char *path = cache_text(begin, size, entry.path);
    if (strcmp(cache_text(begin, size, entry.name), name) == 0 &&
        fits(search, path))
      return path;
  }
  return NULL;
}

/* musl reads a file of folders that is named after its architecture. */
static const char *in_musl(const struct search *search, const char *name) {
  char path[256];
  char folders[4096] = "/lib:/usr/local/lib:/usr/lib";
  const char *linker = strstr(search->program->interpreter, "ld-musl-");
  if (linker != NULL) {
    (void)snprintf(path, sizeof path, "/etc/%.*s.path",
                   (int)strcspn(linker, "."), linker);
    FILE *file = fopen(path, "re");
    if (file != NULL) {
      size_t length = fread(folders, 1, sizeof folders - 1, file);
      folders[length] = '\0';
      (void)fclose(file);
    }
  }
  return in_list(search, text_keep(folders), "", name);
}

const char *search_library(const struct search *search, const char *name) {
  static const char usual[] = "/lib:/usr/lib:/lib64:/usr/lib64";
  const char *runpath = elf_text(search->by, DT_RUNPATH, 0);
  const char *found = NULL;
  if (strchr(name, '/') != NULL)
    return fits(search, name) ? name : NULL;
  if (runpath == NULL) {
    found = in_list(search, elf_text(search->by, DT_RPATH, 0), search->by_path,
                    name);
    if (found == NULL)
      found = in_list(search, elf_text(search->program, DT_RPATH, 0),
                      search->program_path, name);
  }
  if (found == NULL)
    found = in_list(search, search->folders, "", name);
  if (found == NULL)
    found = in_list(search, runpath, search->by_path, name);
  if (found == NULL && search->is_musl)
    return in_musl(search, name);
  if (found == NULL)
    found = in_cache(search, name);
  return found != NULL ? found : in_list(search, usual, "", name);
}
