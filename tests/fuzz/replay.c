/* replay.c - main() of a target without libFuzzer: every input of its corpus
 * once, or the files that are named.
 *
 * tests/fuzz/corpus/NAME has an input a line; "\xHH" is a byte that is no
 * visible ASCII, or a backslash. */
#define _GNU_SOURCE
#include "fuzz.h"

#include <errno.h>

/* Its length; in place. */
static size_t unescape(char *text) {
  char *from = text, *to = text;

  for (; *from && *from != '\n'; to++) {
    unsigned byte;
    if (sscanf(from, "\\x%2x", &byte) == 1) {
      *to = (char)byte;
      from += 4;
    } else {
      *to = *from++;
    }
  }
  return (size_t)(to - text);
}

static void run(const char *bytes, size_t length) {
  uint8_t *copy = malloc(length ? length : 1); /* so that its end is seen */

  if (!copy)
    abort();
  memcpy(copy, bytes, length);
  (void)LLVMFuzzerTestOneInput(copy, length);
  free(copy);
}

static int run_corpus(const char *name) {
  char path[256];
  char *line = NULL;
  size_t size = 0;
  int count = 0;
  FILE *file;

  snprintf(path, sizeof path, "tests/fuzz/corpus/%s", name);
  file = fopen(path, "re");
  if (!file) {
    printf("not ok 1 - %s: %s\n1..1\n", path, strerror(errno));
    return 1;
  }
  while (getline(&line, &size, file) >= 0) {
    printf("# input %d\n", ++count);
    fflush(stdout);
    run(line, unescape(line));
  }
  free(line);
  fclose(file);
  printf("%s 1 - %d inputs hold\n1..1\n", count ? "ok" : "not ok", count);
  return !count;
}

static int run_file(const char *path) {
  static char bytes[1 << 20];
  FILE *file = fopen(path, "re");
  size_t length;

  if (!file) {
    perror(path);
    return 1;
  }
  length = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  run(bytes, length);
  return 0;
}

int main(int argc, char **argv) {
  const char *slash = strrchr(argv[0], '/');
  int result = 0;

  if (argc < 2)
    return run_corpus(slash ? slash + 1 : argv[0]);
  for (int i = 1; i < argc; i++)
    result |= run_file(argv[i]);
  return result;
}
