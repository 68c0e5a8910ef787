/* failing_run.h - main() of a test program that makes every scene's transfers
 * with each call of the shim's failing in its turn: once, and from there on.
 * A scene is a test; each run is a process of its own, which then makes the
 * transfers again with nothing failing.
 */
#ifndef CURLRETRY_SHIM_FAILING_RUN_H
#define CURLRETRY_SHIM_FAILING_RUN_H

struct failing_choice {
  const char *name;   /* for failing_choose() */
  int error;          /* 0: none fails */
  const char *scenes; /* for these alone, between spaces; NULL: for all */
  bool is_closed;     /* the process has no 0, 1 and 2 */
  bool leaves_files;  /* what is no longer known to be the shim's stays open */
  bool is_always;     /* from the first on, or never */
};

struct failing_run {
  const struct failing_choice *choices;
  size_t count;
};

int failing_run(int argc, char **argv, const struct failing_run *run);

#endif
