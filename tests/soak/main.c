/* soak MODE NAME SEED COUNT WIDTH FILES SERVERS OUT: MODE is easy, poll or
 * epoll. Prints at the end, for soak.sh: what it had after a fifth of the
 * transfers (a half of few) and after all: KiB of heap, KiB resident,
 * descriptors, threads. */
#define _GNU_SOURCE
#include "soak.h"

#include <dirent.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned count_entries(const char *folder) {
  DIR *open = opendir(folder);
  unsigned count = 0;
  struct dirent *entry;

  while (open && (entry = readdir(open)))
    count += entry->d_name[0] != '.';
  if (open)
    closedir(open);
  return count;
}

/* Of its own: not the bodies, which are mapped. */
static long resident_kib(void) {
  FILE *file = fopen("/proc/self/status", "re");
  char line[200];
  long kib = 0;

  while (file && fgets(line, sizeof line, file))
    (void)sscanf(line, "RssAnon: %ld", &kib);
  if (file)
    fclose(file);
  return kib;
}

static void print_state(const char *when) {
  struct mallinfo2 heap;

  malloc_trim(0);
  heap = mallinfo2();
  printf("%s %s heap %zu resident %ld descriptors %u threads %u\n", world.name,
         when, (heap.uordblks + heap.hblkhd) / 1024, resident_kib(),
         count_entries("/proc/self/fd"), count_entries("/proc/self/task"));
  fflush(stdout);
}

static unsigned number_of(const char *text) {
  return (unsigned)strtoul(text, NULL, 10);
}

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    void (*run)(unsigned first, unsigned count, unsigned width);
  } modes[] = {{"easy", easy_run}, {"poll", poll_run}, {"epoll", epoll_run}};
  void (*run)(unsigned, unsigned, unsigned) = NULL;
  unsigned count, warm;

  for (size_t i = 0; i < COUNT(modes); i++)
    if (argc == 9 && !strcmp(argv[1], modes[i].name))
      run = modes[i].run;
  if (!run || !world_open(argv[6], argv[7]))
    return 2;
  world.name = argv[2];
  world.seed = strtoull(argv[3], NULL, 10);
  world.out = fopen(argv[8], "we");
  count = number_of(argv[4]);
  /* Five of 25 are without TLS now and then, whose store is 300 KiB. */
  warm = count / (count < 200 ? 2 : 5);
  if (!world.out || curl_global_init(CURL_GLOBAL_ALL))
    return 2;
  run(0, warm, number_of(argv[5]));
  print_state("warm");
  run(warm, count - warm, number_of(argv[5]));
  print_state("end");
  return fclose(world.out) ? 2 : 0;
}
