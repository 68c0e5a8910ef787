/* main.c - curlretry: runs a program with failed libcurl transfers retried,
 * and says whether that works and what happened.
 *
 * A process of its own: unlike shim/ and policy/, whose parser it links, it
 * may use stdio and exit, and it frees nothing: it ends, or becomes the
 * program. Nothing of it stays in the program but environment variables.
 */
#include "doctor.h"
#include "help.h"
#include "launch.h"
#include "report/report.h"
#include "say.h"
#include "summary.h"

#include <stdio.h>
#include <stdlib.h>

static int act(const struct command *command) {
  switch (command->mode) {
  case MODE_HELP:
    return help_print();
  case MODE_VERSION:
    return help_print_version();
  case MODE_PRINT_ENV:
    return launch_print_env(command);
  case MODE_DOCTOR:
    return doctor_run(command);
  case MODE_REPORT:
    return report_run(command);
  case MODE_SUMMARY:
    return summary_run(command);
  default:
    return launch_run(command);
  }
}

int main(int argc, char **argv) {
  static struct command command;
  if (!options_parse(&command, argc, argv))
    return EXIT_USAGE;
  int status = act(&command);
  if (fflush(stdout) == 0 && !ferror(stdout))
    return status;
  complain("the output can't be written");
  return EXIT_USAGE;
}
