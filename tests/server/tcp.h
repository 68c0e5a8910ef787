/* The raw TCP proxy: one step of the plan per accepted connection. */
#ifndef FAULTY_TCP_H
#define FAULTY_TCP_H

#include "chaos.h"

#include <stdbool.h>
#include <stdint.h>

/* To be called once, before the first connection. TARGET is an IPv4 address,
   NULL: 127.0.0.1. LOG_FILE may be NULL.
   False, with a message printed, when PLAN or the file is no good. */
bool tcp_setup(const char *target, uint16_t target_port, const char *plan,
               const char *log_file);

/* Steps are drawn instead of the plan's. */
void tcp_draw(const struct chaos *chaos);

/* Serves FD until its end and closes it. */
void tcp_serve(int fd);

#endif
