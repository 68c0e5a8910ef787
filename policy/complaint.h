/* complaint.h - the one line that says what a policy can't mean. */
#ifndef CURLRETRY_COMPLAINT_H
#define CURLRETRY_COMPLAINT_H

#include "policy.h"
#include "slice.h"

#define POLICY_PREFIX "CURLRETRY_"

/* What is wrong with a value. Static texts; `entry` is the entry of a list
 * that is meant, without text when it is the whole value. */
struct complaint {
  struct slice name;  /* the variable's, without the prefix */
  struct slice value; /* as the environment has it */
  struct slice entry;
  const char *problem; /* "not understood" ... */
  const char *accepts; /* for a known variable, else NULL */
  const char *nearest; /* for an unknown one: a known name close to it */
};

/* Write the line into `message`, POLICY_MESSAGE_SIZE bytes. Whatever the
 * environment holds: one line of printable ASCII. */
void complaint_write(const struct complaint *complaint, char *message);

#endif
