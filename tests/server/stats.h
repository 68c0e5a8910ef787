/* Connections and requests in flight. Thread-safe. */
#ifndef FAULTY_STATS_H
#define FAULTY_STATS_H

#include <stdio.h>

/* Counts a connection at its first request; returns its number, from 1. */
unsigned stats_connection(int fd);

/* To be called before FD is closed. */
void stats_disconnect(int fd);

/* A request of FD begins. Requests of connections which the client has
   already left no longer count as running. */
void stats_begin(int fd);

/* The request of FD is about to send its last byte or to be broken off;
   harmless when called again. */
void stats_end(int fd);

void stats_write_json(FILE *out);

#endif
