/* shim_file.h - where libcurlretry.so is, and what LD_PRELOAD has to be. */
#ifndef CURLRETRY_SHIM_FILE_H
#define CURLRETRY_SHIM_FILE_H

#include <stdbool.h>

#define SHIM_NAME "libcurlretry.so"

/* The library that belongs to this program: beside it, where the installed
 * folders lie to each other, else where it was to be installed. So a tree may
 * be moved as a whole. NULL: one line has said what is wrong with it. */
const char *shim_file_find(void);

/* LD_PRELOAD with the library in it once and first; other entries and the
 * separators before them are kept, and the runtime of the address sanitizer
 * goes before us, as it insists (checklist, E5). `list` may be NULL. */
const char *shim_file_preload(const char *library, const char *list);

/* Whether LD_PRELOAD's text names a library of ours. */
bool shim_file_is_in(const char *list);

#endif
