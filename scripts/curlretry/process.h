/* process.h - a running process, by proc(5). */
#ifndef CURLRETRY_PROCESS_H
#define CURLRETRY_PROCESS_H

#include "objects.h"

struct process {
  long id;
  const char *program; /* its file; "" where it has none */
  const char *name;    /* as curlretry's PROGRAMS sees it */
  char **environment;  /* as the program was started; NULL: unknown */
  bool is_titled;      /* that is gone: it wrote a title over it */
  bool is_secure;      /* setuid and the like: LD_PRELOAD was ignored */
  bool is_changed;     /* its file was replaced since */
  long parent;
};

/* False: there is no such process, or it may not be looked into: errno. */
bool process_read(struct process *process, long id);

/* The name's value in its environment; NULL: none. */
const char *process_variable(const struct process *process, const char *name);

/* The nearest process above it with the library in LD_PRELOAD; 0: none. */
long process_preloaded_ancestor(const struct process *process);

/* What is mapped into it. */
struct process_map {
  struct objects objects;
  const char *shim;      /* the library's path; NULL: not mapped */
  bool is_shim_replaced; /* its file isn't the mapped one any more */
};
bool process_read_map(const struct process *process, struct process_map *map);

#endif
