/* options.h - the command line: which variables it sets, and what to do.
 *
 * Every variable of the policy has an option of its name; what curlretry can
 * do beside running a program has a row in options.c. An option is written in
 * full: what is a clear beginning of one name today may be one of two later.
 */
#ifndef CURLRETRY_OPTIONS_H
#define CURLRETRY_OPTIONS_H

#include "policy.h"

#define VARIABLE_PREFIX "CURLRETRY_"
#define SETTINGS_MAX 128

enum mode {
  MODE_RUN,
  MODE_PRINT_ENV,
  MODE_DOCTOR,
  MODE_REPORT,
  MODE_SUMMARY,
  MODE_HELP,
  MODE_VERSION,
};

/* What an option said of a variable. */
struct setting {
  const struct policy_variable *variable;
  const char *option; /* "--max-retries" */
  const char *value;
  const char *between; /* option and value as typed: "=", " ", "" alone */
};

/* What the options of --report said, as typed; NULL: nothing. */
struct report_options {
  const char *by, *top;
  const char *form; /* "--json" ... */
};

struct command {
  enum mode mode;
  struct report_options report;
  struct setting settings[SETTINGS_MAX];
  size_t count;
  char **operands; /* the program and its arguments, or files; NULL at the
                      end */
};

/* False: one line on stderr has said what is wrong. */
bool options_parse(struct command *command, int argc, char **argv);

/* The option of a variable, "--max-retries". */
const char *options_of(const struct policy_variable *variable);

/* Whether a variable's option alone means 1, so that its value has to stand
 * behind "=": those that are off unless somebody switches them on. */
bool options_is_switch(const struct policy_variable *variable);

/* The last setting of a variable ("LOG"); NULL: no option has set it. */
const struct setting *options_setting(const struct command *command,
                                      const char *name);

#endif
