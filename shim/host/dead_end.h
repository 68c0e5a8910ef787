/* dead_end.h - a connection that leads nowhere: what is to be heard from it is
 * known beforehand, what is sent is dropped.
 */
#ifndef CURLRETRY_DEAD_END_H
#define CURLRETRY_DEAD_END_H

#include "host/descriptor.h"

#include <stddef.h>

struct dead_end {
  struct descriptor peer; /* the other end, while the connection lives */
  char name[48];          /* its name, of an abstract Unix socket */
};

static inline struct dead_end dead_end_none(void) {
  return (struct dead_end){.peer = descriptor_none()};
}

/* Choose a name. */
void dead_end_name(struct dead_end *dead_end);

/* A socket for whoever connects it to that name: connect() succeeds at once.
 * It hears `length` bytes of `heard`, fewer than 64K, then the end. The
 * caller's, who closes it; the one before is dead. -1: there is none to be
 * had. */
int dead_end_open(struct dead_end *dead_end, const char *heard, size_t length);

/* The other end is closed. */
void dead_end_close(struct dead_end *dead_end);

#endif
