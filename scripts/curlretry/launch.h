/* launch.h - become the program, with the library in it. */
#ifndef CURLRETRY_LAUNCH_H
#define CURLRETRY_LAUNCH_H

#include "options.h"

/* A program that may be run, with the environment that does it in place. */
struct launch {
  const char *path;
  char **operands;
  struct policy policy;
};

/* 0, or the exit status after one line that says why it may not. */
int launch_prepare(const struct command *command, struct launch *launch);

/* Become the program; the answer is as launch_run()'s. */
int launch_execute(const struct launch *launch);

/* Runs the operands' program in this process's place; the answer is the exit
 * status where that can't be, after one line that says why. */
int launch_run(const struct command *command);

/* The same environment as NAME=value lines. */
int launch_print_env(const struct command *command);

/* One line for a program that `name` isn't, and its exit status: not found
 * (127) or not executable (126). `error` is program_find()'s errno. */
int launch_explain(const struct command *command, int error);

#endif
