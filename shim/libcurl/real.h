/* real.h - the real dlopen() and dlsym(), called from our own object: so
 * RTLD_NEXT is what comes after us.
 */
#ifndef CURLRETRY_REAL_H
#define CURLRETRY_REAL_H

#include <stdint.h>

/* What runs before any constructor did must not be instrumented. */
#ifdef __clang__
#define PLAIN __attribute__((no_sanitize("address", "undefined", "thread")))
#else
#define PLAIN                                                                 \
  __attribute__((no_sanitize_address, no_sanitize_undefined,                  \
                 no_sanitize_thread))
#endif

/* As theirs; NULL also where libc hasn't got them. */
void *real_open(const char *file, int mode);
void *real_find(void *object, const char *name);
int real_close(void *object);

/* The program called dlclose(): what was remembered of an address may be of an
 * object that is gone. Another number after each. */
void real_note_close(void);
uint64_t real_closes(void);

/* Where they are, for the entry points that jump there. NULL: nowhere. */
void *real_dlopen_address(void);
void *real_dlsym_address(void);

#endif
