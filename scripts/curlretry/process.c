/* process.c - see process.h. */
#include "process.h"

#include "program.h"
#include "shim_file.h"
#include "text.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#define ANCESTORS_MAX 64
#define GONE " (deleted)"
#define STAT_PARENT 4
#define STAT_ARG_START 48
#define STAT_ARG_END 49

static const char *file_of(long id, const char *name) {
  static char path[64];
  (void)snprintf(path, sizeof path, "/proc/%ld/%s", id, name);
  return path;
}

/* All of a file of /proc, a zero behind it; NULL: errno. */
static char *read_all(long id, const char *name, size_t *size) {
  size_t room = 4096;
  char *text = text_room(NULL, room + 1);
  int file = open(file_of(id, name), O_RDONLY | O_CLOEXEC);
  *size = 0;
  if (file < 0)
    return NULL;
  for (;;) {
    ssize_t length = read(file, text + *size, room - *size);
    if (length <= 0) {
      int error = errno;
      (void)close(file);
      errno = error;
      text[*size] = '\0';
      return length < 0 ? NULL : text;
    }
    *size += (size_t)length;
    if (*size == room)
      text = text_room(text, (room *= 2) + 1);
  }
}

/* What its file is called; " (deleted)" taken off. */
static void read_program(struct process *process) {
  char path[PATH_MAX];
  ssize_t length =
      readlink(file_of(process->id, "exe"), path, sizeof path - 1);
  process->program = "";
  if (length <= 0)
    return;
  path[length] = '\0';
  size_t mark = sizeof GONE - 1;
  if ((size_t)length > mark && strcmp(path + length - mark, GONE) == 0) {
    path[(size_t)length - mark] = '\0';
    process->is_changed = true;
  }
  process->program = text_keep(path);
}

/* A field of stat, by proc(5)'s numbers; the second is a name that may hold
 * anything. 0: there is none, or it may not be known. */
static unsigned long read_stat(long id, int field) {
  size_t size = 0;
  char *text = read_all(id, "stat", &size);
  const char *at = text != NULL ? strrchr(text, ')') : NULL;
  for (int i = 2; at != NULL && i < field; i++)
    at = strchr(at + 1, ' ');
  return at != NULL ? strtoul(at, NULL, 10) : 0;
}

static long read_parent(long id) { return (long)read_stat(id, STAT_PARENT); }

static char **read_environment(long id) {
  size_t size = 0;
  size_t count = 0;
  char *text = read_all(id, "environ", &size);
  if (text == NULL)
    return NULL;
  char **entries = text_room(NULL, (size + 2) * sizeof *entries);
  for (size_t i = 0; i < size; i += strlen(text + i) + 1)
    entries[count++] = text + i;
  entries[count] = NULL;
  return entries;
}

/* Its title is a text of its own in the place of its arguments, from where
 * setproctitle(3) and the like go on into the environment, or blank that out.
 * The kernel then shows more or less than the arguments' room. */
static bool read_titled(const struct process *process, size_t shown) {
  char **entry = process->environment;
  unsigned long begin = read_stat(process->id, STAT_ARG_START);
  unsigned long end = read_stat(process->id, STAT_ARG_END);
  if (entry == NULL || entry[0] == NULL)
    return false;
  while (*entry != NULL && strchr(*entry, '=') == NULL)
    entry++;
  return *entry == NULL || (begin != 0 && shown != end - begin);
}

static bool read_secure(long id) {
  size_t size = 0;
  char *text = read_all(id, "auxv", &size);
  ElfW(auxv_t) entry;
  for (size_t i = 0; text != NULL && i + sizeof entry <= size;
       i += sizeof entry) {
    memcpy(&entry, text + i, sizeof entry);
    if (entry.a_type == AT_SECURE)
      return entry.a_un.a_val != 0;
  }
  return false;
}

bool process_read(struct process *process, long id) {
  size_t size = 0;
  memset(process, 0, sizeof *process);
  process->id = id;
  const char *words = read_all(id, "cmdline", &size);
  if (words == NULL)
    return false;
  read_program(process);
  process->environment = read_environment(id);
  process->is_titled = read_titled(process, size);
  bool is_title = process->is_titled || strchr(words, ' ') != NULL;
  process->name =
      program_name(size != 0 && !is_title ? words : process->program);
  process->is_secure = read_secure(id);
  process->parent = read_parent(id);
  return true;
}

static const char *find_variable(char **environment, const char *name) {
  size_t length = strlen(name);
  for (; environment != NULL && *environment != NULL; environment++) {
    if (strncmp(*environment, name, length) == 0 &&
        (*environment)[length] == '=')
      return *environment + length + 1;
  }
  return NULL;
}

const char *process_variable(const struct process *process, const char *name) {
  return find_variable(process->environment, name);
}

long process_preloaded_ancestor(const struct process *process) {
  long id = process->parent;
  for (int i = 0; i < ANCESTORS_MAX && id > 0; i++) {
    const char *list = find_variable(read_environment(id), "LD_PRELOAD");
    if (list != NULL && shim_file_is_in(list))
      return id;
    id = read_parent(id);
  }
  return 0;
}

/* The path on a line of maps, read through the process's own root: it may be
 * a container's. */
static void add_mapping(const struct process *process, struct process_map *map,
                        char *path) {
  char root[64];
  size_t length = strlen(path);
  size_t mark = sizeof GONE - 1;
  bool is_gone = length > mark && strcmp(path + length - mark, GONE) == 0;
  if (is_gone)
    path[length - mark] = '\0';
  if (strcmp(program_name(path), SHIM_NAME) == 0) {
    map->shim = map->shim != NULL ? map->shim : text_keep(path);
    map->is_shim_replaced = is_gone;
    return;
  }
  if (objects_have(&map->objects, path))
    return;
  (void)snprintf(root, sizeof root, "/proc/%ld/root", process->id);
  (void)objects_add(&map->objects, path, text_join(root, path));
}

bool process_read_map(const struct process *process, struct process_map *map) {
  size_t size = 0;
  char *line = NULL;
  char *rest = NULL;
  char *text = read_all(process->id, "maps", &size);
  memset(map, 0, sizeof *map);
  if (text == NULL)
    return false;
  if (process->program[0] != '\0')
    (void)objects_add(&map->objects, process->program,
                      text_keep(file_of(process->id, "exe")));
  const char *before = "";
  for (line = strtok_r(text, "\n", &rest); line != NULL;
       line = strtok_r(NULL, "\n", &rest)) {
    char *path = strchr(line, '/');
    if (path == NULL || strcmp(path, before) == 0)
      continue;
    before = text_keep(path);
    add_mapping(process, map, path);
  }
  return true;
}
