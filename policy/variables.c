/* variables.c - the variables as a table for people: --help, README checks.
 *
 * Apart from parse.c, because its pointers would cost every process that
 * loads the library relocations at its start. Only tools link this file.
 */
#include "policy.h"

#define VARIABLE(name, kind, member, words, initial, accepts, meaning)        \
  {#name, initial, accepts, meaning},

static const struct policy_variable variables[] = {
#include "variable_list.h"
    {NULL, NULL, NULL, NULL},
};

const struct policy_variable *policy_variables(size_t *count) {
  if (count != NULL)
    *count = sizeof variables / sizeof variables[0] - 1;
  return variables;
}
