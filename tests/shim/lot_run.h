/* lot_run.h - main() of a test program that performs many drawn transfers:
 * each scene in a child with its policy, many threads in each.
 *
 * RANDOM_SEED=N repeats a run, RANDOM_COUNT=N is the number of transfers,
 * RANDOM_ONLY=N the one of them to be performed. A transfer depends on the
 * seed and its own number alone.
 */
#ifndef CURLRETRY_SHIM_LOT_RUN_H
#define CURLRETRY_SHIM_LOT_RUN_H

#include "lot.h"

struct lot_run {
  const struct lot_scene *scenes;
  size_t scene_count;
  void (*draw)(struct lot *lot, unsigned long long seed, unsigned number,
               const struct lot_scene *scene);
  unsigned usual;     /* transfers */
  unsigned in_a_long; /* under TEST_LONG; the server keeps 8192 plans */
};

int lot_run(int argc, char **argv, const struct lot_run *run);

#endif
