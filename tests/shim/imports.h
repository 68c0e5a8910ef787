/* imports.h - what one library in this process calls is replaced, for it
 * alone: its table of imported functions is rewritten. So it works under the
 * sanitizers and valgrind, too, which replace functions for all.
 */
#ifndef CURLRETRY_SHIM_IMPORTS_H
#define CURLRETRY_SHIM_IMPORTS_H

#include <stdbool.h>

/* `library`: a part of its file's name; `function`: what it is to call from
 * now on instead of the one that is named. False: it calls none of the name.
 */
bool imports_replace(const char *library, const char *name, void *function);

#endif
