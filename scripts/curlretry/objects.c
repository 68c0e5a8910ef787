/* objects.c - see objects.h. */
#include "objects.h"

#include "preflight.h"
#include "program.h"
#include "search.h"
#include "text.h"

#include <string.h>

const struct object *objects_add(struct objects *objects, const char *path,
                                 const char *file) {
  struct object object = {.path = text_keep(path)};
  if (elf_open(&object.file, file) != ELF_NATIVE)
    return NULL;
  objects->list =
      text_room(objects->list, (objects->count + 1) * sizeof *objects->list);
  objects->list[objects->count] = object;
  return &objects->list[objects->count++];
}

bool objects_have(const struct objects *objects, const char *path) {
  for (size_t i = 0; i < objects->count; i++) {
    if (strcmp(objects->list[i].path, path) == 0)
      return true;
  }
  return false;
}

/* By its soname, as the dynamic linker knows it. */
static bool has_library(const struct objects *objects, const char *name) {
  for (size_t i = 1; i < objects->count; i++) {
    const struct object *object = &objects->list[i];
    const char *soname = elf_text(&object->file, DT_SONAME, 0);
    if (strcmp(soname != NULL ? soname : program_name(object->path), name) ==
        0)
      return true;
  }
  return false;
}

void objects_close(struct objects *objects, const char *folders) {
  for (size_t i = 0; i < objects->count; i++) {
    const char *name = NULL;
    for (size_t n = 0;
         (name = elf_text(&objects->list[i].file, DT_NEEDED, n)) != NULL;
         n++) {
      if (has_library(objects, name))
        continue;
      const struct object *by = &objects->list[i];
      const struct object *program = &objects->list[0];
      struct search search = {&by->file,
                              by->path,
                              &program->file,
                              program->path,
                              preflight_is_musl(&program->file),
                              folders};
      const char *path = search_library(&search, name);
      if (path != NULL)
        (void)objects_add(objects, path, path);
      else if (!search.is_musl && objects->missing == NULL)
        objects->missing = name;
    }
  }
}
