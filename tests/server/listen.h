/* The listener: one thread per connection, and an end that always comes. */
#ifndef FAULTY_LISTEN_H
#define FAULTY_LISTEN_H

#include <stdbool.h>

enum listen_kind {
  LISTEN_SERVE,
  LISTEN_REFUSE, /* the port is taken but refuses */
  LISTEN_MUTE,   /* connects, but nobody ever accepts */
  LISTEN_FULL    /* the backlog is full: connecting hangs */
};

struct listen_options {
  enum listen_kind kind;
  void (*serve)(int fd); /* serves a connection and closes it */
  bool is_ipv6;
  bool is_until_eof;       /* end when stdin ends */
  int life_s;              /* end after so many seconds */
  int port;                /* 0: one that the kernel picks */
  int rcvbuf;              /* bytes; 0: the kernel's choice */
  const char *listen_when; /* a file; refuses while it is empty; or NULL */
  const char *port_file;   /* or NULL */
};

/* Prints the port and serves until the parent dies, the life is over or, if
   asked for, stdin ends. Returns the exit code. */
int listen_run(const struct listen_options *options);

#endif
