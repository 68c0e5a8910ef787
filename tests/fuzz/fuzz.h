/* fuzz.h - what all targets share: an input that is drawn from byte by byte,
 * and properties that hold whatever it says. A target is one file with
 * LLVMFuzzerTestOneInput(); libFuzzer calls it, or replay.c with the inputs of
 * its corpus.
 */
#ifndef CURLRETRY_FUZZ_H
#define CURLRETRY_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The shim's own allocations may fail (process.c); those of the tests don't.
 */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
char *__real_strdup(const char *text);
#define malloc __real_malloc
#define calloc __real_calloc
#undef strdup
#define strdup __real_strdup

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

extern struct input {
  const uint8_t *bytes;
  size_t left;
} input;

/* 0 ... limit - 1, of one byte; 0 once the input has ended. */
static inline unsigned draw(unsigned limit) {
  if (!input.left)
    return 0;
  input.left--;
  return *input.bytes++ % limit;
}

/* Once in so many times. */
static inline bool draw_once_in(unsigned times) {
  return draw(times) == times - 1;
}

/* The rest of the input, or what comes before the next byte `end` in it, as
 * text in memory of its own; to be freed. */
char *draw_text(int end);

/* It has to be so: else the process ends with this text. */
#define CHECK(condition, ...)                                                 \
  do {                                                                        \
    if (!(condition))                                                         \
      fuzz_fail(__FILE__, __LINE__, __VA_ARGS__);                             \
  } while (0)
_Noreturn void fuzz_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A line of what happens, where FUZZ_SHOW is in the environment. */
void fuzz_show(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
