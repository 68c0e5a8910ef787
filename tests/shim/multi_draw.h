/* multi_draw.h - many transfers at once, each with a failure drawn by lot. */
#ifndef CURLRETRY_SHIM_MULTI_DRAW_H
#define CURLRETRY_SHIM_MULTI_DRAW_H

#include "multi_transfer.h"

struct batch {
  const char *name; /* parts the keys */
  unsigned long long seed;
  unsigned count;
  bool is_quick;     /* no Retry-After of a second */
  bool reads_late;   /* as crowd's */
  long connections;  /* at most; 0: no bound */
  char trouble[800]; /* the first one; "": none */
};

/* By a drive whose turn() is crowd_turn(). Whether all is right: each ended
 * well, with one message and as many requests as its plan has steps.
 * RANDOM_FAULTS=0: none fails, so that the loops can be tried without the
 * shim. */
bool batch_run(struct batch *batch, struct drive *drive);

#endif
