/* Parsed at the first use, not in the constructor: most processes of the
 * environment never transfer anything. */
#include "host/config.h"

#include "host/log.h"
#include "host/start.h"
#include "host/trace.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define TRACE_PREFIX "CURLRETRY_TRACE="

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

/* A relative path is one of the folder that the process was started in. */
static void make_absolute(char *path) {
  const char *folder = start_working_folder();
  size_t length = strlen(folder);
  size_t size = strlen(path) + 1;

  if (length == 1)
    length = 0; /* "/" */
  if (!path[0] || path[0] == '/' || !folder[0] ||
      length + 1 + size > POLICY_PATH_SIZE)
    return;
  memmove(path + length + 1, path, size);
  memcpy(path, folder, length);
  path[length] = '/';
}

/* The trace is told of a policy that can't be understood, if only its own
 * variable can. */
static void parse_trace(struct policy *policy,
                        const struct start_variables *start) {
  char ignored[POLICY_MESSAGE_SIZE];

  for (size_t i = 0; i < start->count; i++)
    if (!strncmp(start->entries[i], TRACE_PREFIX, sizeof(TRACE_PREFIX) - 1)) {
      (void)policy_parse(policy, &start->entries[i], 1, ignored);
      return;
    }
}

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
  if (made->message[0])
    parse_trace(policy, &start);
  make_absolute(policy->log_path);
  make_absolute(policy->trace_path);
  if (made->message[0] || policy->disable ||
      (!policy->max_retries && !policy->faults.count) ||
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
  if (!made) { /* this time; the next call may find memory again */
    unshimmed.policy.disable = true;
    errno = saved;
    return &unshimmed;
  }
  if (!atomic_compare_exchange_strong(&parsed, &nobody, made)) {
    free(made);
    made = nobody;
  }
  errno = saved;
  return made;
}

static void report_error(const struct parsed *now) {
  log_policy_error(now->message);
  trace_note(&now->policy, LEVEL_ERROR, 0, now->message);
}

const struct policy *config_policy(void) {
  struct parsed *now = get_parsed();

  if (now->message[0] && !atomic_flag_test_and_set(&now->is_reported))
    report_error(now);
  return now->policy.disable ? NULL : &now->policy;
}

/* PHP alone has 28 of them: the first one is told of. */
static void tell_of_deepbind(const struct policy *policy, const char *file) {
  static atomic_flag is_told = ATOMIC_FLAG_INIT;
  char text[256] = "RTLD_DEEPBIND is taken from the program's dlopen calls; "
                   "the first: ";
  size_t used = strlen(text);
  size_t length = file ? strlen(file) : 0;

  if (policy->log_level < LEVEL_DEBUG || atomic_flag_test_and_set(&is_told))
    return;
  if (length > sizeof(text) - used - 1)
    length = sizeof(text) - used - 1;
  if (length)
    memcpy(text + used, file, length);
  text[used + length] = 0;
  log_note(policy, LEVEL_DEBUG, text);
}

bool config_strips_deepbind(const char *file) {
  const struct policy *policy = &get_parsed()->policy;

  if (policy->disable || policy->keep_deepbind)
    return false;
  tell_of_deepbind(policy, file);
  return true;
}
