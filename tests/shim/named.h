/* named.h - a file that a program names: one that can be read as often as one
 * likes, or once. */
#ifndef CURLRETRY_SHIM_NAMED_H
#define CURLRETRY_SHIM_NAMED_H

#include "setup.h"

#include <sys/types.h>

enum kind {
  KIND_REGULAR,
  KIND_NULL,    /* /dev/null: as often as one likes */
  KIND_MISSING, /* the same */
  KIND_FIFO,
  KIND_PIPE,  /* /dev/fd/N */
  KIND_STDIN, /* a pipe as /dev/stdin */
  KINDS
};

extern const char *const kind_names[KINDS];

struct named {
  char path[64];
  int ends[2];  /* of a pipe; -1: none */
  pid_t writer; /* into a FIFO; 0: none */
  int own_stdin;
};

/* Makes it, with this text in it. */
void named_open(struct named *named, enum kind kind, const char *text);

void named_close(struct named *named);

#endif
