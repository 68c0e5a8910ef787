/* test_failing_memory.c - out of memory: each allocation of the shim's fails
 * in its turn, once and with all later ones. */
#define _GNU_SOURCE
#include "setup.h"

#include "failing_run.h"

#include <errno.h>

int main(int argc, char **argv) {
  static const struct failing_choice choices[] = {
      {.name = "memory", .error = ENOMEM}};
  static const struct failing_run run = {choices, COUNT(choices)};

  return failing_run(argc, argv, &run);
}
