/* search.h - where the dynamic linker finds a library (ld.so(8)). */
#ifndef CURLRETRY_SEARCH_H
#define CURLRETRY_SEARCH_H

#include "elf_file.h"

/* Who asks: the object whose DT_NEEDED it is, the program it came with, and
 * their places. */
struct search {
  const struct elf_file *by;
  const char *by_path;
  const struct elf_file *program;
  const char *program_path;
  bool is_musl;
  const char *folders; /* LD_LIBRARY_PATH; NULL: none */
};

/* The library's file; NULL: it isn't found. */
const char *search_library(const struct search *search, const char *name);

#endif
