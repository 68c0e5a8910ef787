/* test_policy_fuzz.c - whatever the environment holds, the answer is a policy
 * or one clean line. Deterministic: POLICY_FUZZ_SEED in the environment
 * repeats a run, POLICY_FUZZ_ROUNDS lengthens it. */
#include "policy_test.h"

#include "judge.h"

#include <stdlib.h>

/* The sanitizer is five times slower. */
#ifdef __SANITIZE_ADDRESS__
#define ROUNDS 50000
#else
#define ROUNDS 200000
#endif

static uint64_t seed = 0x9e3779b97f4a7c15u;

static const char *const pieces[] = {"default",
                                     "all",
                                     "none",
                                     "off",
                                     "!",
                                     ",",
                                     "503",
                                     "5xx",
                                     "520-527",
                                     "-",
                                     "curl:",
                                     "curl:56",
                                     "status",
                                     "dns",
                                     "1.5s",
                                     "250ms",
                                     "2m",
                                     "1h",
                                     "1m30s",
                                     "500ms",
                                     "64K",
                                     "0.5",
                                     "KiB",
                                     "curl:60",
                                     "1G",
                                     "0",
                                     "GET",
                                     "idempotent",
                                     "POST",
                                     "POST:429+503",
                                     "GET@https://H/*",
                                     ":",
                                     "+",
                                     "@",
                                     "*",
                                     "?",
                                     ".com",
                                     "/tmp/x",
                                     "stderr",
                                     "auto",
                                     "exponential",
                                     "full",
                                     "json",
                                     "true",
                                     "99999999999999999999",
                                     " ",
                                     "\t",
                                     "=",
                                     "\n",
                                     "\xc3\xa9",
                                     "\x01",
                                     "%s%n",
                                     "Host",
                                     "X-Try",
                                     ".",
                                     "18446744073709551615",
                                     "00000000000000000000000000000005"};

static const char *const names[] = {"MAX_RETRIES",    "ON",
                                    "METHODS",        "BACKOFF",
                                    "BASE_DELAY",     "MAX_DELAY",
                                    "JITTER",         "RETRY_AFTER",
                                    "MAX_TIME",       "TIMEOUT_SCOPE",
                                    "STALL_TIMEOUT",  "BUDGET",
                                    "HOLD_BYTES",     "HOLD_TIME",
                                    "RESUME",         "SNAPSHOT_MEMORY",
                                    "HOSTS",          "SNAPSHOT_DISK",
                                    "DRAIN_BYTES",    "FRESH_CONNECT",
                                    "CLOSE_IDLE",     "PROGRAMS",
                                    "ATTEMPT_HEADER", "MULTI",
                                    "KEEP_DEEPBIND",  "DISABLE",
                                    "FAULTS",         "FAULTS_SEED",
                                    "DRY_RUN",        "LOG",
                                    "LOG_LEVEL",      "LOG_FORMAT",
                                    "BUDGET_SCOPE",   "TRACE",
                                    "NOT_A_NAME",     ""};

static void append(char *text, size_t size, const char *piece) {
  size_t length = strlen(text);
  snprintf(text + length, size - length, "%s", piece);
}

/* A value of pieces, some of its bytes replaced, now and then a long one. */
static void make_entry(char *entry, size_t size) {
  uint32_t count =
      random_below(&seed, 100) == 0 ? 600 : random_below(&seed, 5);
  snprintf(entry, size,
           "CURLRETRY_%s=", names[random_below(&seed, COUNT(names))]);
  size_t start = strlen(entry);
  for (uint32_t i = 0; i < count; i++) {
    append(entry, size, pieces[random_below(&seed, COUNT(pieces))]);
    if (random_below(&seed, 3) == 0)
      append(entry, size, ",");
  }
  size_t length = strlen(entry);
  if (length == start)
    return;
  for (uint32_t i = random_below(&seed, 4) == 0 ? random_below(&seed, 4) : 0;
       i > 0; i--)
    entry[start + random_below(&seed, (uint32_t)(length - start))] =
        (char)(1 + random_below(&seed, 255));
}

static void assert_terminated(const char *text, size_t size) {
  assert_non_null(memchr(text, '\0', size));
}

static void assert_clean_line(const char *message) {
  size_t length = strnlen(message, POLICY_MESSAGE_SIZE);
  assert_in_range(length, 20, POLICY_MESSAGE_SIZE - 1);
  for (size_t i = 0; i < length; i++)
    assert_in_range(message[i], ' ', '~');
}

/* An accepted policy can be used, whatever it is. */
static void assert_usable(const struct policy *policy) {
  struct outcome outcome = {.code = (int)random_below(&seed, 130),
                            .status = (int)random_below(&seed, 1100),
                            .method = "GET",
                            .url = "https://user@h/path?query",
                            .can_rewind = true,
                            .retries = random_below(&seed, 5),
                            .time_left_ms = POLICY_UNLIMITED,
                            .tokens = 100,
                            .random = seed};
  struct verdict verdict = policy_judge(policy, &outcome);
  assert_true(verdict.delay_ms >= 0);
  (void)policy_glob(policy->hosts, "www.example.com");
  (void)policy_glob(policy->programs, "curl");
  assert_terminated(policy->methods, sizeof policy->methods);
  assert_terminated(policy->hosts, sizeof policy->hosts);
  assert_terminated(policy->programs, sizeof policy->programs);
  assert_terminated(policy->log_path, sizeof policy->log_path);
  assert_terminated(policy->attempt_header, sizeof policy->attempt_header);
  assert_in_range(policy->max_retries, 0, 1000);
  assert_in_range(policy->budget, 0, 1000000);
}

static void any_environment_gives_a_policy_or_one_clean_line(void **state) {
  (void)state;
  static char texts[3][8192];
  static const char *entries[] = {texts[0], texts[1], texts[2]};
  const char *given = getenv("POLICY_FUZZ_SEED");
  const char *rounds = getenv("POLICY_FUZZ_ROUNDS");
  long count = rounds != NULL ? atol(rounds) : ROUNDS;
  long accepted = 0;
  if (given != NULL)
    seed = strtoull(given, NULL, 0) | 1;
  print_message("seed 0x%llx, %ld rounds\n", (unsigned long long)seed, count);
  for (long i = 0; i < count; i++) {
    struct policy policy;
    char message[POLICY_MESSAGE_SIZE + 1];
    size_t used = 1 + random_below(&seed, COUNT(entries));
    for (size_t k = 0; k < used; k++)
      make_entry(texts[k], sizeof texts[k]);
    memset(message, 0x7f, sizeof message);
    if (policy_parse(&policy, entries, used, message)) {
      assert_string_equal(message, "");
      assert_usable(&policy);
      accepted++;
    } else {
      assert_clean_line(message);
    }
    assert_int_equal(message[POLICY_MESSAGE_SIZE], 0x7f);
  }
  assert_in_range(accepted, count / 50, count);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_environment_gives_a_policy_or_one_clean_line),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
