/* report.h - --report: what happened, from traces.
 *
 * Exit status: 0; 2 when an option is wrong or a file can't be read.
 */
#ifndef CURLRETRY_REPORT_H
#define CURLRETRY_REPORT_H

#include "options.h"

#include <stdio.h>

int report_run(const struct command *command);

/* The table of a trace, from where the file stands on; it says so where no
 * transfer is in it, and asks for the doctor with `program`. */
void report_summary(int file, FILE *out, const char *program);

#endif
