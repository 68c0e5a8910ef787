/* preflight.h - can the library be loaded into this program? */
#ifndef CURLRETRY_PREFLIGHT_H
#define CURLRETRY_PREFLIGHT_H

#include "elf_file.h"

/* 0: the program may be run, if with a warning; else the exit status. Each is
 * said in one line. A script is as good as its interpreter. */
int preflight_check(const char *path, const char *library);

/* A function that the library needs and a program's libc, which is musl's
 * dynamic linker, hasn't got; NULL: none, or there is no telling. */
const char *preflight_missing(const char *library, const char *linker);

/* Whether the program is linked with musl. */
bool preflight_is_musl(const struct elf_file *program);

/* Whether a file is the dynamic linker, run by hand: it has no linker itself
 * and does what it is asked. */
bool preflight_is_linker(const char *path);

#endif
