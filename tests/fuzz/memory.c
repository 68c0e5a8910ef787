/* Instead of libc's, for the shim: out of memory where the input says so. */
#include "memory.h"

#include <errno.h>

void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *text);

static unsigned until, fails; /* so many succeed, then so many fail */

void memory_fails(unsigned after, unsigned count) {
  until = after;
  fails = count;
}

static bool is_out(void) {
  if (!fails)
    return false;
  if (until) {
    until--;
    return false;
  }
  fails--;
  errno = ENOMEM;
  return true;
}

void *__wrap_malloc(size_t size) {
  return is_out() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
  return is_out() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size) {
  return is_out() ? NULL : __real_realloc(memory, size);
}

char *__wrap_strdup(const char *text) {
  return is_out() ? NULL : __real_strdup(text);
}
