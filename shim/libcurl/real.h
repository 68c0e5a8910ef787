/* real.h - the loader's own functions, called from our own object: so
 * RTLD_NEXT is what comes after us. Each is looked up once, since older C
 * libraries have them in a library that may be absent (host/libc.h).
 */
#ifndef CURLRETRY_REAL_H
#define CURLRETRY_REAL_H

#include <dlfcn.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>

/* As theirs; NULL also where libc hasn't got them. */
void *real_open(const char *file, int mode);
void *real_find(void *object, const char *name);
int real_close(void *object);

/* dladdr(): false, it lies in no object. dlinfo(): an object's entry in the
 * loader's list. dlerror(): our own failed look-ups are not the host's
 * business. */
bool real_address(const void *address, Dl_info *info);
struct link_map *real_map(void *object);
void real_forget_error(void);

/* The program called dlclose(): what was remembered of an address may be of an
 * object that is gone. Another number after each. */
void real_note_close(void);
uint64_t real_closes(void);

/* Where they are, for the entry points that jump there. NULL: nowhere. */
void *real_dlopen_address(void);
void *real_dlsym_address(void);

#endif
