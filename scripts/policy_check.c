/* policy_check.c - the policy of this environment, checked by the parser the
 * library itself uses. Built as curlretry-policy; the launcher runs it.
 *
 *   curlretry-policy              exit status 0 when the CURLRETRY_ variables
 *                                 are understood; else 2 and one line
 *   curlretry-policy --print      the policy in effect, NAME=value lines that
 *                                 mean the same when they are parsed again
 *   curlretry-policy --variables  a line for each variable, tab separated:
 *                                 --option, variable, default, what is
 *                                 accepted, what it means
 *
 * A tool of its own process: unlike policy/ it may use stdio and exit.
 */
#include "policy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "CURLRETRY_"
#define USAGE_ERROR 2

extern char **environ;

static const char usage_text[] =
    "Usage: curlretry-policy [--print | --variables | --help]\n"
    "Check the CURLRETRY_ variables of the environment.\n"
    "\n"
    "  --print      show the policy in effect\n"
    "  --variables  list the variables: option, variable, default, accepted\n"
    "               values and meaning, separated by tabs\n"
    "  --help       show this text\n"
    "\n"
    "Exit status: 0 when the policy is understood, else 2.\n";

/* "MAX_RETRIES" as the launcher's option, "--max-retries". */
static void print_option(const char *name) {
  fputs("--", stdout);
  for (; *name != '\0'; name++) {
    if (*name == '_')
      putchar('-');
    else
      putchar(*name - 'A' + 'a');
  }
}

static void print_variables(void) {
  const struct policy_variable *variable = policy_variables(NULL);
  for (; variable->name != NULL; variable++) {
    print_option(variable->name);
    printf("\t" PREFIX "%s\t%s\t%s\t%s\n", variable->name, variable->initial,
           variable->accepts, variable->meaning);
  }
}

static void print_word(const char *name, const char *word) {
  printf(PREFIX "%s=%s\n", name, word);
}

static void print_number(const char *name, int64_t number, const char *unit) {
  if (number == 0 || number == POLICY_UNLIMITED)
    print_word(name, "off");
  else
    printf(PREFIX "%s=%" PRId64 "%s\n", name, number, unit);
}

static bool has_bit(const uint8_t *bits, unsigned index) {
  return (bits[index / 8] >> (index % 8)) & 1;
}

static void print_code(bool is_negated, unsigned code) {
  printf(",%scurl:%u", is_negated ? "!" : "", code);
}

/* A set as what has to be added to nothing, or taken from `all`. */
static void print_on(const struct retry_set *on) {
  static const char *const all_entry[] = {PREFIX "ON=all"};
  static struct policy all;
  char message[POLICY_MESSAGE_SIZE];
  (void)policy_parse(&all, all_entry, 1, message);
  if (!on->ftp_permanent)
    memset(&all.on, 0, sizeof all.on);
  printf(PREFIX "ON=%s", on->ftp_permanent ? "all" : "none");
  for (unsigned code = 1; code < POLICY_CODE_COUNT; code++) {
    if (has_bit(on->codes, code) != has_bit(all.on.codes, code))
      print_code(on->ftp_permanent && !has_bit(on->codes, code), code);
  }
  unsigned last = POLICY_STATUS_MIN;
  for (unsigned first = last; first <= POLICY_STATUS_MAX; first = last + 1) {
    bool is_set = has_bit(on->statuses, first);
    last = first;
    if (is_set == has_bit(all.on.statuses, first))
      continue;
    while (last < POLICY_STATUS_MAX &&
           has_bit(on->statuses, last + 1) == is_set)
      last++;
    printf(",%s%u", is_set ? "" : "!", first);
    if (last != first)
      printf("-%u", last);
  }
  putchar('\n');
}

static void print_lists(const struct policy *policy) {
  bool has_header = policy->attempt_header[0] != '\0';
  print_word("METHODS", policy->methods);
  print_word("ATTEMPT_HEADER", has_header ? policy->attempt_header : "off");
  print_word("HOSTS", policy->hosts);
  print_word("PROGRAMS", policy->programs);
}

static void print_choices(const struct policy *policy) {
  static const char *const backoff[] = {"exponential", "linear", "constant"};
  static const char *const jitter[] = {"equal", "full", "none"};
  static const char *const scope[] = {"call", "attempt"};
  static const char *const fresh[] = {"auto", "always", "never"};
  static const char *const level[] = {"error", "warn", "info", "debug"};
  static const char *const format[] = {"text", "json"};
  static const char *const flag[] = {"0", "1"};
  print_word("BACKOFF", backoff[policy->backoff]);
  print_word("JITTER", jitter[policy->jitter]);
  print_word("TIMEOUT_SCOPE", scope[policy->timeout_scope]);
  print_word("RESUME", policy->resume ? "auto" : "off");
  print_word("FRESH_CONNECT", fresh[policy->fresh_connect]);
  print_word("CLOSE_IDLE", flag[policy->close_idle]);
  print_word("MULTI", flag[policy->multi]);
  print_word("KEEP_DEEPBIND", flag[policy->keep_deepbind]);
  print_word("DISABLE", flag[policy->disable]);
  print_word("DRY_RUN", flag[policy->dry_run]);
  print_word("LOG", policy->log_target == LOG_TO_FILE     ? policy->log_path
                    : policy->log_target == LOG_TO_STDERR ? "stderr"
                                                          : "off");
  print_word("LOG_LEVEL", level[policy->log_level]);
  print_word("LOG_FORMAT", format[policy->log_format]);
}

static void print_policy(const struct policy *policy) {
  print_number("MAX_RETRIES", policy->max_retries, "");
  print_on(&policy->on);
  print_lists(policy);
  print_number("BASE_DELAY", policy->base_delay_ms, "ms");
  print_number("MAX_DELAY", policy->max_delay_ms, "ms");
  print_number("RETRY_AFTER", policy->retry_after_ms, "ms");
  print_number("MAX_TIME", policy->max_time_ms, "ms");
  print_number("STALL_TIMEOUT", policy->stall_timeout_ms, "ms");
  print_number("BUDGET", policy->budget, "");
  print_number("HOLD_BYTES", policy->hold_bytes, "");
  print_number("HOLD_TIME", policy->hold_time_ms, "ms");
  print_number("SNAPSHOT_MEMORY", policy->snapshot_memory, "");
  print_number("SNAPSHOT_DISK", policy->snapshot_disk, "");
  print_number("DRAIN_BYTES", policy->drain_bytes, "");
  print_choices(policy);
}

/* Parse the environment. False, with the message on stderr, when it is not
 * understood. */
static bool parse_environment(struct policy *policy) {
  static const char *entries[4096];
  size_t room = sizeof entries / sizeof entries[0];
  size_t count = 0;
  char message[POLICY_MESSAGE_SIZE];
  for (char **entry = environ; *entry != NULL && count < room; entry++) {
    if (strncmp(*entry, PREFIX, sizeof PREFIX - 1) == 0)
      entries[count++] = *entry;
  }
  if (policy_parse(policy, entries, count, message))
    return true;
  fprintf(stderr, "curlretry: %s\n", message);
  return false;
}

int main(int argc, char **argv) {
  static struct policy policy;
  const char *option = argc > 1 ? argv[1] : "";
  if (argc > 2 ||
      (argc == 2 && strcmp(option, "--print") != 0 &&
       strcmp(option, "--variables") != 0 && strcmp(option, "--help") != 0)) {
    fputs(usage_text, stderr);
    return USAGE_ERROR;
  }
  if (strcmp(option, "--help") == 0) {
    fputs(usage_text, stdout);
  } else if (strcmp(option, "--variables") == 0) {
    print_variables();
  } else {
    if (!parse_environment(&policy))
      return USAGE_ERROR;
    if (argc == 2)
      print_policy(&policy);
  }
  return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
