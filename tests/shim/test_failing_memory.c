/* test_failing_memory.c - out of memory: each allocation of the shim's fails
 * in its turn, once and with all later ones; and many of libcurl's. */
#define _GNU_SOURCE
#include "setup.h"

#include "failing_run.h"

#include <errno.h>

int main(int argc, char **argv) {
  /* not "copy": after a curl_easy_duphandle() that failed libcurl 7.88 crashes
     in the original's next transfer */
  static const struct failing_choice choices[] = {
      {.name = "memory", .error = ENOMEM},
      {.name = "process",
       .error = ENOMEM,
       .scenes = " status resumed skipped redirect post spool-cut "
                 "poll epoll "}};
  static const struct failing_run run = {choices, COUNT(choices)};

  return failing_run(argc, argv, &run);
}
