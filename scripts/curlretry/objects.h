/* objects.h - the ELF objects of a program: itself, and what it loads. */
#ifndef CURLRETRY_OBJECTS_H
#define CURLRETRY_OBJECTS_H

#include "elf_file.h"

struct object {
  const char *path;
  struct elf_file file;
};

struct objects {
  struct object *list; /* the first is the program, or the library asked for */
  size_t count;
  const char *missing; /* a library that wasn't found; NULL: none */
};

/* Add one that is shown as `path` and read from `file`; NULL: it is no ELF
 * file that can be looked into. Valid until the next is added. */
const struct object *objects_add(struct objects *objects, const char *path,
                                 const char *file);

/* Whether one of them has this path. */
bool objects_have(const struct objects *objects, const char *path);

/* Add what they need, and what that needs. `folders`: LD_LIBRARY_PATH. */
void objects_close(struct objects *objects, const char *folders);

#endif
