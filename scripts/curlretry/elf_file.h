/* elf_file.h - an ELF file as elf(5) describes it: what it is, what it needs.
 *
 * The files come from anywhere: nothing is read that isn't proved to lie
 * inside. Beyond the header and the class, only files of this program's own
 * class and byte order are looked into.
 */
#ifndef CURLRETRY_ELF_FILE_H
#define CURLRETRY_ELF_FILE_H

#include <link.h> /* ElfW(), with <elf.h> */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum elf_kind {
  ELF_UNREADABLE, /* errno says why */
  ELF_SCRIPT,     /* begins with "#!" */
  ELF_NONE,       /* something else */
  ELF_BROKEN,     /* begins like one, and isn't */
  ELF_FOREIGN,    /* of another class or byte order */
  ELF_NATIVE,     /* may be looked into */
};

struct elf_file {
  const unsigned char *bytes; /* mapped until this process ends */
  size_t size;
  unsigned char elf_class; /* ELFCLASS32, ELFCLASS64 */
  unsigned machine;        /* EM_... */
  unsigned type;           /* ET_EXEC, ET_DYN ... */
  const char *interpreter; /* the dynamic linker; NULL: none */
  size_t dynamic;          /* offset of the dynamic section; 0: none */
  size_t dynamic_size;
  size_t texts; /* offset of the dynamic string table; 0: none */
  size_t symbols;
  size_t symbol_count;
  bool is_pie; /* DF_1_PIE: a program, although ET_DYN */
};

enum elf_kind elf_open(struct elf_file *file, const char *path);

/* Whether one can be loaded into the other. */
bool elf_is_alike(const struct elf_file *a, const struct elf_file *b);

/* "64-bit x86-64" ... Static text, until the next call. */
const char *elf_describe(const struct elf_file *file);

/* The `index`th entry of `tag` in the dynamic section whose value is a text:
 * DT_NEEDED, DT_RUNPATH ... NULL: there are no more. */
const char *elf_text(const struct elf_file *file, int64_t tag, size_t index);

/* Whether the file holds these bytes; where, NULL: nowhere. */
const char *elf_find(const struct elf_file *file, const char *bytes,
                     size_t length);

/* Whether it is a program that Go built. */
bool elf_is_go(const struct elf_file *file);

/* A symbol of the dynamic table. */
struct elf_symbol {
  const char *name;
  bool is_defined;
  bool is_weak;
};

/* The `index`th symbol, from 0 to symbol_count; false: it can't be read. */
bool elf_symbol(const struct elf_file *file, size_t index,
                struct elf_symbol *symbol);

/* Whether the dynamic table defines a function of this name. */
bool elf_defines(const struct elf_file *file, const char *name);

#endif
