/* preflight.c - see preflight.h. */
#include "preflight.h"

#include "program.h"
#include "say.h"
#include "shim_file.h"
#include "text.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <unistd.h>

#define INTERPRETERS_MAX 4 /* Linux follows as many */

static int check(const char *path, const char *library, int depth);

bool preflight_is_musl(const struct elf_file *program) {
  return program->interpreter != NULL &&
         strncmp(program_name(program->interpreter), "ld-musl-", 8) == 0;
}

bool preflight_is_linker(const char *path) {
  const char *name = program_name(path);
  return fnmatch("ld-*.so*", name, 0) == 0 || strcmp(name, "ld.so") == 0;
}

const char *preflight_missing(const char *library, const char *linker) {
  struct elf_file ours;
  struct elf_file libc;
  struct elf_symbol symbol;
  if (elf_open(&ours, library) != ELF_NATIVE ||
      elf_open(&libc, linker) != ELF_NATIVE || libc.symbol_count == 0)
    return NULL;
  for (size_t i = 0; elf_symbol(&ours, i, &symbol); i++) {
    if (!symbol.is_defined && !symbol.is_weak && symbol.name[0] != '\0' &&
        !elf_defines(&libc, symbol.name))
      return symbol.name;
  }
  return NULL;
}

static int refuse_privileged(const char *path, const char *privilege) {
  bool is_mode = strcmp(privilege, "capabilities") != 0;
  complain("%s %s%s: the dynamic linker ignores LD_PRELOAD there; put "
           "curlretry behind it, as in: sudo curlretry PROGRAM",
           path, is_mode ? "is " : "has file ", privilege);
  return EXIT_USAGE;
}

static int check_linker(const char *path, const struct elf_file *file,
                        const char *library) {
  if (file->interpreter == NULL) {
    if (!preflight_is_linker(path))
      complain("warning: %s is statically linked: the dynamic linker does "
               "not run, so its own transfers are not retried",
               path);
    return 0;
  }
  if (access(file->interpreter, F_OK) != 0) {
    complain("%s: its dynamic linker %s is not found", path,
             file->interpreter);
    return EXIT_MISSING;
  }
  if (preflight_is_musl(file)) {
    const char *missing = preflight_missing(library, file->interpreter);
    if (missing != NULL) {
      complain("%s is linked with musl, which has no %s for %s: build "
               "curlretry there",
               path, missing, library);
      return EXIT_USAGE;
    }
  }
  return 0;
}

static int check_elf(const char *path, const struct elf_file *file,
                     enum elf_kind kind, const char *library) {
  struct elf_file ours;
  const char *privilege = program_privilege(path);
  if (privilege != NULL)
    return refuse_privileged(path, privilege);
  enum elf_kind own_kind = elf_open(&ours, library);
  if ((own_kind == ELF_NATIVE || own_kind == ELF_FOREIGN) &&
      !elf_is_alike(file, &ours)) {
    const char *theirs = text_keep(elf_describe(file));
    complain("%s is %s: %s, %s, can't be loaded into it", path, theirs,
             library, elf_describe(&ours));
    return EXIT_USAGE;
  }
  return kind == ELF_NATIVE ? check_linker(path, file, library) : 0;
}

/* What env(1) has to find and isn't there, it says itself. */
static int check_script(const char *path, const char *library, int depth) {
  struct program_script script;
  program_read_script(path, &script);
  if (depth == 0 || script.interpreter[0] == '\0')
    return 0;
  if (access(script.interpreter, F_OK) != 0) {
    complain("%s: its interpreter %s is not found", path, script.interpreter);
    return EXIT_MISSING;
  }
  int status = check(script.interpreter, library, depth - 1);
  const char *wanted =
      script.wanted != NULL ? program_find(script.wanted) : NULL;
  if (status != 0 || wanted == NULL)
    return status;
  return check(wanted, library, depth - 1);
}

static int check(const char *path, const char *library, int depth) {
  struct elf_file file;
  enum elf_kind kind = elf_open(&file, path);
  switch (kind) {
  case ELF_SCRIPT:
    return check_script(path, library, depth);
  case ELF_FOREIGN:
  case ELF_NATIVE:
    return check_elf(path, &file, kind, library);
  default: /* the system knows it better */
    return 0;
  }
}

int preflight_check(const char *path, const char *library) {
  return check(path, library, INTERPRETERS_MAX);
}
