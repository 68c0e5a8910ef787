/* policy_test.h - what the tests of policy/ share: cmocka, and policies made
 * of the text a user would write. */
#ifndef CURLRETRY_POLICY_TEST_H
#define CURLRETRY_POLICY_TEST_H

#include "unit_test.h"

#include "policy.h"

/* The policy of one variable, "ON=503"; the test fails if it is refused. */
static inline struct policy policy_of(const char *setting) {
  struct policy policy;
  char entry[8192];
  char message[POLICY_MESSAGE_SIZE];
  const char *entries[] = {entry};
  snprintf(entry, sizeof entry, "CURLRETRY_%s", setting);
  if (!policy_parse(&policy, entries, 1, message))
    fail_msg("%s", message);
  return policy;
}

/* The message about one variable; the test fails if it is accepted. */
static inline const char *message_of(const char *setting) {
  static char message[POLICY_MESSAGE_SIZE];
  struct policy policy;
  char entry[8192];
  const char *entries[] = {entry};
  snprintf(entry, sizeof entry, "CURLRETRY_%s", setting);
  if (policy_parse(&policy, entries, 1, message))
    fail_msg("%s is accepted", setting);
  return message;
}

#endif
