/* Parsed at the first use, not in the constructor: most processes of the
 * environment never transfer anything. */
#include "host/config.h"

#include "host/log.h"
#include "host/start.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static struct budget_table budgets;

struct budget_table *config_budgets(void) {
  return &budgets;
}

/* The parsed policy and what there is to say about it. */
struct parsed {
  struct policy policy;
  char message[POLICY_MESSAGE_SIZE];
  atomic_flag is_reported;
};

static struct parsed unshimmed; /* stands for "run as if unshimmed" */

/* Parsed at the first use; the first thread to publish wins. */
static _Atomic(struct parsed *) parsed;

/* Parse into fresh memory; NULL: out of memory. */
static struct parsed *parse(void) {
  struct parsed *made = calloc(1, sizeof(*made));
  struct start_variables start = start_variables();
  struct policy *policy;

  if (!made)
    return NULL;
  policy = &made->policy;
  if (start_is_secure()) {
    (void)policy_parse(policy, NULL, 0, made->message);
    policy->disable = true;
    return made;
  }
  if (start.is_too_long) {
    static const char text[] =
        "CURLRETRY_ variables: more than 64, or more than 16384 bytes of "
        "text; accepted: less";
    policy_defaults(policy);
    memcpy(made->message, text, sizeof(text));
  } else {
    (void)policy_parse(policy, start.entries, start.count, made->message);
  }
  if (made->message[0] || policy->disable || !policy->max_retries ||
      !policy_glob(policy->programs, start_program()))
    policy->disable = true;
  return made;
}

static struct parsed *get_parsed(void) {
  struct parsed *now = atomic_load_explicit(&parsed, memory_order_acquire);
  struct parsed *nobody = NULL;
  struct parsed *made;
  int saved = errno;

  if (now)
    return now;
  made = parse();
  unshimmed.policy.disable = true;
  now = made ? made : &unshimmed;
  if (!atomic_compare_exchange_strong(&parsed, &nobody, now)) {
    free(made);
    now = nobody;
  }
  errno = saved;
  return now;
}

const struct policy *config_policy(void) {
  struct parsed *now = get_parsed();

  if (now->message[0] && !atomic_flag_test_and_set(&now->is_reported))
    log_policy_error(now->message);
  return now->policy.disable ? NULL : &now->policy;
}

bool config_strips_deepbind(const char *file) {
  const struct policy *policy = &get_parsed()->policy;

  if (policy->disable || policy->keep_deepbind)
    return false;
  if (policy->log_level >= LEVEL_DEBUG) {
    char text[256] = "RTLD_DEEPBIND taken from dlopen of ";
    size_t used = strlen(text);
    size_t length = file ? strlen(file) : 0;
    if (length > sizeof(text) - used - 1)
      length = sizeof(text) - used - 1;
    if (length)
      memcpy(text + used, file, length);
    text[used + length] = 0;
    log_note(policy, LEVEL_DEBUG, text);
  }
  return true;
}
