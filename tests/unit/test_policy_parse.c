/* test_policy_parse.c - the variables: every form of every value. */
#include "policy_test.h"

static void assert_same_policy(const struct policy *a,
                               const struct policy *b) {
  assert_memory_equal(a, b, sizeof *a);
}

static void defaults_are_those_of_the_contract(void **state) {
  (void)state;
  struct policy policy;
  memset(&policy, 0xa5, sizeof policy);
  policy_defaults(&policy);
  assert_int_equal(policy.max_retries, 3);
  assert_string_equal(policy.methods, "IDEMPOTENT");
  assert_int_equal(policy.backoff, BACKOFF_EXPONENTIAL);
  assert_int_equal(policy.base_delay_ms, 1000);
  assert_int_equal(policy.max_delay_ms, 30000);
  assert_int_equal(policy.jitter, JITTER_EQUAL);
  assert_int_equal(policy.retry_after_ms, 60000);
  assert_int_equal(policy.max_time_ms, 120000);
  assert_int_equal(policy.timeout_scope, SCOPE_CALL);
  assert_true(policy.stall_timeout_ms == POLICY_UNLIMITED);
  assert_int_equal(policy.budget, 100);
  assert_int_equal(policy.budget_scope, BUDGET_OF_PROCESS);
  assert_int_equal(policy.hold_bytes, 1048576);
  assert_int_equal(policy.hold_time_ms, 1000);
  assert_true(policy.resume);
  assert_int_equal(policy.snapshot_memory, 1048576);
  assert_int_equal(policy.snapshot_disk, 268435456);
  assert_int_equal(policy.drain_bytes, 65536);
  assert_int_equal(policy.fresh_connect, FRESH_AUTO);
  assert_false(policy.close_idle);
  assert_string_equal(policy.attempt_header, "");
  assert_string_equal(policy.hosts, "*");
  assert_string_equal(policy.programs, "*");
  assert_true(policy.multi);
  assert_false(policy.keep_deepbind || policy.disable || policy.dry_run);
  assert_int_equal(policy.log_target, LOG_TO_STDERR);
  assert_string_equal(policy.log_path, "");
  assert_int_equal(policy.log_level, LEVEL_WARN);
  assert_int_equal(policy.log_format, FORMAT_TEXT);
}

static void no_entries_mean_the_defaults(void **state) {
  (void)state;
  struct policy defaults;
  struct policy policy;
  char message[POLICY_MESSAGE_SIZE] = "before";
  policy_defaults(&defaults);
  assert_true(policy_parse(&policy, NULL, 0, message));
  assert_same_policy(&policy, &defaults);
  assert_string_equal(message, "");
}

static void every_default_means_the_same_when_it_is_set(void **state) {
  (void)state;
  size_t count = 0;
  struct policy defaults;
  const struct policy_variable *variables = policy_variables(&count);
  policy_defaults(&defaults);
  assert_true(count >= 31);
  assert_null(variables[count].name);
  for (size_t i = 0; i < count; i++) {
    char setting[256];
    snprintf(setting, sizeof setting, "%s=%s", variables[i].name,
             variables[i].initial);
    struct policy policy = policy_of(setting);
    assert_same_policy(&policy, &defaults);
    assert_true(strlen(variables[i].accepts) > 0);
    assert_true(strlen(variables[i].meaning) > 0);
  }
}

static void an_empty_or_blank_value_means_the_default(void **state) {
  (void)state;
  size_t count = 0;
  struct policy defaults;
  const struct policy_variable *variables = policy_variables(&count);
  policy_defaults(&defaults);
  for (size_t i = 0; i < count; i++) {
    char setting[64];
    snprintf(setting, sizeof setting, "%s= \t ", variables[i].name);
    struct policy policy = policy_of(setting);
    assert_same_policy(&policy, &defaults);
  }
}

static void durations_are_read_in_every_form(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int64_t ms;
  } rows[] = {
      {"0.5", 500},
      {"1", 1000},
      {"30", 30000},
      {"250ms", 250},
      {"1.5s", 1500},
      {"2m", 120000},
      {"1h", 3600000},
      {"1.5m", 90000},
      {"0.25h", 900000},
      {" 2S ", 2000},
      {"1.5MS", 2},
      {"1.4ms", 1},
      {"0.4ms", 1},
      {"0.0001", 1},
      {"0.00149", 1},
      {"0.0015", 2},
      {"007", 7000},
      {"0.000000000000000000000001", 1},
      {"365h", 1314000000},
      {"8760h", INT64_C(31536000000)},
      {"31536000", INT64_C(31536000000)},
      {"31536000000ms", INT64_C(31536000000)},
      {"1.999999999999999999999999999999", 2000},
      {"0.3333333333333333333333333333h", 1200000},
      {"1m30s", 90000},
      {"1h5m", 3900000},
      {"1m500ms", 60500},
      {"1h2m3s4ms", 3723004},
      {"1H2M3S4MS", 3723004},
      {"1h1ms", 3600001},
      {"90m90s", 5490000},
      {"1m1.5s", 61500},
      {"1.5h30m", 7200000},
      {"0h0m1s", 1000},
      {"01m05s", 65000},
      {"0h0.0001ms", 1},
      {"0.0004s0.2ms", 1},
      {"1s0.4ms", 1000},
      {"8759h59m59s1000ms", INT64_C(31536000000)},
      {"0.999999999999h0.999999999999m0.999999999999s0.999999999999ms",
       3661001},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char setting[96];
    snprintf(setting, sizeof setting, "BASE_DELAY=%s", rows[i].text);
    assert_int_equal(policy_of(setting).base_delay_ms, rows[i].ms);
  }
}

static void a_duration_of_off_is_no_bound_or_no_time(void **state) {
  (void)state;
  static const char *const forms[] = {"off",   "0",  "OFF", "0ms",
                                      "0.000", "00", "0m0s"};
  for (size_t i = 0; i < COUNT(forms); i++) {
    char setting[64];
    snprintf(setting, sizeof setting, "MAX_TIME=%s", forms[i]);
    assert_true(policy_of(setting).max_time_ms == POLICY_UNLIMITED);
    snprintf(setting, sizeof setting, "STALL_TIMEOUT=%s", forms[i]);
    assert_true(policy_of(setting).stall_timeout_ms == POLICY_UNLIMITED);
    snprintf(setting, sizeof setting, "HOLD_TIME=%s", forms[i]);
    assert_true(policy_of(setting).hold_time_ms == POLICY_UNLIMITED);
    snprintf(setting, sizeof setting, "MAX_DELAY=%s", forms[i]);
    assert_true(policy_of(setting).max_delay_ms == POLICY_UNLIMITED);
    snprintf(setting, sizeof setting, "BASE_DELAY=%s", forms[i]);
    assert_int_equal(policy_of(setting).base_delay_ms, 0);
    snprintf(setting, sizeof setting, "RETRY_AFTER=%s", forms[i]);
    assert_int_equal(policy_of(setting).retry_after_ms, 0);
  }
}

static void sizes_are_read_in_every_form(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int64_t bytes;
  } rows[] = {
      {"off", 0},
      {"0", 0},
      {"1", 1},
      {"65536", 65536},
      {"64K", 65536},
      {"64k", 65536},
      {"1M", 1048576},
      {"3m", 3145728},
      {"2G", INT64_C(2147483648)},
      {"0G", 0},
      {"1048576g", INT64_C(1) << 50},
      {"4294967296", INT64_C(4294967296)},
      {"1125899906842624", INT64_C(1) << 50},
      {"1.5M", 1572864},
      {"0.5K", 512},
      {"0.5k", 512},
      {"2.25G", INT64_C(2415919104)},
      {"1.0K", 1024},
      {"0.1K", 102},    /* 102.4 */
      {"0.0005K", 1},   /* 0.512 */
      {"0.0004K", 0},   /* 0.4096 */
      {"0.3M", 314573}, /* 314572.8 */
      {"0.333333333333333333333333333G", 357913941},
      {"0.9999999999999999999999G", 1073741824},
      {"1048575.5G", (INT64_C(1) << 50) - (INT64_C(1) << 29)},
      {"1KB", 1024},
      {"1kb", 1024},
      {"1KiB", 1024},
      {"64kib", 65536},
      {"1MB", 1048576},
      {"1.5MiB", 1572864},
      {"2GB", INT64_C(2147483648)},
      {"0.5GiB", 536870912},
      {"1048576GiB", INT64_C(1) << 50},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char setting[64];
    snprintf(setting, sizeof setting, "HOLD_BYTES=%s", rows[i].text);
    assert_int_equal(policy_of(setting).hold_bytes, rows[i].bytes);
    snprintf(setting, sizeof setting, "SNAPSHOT_MEMORY=%s", rows[i].text);
    assert_int_equal(policy_of(setting).snapshot_memory, rows[i].bytes);
    snprintf(setting, sizeof setting, "SNAPSHOT_DISK=%s", rows[i].text);
    assert_int_equal(policy_of(setting).snapshot_disk, rows[i].bytes);
    snprintf(setting, sizeof setting, "DRAIN_BYTES=%s", rows[i].text);
    assert_int_equal(policy_of(setting).drain_bytes, rows[i].bytes);
  }
}

static void counts_are_read_up_to_their_bounds(void **state) {
  (void)state;
  assert_int_equal(policy_of("MAX_RETRIES=0").max_retries, 0);
  assert_int_equal(policy_of("MAX_RETRIES=off").max_retries, 0);
  assert_int_equal(policy_of("MAX_RETRIES=1000").max_retries, 1000);
  assert_int_equal(policy_of("BUDGET=0").budget, 0);
  assert_int_equal(policy_of("BUDGET=Off").budget, 0);
  assert_int_equal(policy_of("BUDGET=1000000").budget, 1000000);
}

static void words_are_read_in_any_case(void **state) {
  (void)state;
  assert_int_equal(policy_of("BACKOFF=Linear").backoff, BACKOFF_LINEAR);
  assert_int_equal(policy_of("BACKOFF=constant").backoff, BACKOFF_CONSTANT);
  assert_int_equal(policy_of("BACKOFF=EXPONENTIAL").backoff,
                   BACKOFF_EXPONENTIAL);
  assert_int_equal(policy_of("JITTER=full").jitter, JITTER_FULL);
  assert_int_equal(policy_of("JITTER=none").jitter, JITTER_NONE);
  assert_int_equal(policy_of("JITTER=equal").jitter, JITTER_EQUAL);
  assert_int_equal(policy_of("TIMEOUT_SCOPE=attempt").timeout_scope,
                   SCOPE_ATTEMPT);
  assert_int_equal(policy_of("BUDGET_SCOPE=User").budget_scope,
                   BUDGET_OF_USER);
  assert_int_equal(policy_of("BUDGET_SCOPE=process").budget_scope,
                   BUDGET_OF_PROCESS);
  assert_int_equal(policy_of("FRESH_CONNECT=always").fresh_connect,
                   FRESH_ALWAYS);
  assert_int_equal(policy_of("FRESH_CONNECT=never").fresh_connect,
                   FRESH_NEVER);
  assert_int_equal(policy_of("LOG_LEVEL=error").log_level, LEVEL_ERROR);
  assert_int_equal(policy_of("LOG_LEVEL=info").log_level, LEVEL_INFO);
  assert_int_equal(policy_of("LOG_LEVEL=debug").log_level, LEVEL_DEBUG);
  assert_int_equal(policy_of("LOG_FORMAT=json").log_format, FORMAT_JSON);
  assert_false(policy_of("RESUME=off").resume);
  assert_false(policy_of("RESUME=0").resume);
  assert_true(policy_of("RESUME=auto").resume);
}

static void flags_are_read_in_every_form(void **state) {
  (void)state;
  static const char *const yes[] = {"1", "on", "yes", "true", "TRUE"};
  static const char *const no[] = {"0", "off", "no", "false", "No"};
  for (size_t i = 0; i < COUNT(yes); i++) {
    char setting[64];
    snprintf(setting, sizeof setting, "CLOSE_IDLE=%s", yes[i]);
    assert_true(policy_of(setting).close_idle);
    snprintf(setting, sizeof setting, "KEEP_DEEPBIND=%s", yes[i]);
    assert_true(policy_of(setting).keep_deepbind);
    snprintf(setting, sizeof setting, "DISABLE=%s", yes[i]);
    assert_true(policy_of(setting).disable);
    snprintf(setting, sizeof setting, "DRY_RUN=%s", yes[i]);
    assert_true(policy_of(setting).dry_run);
    snprintf(setting, sizeof setting, "MULTI=%s", no[i]);
    assert_false(policy_of(setting).multi);
    snprintf(setting, sizeof setting, "DRY_RUN=%s", no[i]);
    assert_false(policy_of(setting).dry_run);
  }
}

static void header_and_log_keep_their_text(void **state) {
  (void)state;
  struct policy policy = policy_of("ATTEMPT_HEADER= X-Retry-Attempt ");
  assert_string_equal(policy.attempt_header, "X-Retry-Attempt");
  assert_string_equal(policy_of("ATTEMPT_HEADER=off").attempt_header, "");
  assert_string_equal(policy_of("ATTEMPT_HEADER=none").attempt_header, "");
  policy = policy_of("LOG=/tmp/a b.log");
  assert_int_equal(policy.log_target, LOG_TO_FILE);
  assert_string_equal(policy.log_path, "/tmp/a b.log");
  policy = policy_of("LOG=./off");
  assert_int_equal(policy.log_target, LOG_TO_FILE);
  assert_int_equal(policy_of("LOG=OFF").log_target, LOG_TO_NOWHERE);
  assert_int_equal(policy_of("LOG=Stderr").log_target, LOG_TO_STDERR);
}

static void lists_are_stored_tidy(void **state) {
  (void)state;
  struct policy policy = policy_of("METHODS= get , ! post,x-Purge ");
  assert_string_equal(policy.methods, "GET,!POST,X-PURGE");
  policy = policy_of("METHODS=post:5xx@HTTPS://Host/Path@x:y,! all@*/z,put");
  assert_string_equal(policy.methods,
                      "POST:5xx@HTTPS://Host/Path@x:y,!ALL@*/z,PUT");
  policy = policy_of("HOSTS= *.Example.COM ,! Bad.example ,[::1]");
  assert_string_equal(policy.hosts, "*.example.com,!bad.example,[::1]");
  policy = policy_of("PROGRAMS= Git* ,!git-lfs, my prog ");
  assert_string_equal(policy.programs, "Git*,!git-lfs,my prog");
}

static void the_first_of_two_equal_names_counts(void **state) {
  (void)state;
  static const char *const entries[] = {
      "CURLRETRY_MAX_RETRIES=7", "CURLRETRY_MAX_RETRIES=nonsense",
      "CURLRETRY_BUDGET=", "CURLRETRY_BUDGET=5"};
  struct policy policy;
  char message[POLICY_MESSAGE_SIZE];
  assert_true(policy_parse(&policy, entries, COUNT(entries), message));
  assert_int_equal(policy.max_retries, 7);
  assert_int_equal(policy.budget, 100);
}

static void entries_of_others_are_ignored(void **state) {
  (void)state;
  static const char *const entries[] = {"PATH=/bin",  "",
                                        "CURLRETRY_", "CURLRETRY_MAX_RETRIES",
                                        "=x",         "curlretry_on=x"};
  struct policy policy;
  char message[POLICY_MESSAGE_SIZE];
  assert_true(policy_parse(&policy, entries, COUNT(entries), message));
  assert_int_equal(policy.max_retries, 3);
}

static void one_bad_value_leaves_nothing_but_the_defaults(void **state) {
  (void)state;
  static const char *const entries[] = {
      "CURLRETRY_MAX_RETRIES=7", "CURLRETRY_ON=503", "CURLRETRY_BUDGET=x",
      "CURLRETRY_JITTER=y"};
  struct policy defaults;
  struct policy policy;
  char message[POLICY_MESSAGE_SIZE];
  policy_defaults(&defaults);
  assert_false(policy_parse(&policy, entries, COUNT(entries), message));
  assert_same_policy(&policy, &defaults);
  assert_string_equal(message,
                      "CURLRETRY_BUDGET=x: not understood; accepted: a whole "
                      "number from 0 to 1000000, or off");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(defaults_are_those_of_the_contract),
      cmocka_unit_test(no_entries_mean_the_defaults),
      cmocka_unit_test(every_default_means_the_same_when_it_is_set),
      cmocka_unit_test(an_empty_or_blank_value_means_the_default),
      cmocka_unit_test(durations_are_read_in_every_form),
      cmocka_unit_test(a_duration_of_off_is_no_bound_or_no_time),
      cmocka_unit_test(sizes_are_read_in_every_form),
      cmocka_unit_test(counts_are_read_up_to_their_bounds),
      cmocka_unit_test(words_are_read_in_any_case),
      cmocka_unit_test(flags_are_read_in_every_form),
      cmocka_unit_test(header_and_log_keep_their_text),
      cmocka_unit_test(lists_are_stored_tidy),
      cmocka_unit_test(the_first_of_two_equal_names_counts),
      cmocka_unit_test(entries_of_others_are_ignored),
      cmocka_unit_test(one_bad_value_leaves_nothing_but_the_defaults),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
