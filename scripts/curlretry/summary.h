/* summary.h - --summary: run the program, then say what its transfers did. */
#ifndef CURLRETRY_SUMMARY_H
#define CURLRETRY_SUMMARY_H

#include "options.h"

/* Runs the operands' program as a child, passes signals on to it, and reports
 * on stderr. The answer is the program's exit status; where a signal has
 * killed it, this process dies of the same. */
int summary_run(const struct command *command);

#endif
