/* start.h - what the process is given once, as it was when it started. */
#ifndef CURLRETRY_START_H
#define CURLRETRY_START_H

#include <stdbool.h>
#include <stddef.h>

/* The CURLRETRY_ variables, "NAME=value" each; constant. */
struct start_variables {
  const char *const *entries;
  size_t count;
  bool is_too_long; /* there were more than are kept */
};
struct start_variables start_variables(void);

/* The environment isn't to be trusted: set-user-ID programs and the like. */
bool start_is_secure(void);

/* The folder for temporary files: TMPDIR, or /tmp. */
const char *start_folder(void);

/* The working folder that the process was started in, where a path of LOG or
 * TRACE is relative; else, and where it has no name, "". */
const char *start_working_folder(void);

/* Whether descriptor 2 is still the file it was: a daemon may have closed it
 * and the next socket got its number. */
bool start_has_stderr(void);

/* The name it was started by, without a folder. */
const char *start_program(void);

#endif
