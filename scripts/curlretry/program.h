/* program.h - the file that a name means, and what its exec would do. */
#ifndef CURLRETRY_PROGRAM_H
#define CURLRETRY_PROGRAM_H

#include <stdbool.h>

/* The file that execvp(3) would run for `name`: NULL with errno EACCES where
 * there is only one that can't be executed, else ENOENT. */
const char *program_find(const char *name);

/* The "#!" line of a script: the interpreter, and the program that an env(1)
 * in its place is to find, whose name is then in `wanted`. */
struct program_script {
  const char *interpreter; /* "" where there is none */
  const char *wanted;      /* NULL: the interpreter is no env(1) */
};
void program_read_script(const char *path, struct program_script *script);

/* What about the file makes the dynamic linker ignore LD_PRELOAD when this
 * user executes it (ld.so(8), "secure-execution mode"): "setuid" ... NULL:
 * nothing. */
const char *program_privilege(const char *path);

/* The same for a user without privileges. */
const char *program_privilege_of_others(const char *path);

/* The part behind the last slash. */
const char *program_name(const char *path);

#endif
