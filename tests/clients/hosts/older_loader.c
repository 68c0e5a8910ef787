/* A preload behind the shim that makes of the C library an older one: glibc
 * before 2.35 has no _dl_find_object(), nor has musl. */
#include <stdio.h>

static int calls;

int _dl_find_object(const void *address, void *found);

int _dl_find_object(const void *address, void *found) {
  (void)address, (void)found;
  __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
  return -1;
}

__attribute__((destructor)) static void end(void) {
  if (calls)
    (void)fprintf(stderr, "asked in vain\n");
}
