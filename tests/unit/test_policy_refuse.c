/* test_policy_refuse.c - what no policy can mean, and the line that says so.
 */
#include "policy_test.h"

#include "complaint.h"

#define DURATION                                                              \
  "; accepted: a duration up to 365 days such as 250ms, 1.5s, 2m, 1h, "       \
  "1m30s or 30 (seconds), or off"
#define SIZE                                                                  \
  "; accepted: a size up to 1048576G such as 65536 (bytes), 64K, 1.5M or "    \
  "2G, "                                                                      \
  "or off"
#define FLAG "; accepted: 0 or 1 (or off/on, no/yes, false/true)"
#define ON                                                                    \
  "; accepted: dns, connect, tls, timeout, reset, partial, status, a status " \
  "from 400 to 999 (503, 520-527, 5xx), a CURLcode (curl:56) but those "      \
  "that are never retried (curl:60), default, all, none; ! negates"
#define METHODS                                                               \
  "; accepted: idempotent, all or request methods such as GET,POST, each "    \
  "also for statuses (POST:429+503), for URLs without query "                 \
  "(POST@https://host/path*) or both (POST:503@GLOB); ! negates"
#define HEADER                                                                \
  "; accepted: the name of a request header nobody else sets, up to 127 "     \
  "characters, or off"
#define HOSTS                                                                 \
  "; accepted: host names, also with a port (a.test:8080, [::1]:8080), * "    \
  "and ? are wildcards; ! negates"
#define PROGRAMS                                                              \
  "; accepted: programs' file names without directory, * and ? are "          \
  "wildcards; ! negates"
#define LOG                                                                   \
  "; accepted: off, stderr, syslog or a file's path with a / in it, up to "   \
  "1023 "                                                                     \
  "characters"

#define BAD_RETRIES                                                           \
  "not understood; accepted: a whole number from 0 to 1000, or off"
#define BAD_BUDGET                                                            \
  "not understood; accepted: a whole number from 0 to 1000000, or off"
#define BAD_DURATION "not understood" DURATION
#define BAD_SIZE "not understood" SIZE
#define BAD_FLAG "not understood" FLAG
#define BAD_ON "not understood" ON
#define BAD_METHODS "not understood" METHODS
#define BAD_ENTRY(entry) "\"" entry "\" not understood" METHODS
#define BAD_RESERVED "a header with a meaning of its own" HEADER

/* "VARIABLE=value", then what follows "CURLRETRY_VARIABLE=value: ". */
static const char *const bad_values[][2] = {
    {"MAX_RETRIES=abc", BAD_RETRIES},
    {"MAX_RETRIES=-1", BAD_RETRIES},
    {"MAX_RETRIES=+1", BAD_RETRIES},
    {"MAX_RETRIES=1.5", BAD_RETRIES},
    {"MAX_RETRIES=0x10", BAD_RETRIES},
    {"MAX_RETRIES=1001", BAD_RETRIES},
    {"MAX_RETRIES=2147483648", BAD_RETRIES},
    {"MAX_RETRIES=4294967296", BAD_RETRIES},
    {"MAX_RETRIES=9223372036854775808", BAD_RETRIES},
    {"MAX_RETRIES=18446744073709551616", BAD_RETRIES},
    {"MAX_RETRIES=18446744073709551617", BAD_RETRIES},
    {"MAX_RETRIES=100000000000000000000000000000", BAD_RETRIES},
    {"MAX_RETRIES=3 4", BAD_RETRIES},
    {"MAX_RETRIES=none", BAD_RETRIES},
    {"BUDGET=1000001", BAD_BUDGET},
    {"BUDGET=2147483648", BAD_BUDGET},
    {"BUDGET=4294967297", BAD_BUDGET},
    {"BUDGET=9223372036854775808", BAD_BUDGET},
    {"BUDGET=18446744073709551616", BAD_BUDGET},
    {"BUDGET=999999999999999999999999999999", BAD_BUDGET},
    {"BASE_DELAY=1d", BAD_DURATION},
    {"BASE_DELAY=.5", BAD_DURATION},
    {"BASE_DELAY=5.", BAD_DURATION},
    {"BASE_DELAY=5.s", BAD_DURATION},
    {"BASE_DELAY=1,5", BAD_DURATION},
    {"BASE_DELAY=1 s", BAD_DURATION},
    {"BASE_DELAY=-1s", BAD_DURATION},
    {"BASE_DELAY=1e3", BAD_DURATION},
    {"BASE_DELAY=s", BAD_DURATION},
    {"BASE_DELAY=1.5.5", BAD_DURATION},
    {"BASE_DELAY=1s2", BAD_DURATION},
    {"BASE_DELAY=inf", BAD_DURATION},
    {"BASE_DELAY=1m30", BAD_DURATION},
    {"BASE_DELAY=30s1m", BAD_DURATION},
    {"BASE_DELAY=500ms1s", BAD_DURATION},
    {"BASE_DELAY=5m1h", BAD_DURATION},
    {"BASE_DELAY=1m1m", BAD_DURATION},
    {"BASE_DELAY=1ms1ms", BAD_DURATION},
    {"BASE_DELAY=1m 30s", BAD_DURATION},
    {"BASE_DELAY=1m+30s", BAD_DURATION},
    {"BASE_DELAY=1m-30s", BAD_DURATION},
    {"BASE_DELAY=+1m30s", BAD_DURATION},
    {"BASE_DELAY=1m,30s", BAD_DURATION},
    {"BASE_DELAY=1m.5s", BAD_DURATION},
    {"BASE_DELAY=1m5.s", BAD_DURATION},
    {"BASE_DELAY=1ms30", BAD_DURATION},
    {"BASE_DELAY=1d1h", BAD_DURATION},
    {"BASE_DELAY=1mm30s", BAD_DURATION},
    {"BASE_DELAY=m30s", BAD_DURATION},
    {"BASE_DELAY=1:30", BAD_DURATION},
    {"BASE_DELAY=1m30soff", BAD_DURATION},
    {"MAX_DELAY=8761h", BAD_DURATION},
    {"MAX_DELAY=31536000.001", BAD_DURATION},
    {"MAX_DELAY=8760h1ms", BAD_DURATION},
    {"MAX_DELAY=8759h60m0.5ms", BAD_DURATION},
    {"MAX_DELAY=31536000000h31536000000m31536000000s31536000000ms",
     BAD_DURATION},
    {"MAX_DELAY=1h18446744073709551616ms", BAD_DURATION},
    {"RETRY_AFTER=31536001", BAD_DURATION},
    {"MAX_TIME=2147483648h", BAD_DURATION},
    {"MAX_TIME=9223372036854775808", BAD_DURATION},
    {"STALL_TIMEOUT=18446744073709551616ms", BAD_DURATION},
    {"HOLD_TIME=999999999999999999999999999999m", BAD_DURATION},
    {"HOLD_BYTES=1T", BAD_SIZE},
    {"HOLD_BYTES=1.5", BAD_SIZE},
    {"HOLD_BYTES=1.0", BAD_SIZE},
    {"HOLD_BYTES=1.M", BAD_SIZE},
    {"HOLD_BYTES=.5M", BAD_SIZE},
    {"HOLD_BYTES=1,5M", BAD_SIZE},
    {"HOLD_BYTES=1.5.5M", BAD_SIZE},
    {"HOLD_BYTES=1B", BAD_SIZE},
    {"HOLD_BYTES=1Ki", BAD_SIZE},
    {"HOLD_BYTES=1KBB", BAD_SIZE},
    {"HOLD_BYTES=1KM", BAD_SIZE},
    {"HOLD_BYTES=1M512K", BAD_SIZE},
    {"HOLD_BYTES=1 K", BAD_SIZE},
    {"HOLD_BYTES=1TB", BAD_SIZE},
    {"HOLD_BYTES=1048576.000000001G", BAD_SIZE},
    {"HOLD_BYTES=1099511627776.0005K", BAD_SIZE}, /* half a byte more */
    {"HOLD_BYTES=1048577GiB", BAD_SIZE},
    {"HOLD_BYTES=K", BAD_SIZE},
    {"HOLD_BYTES=-1", BAD_SIZE},
    {"HOLD_BYTES=1125899906842625", BAD_SIZE},
    {"SNAPSHOT_MEMORY=1048577G", BAD_SIZE},
    {"SNAPSHOT_DISK=9223372036854775807G", BAD_SIZE},
    {"SNAPSHOT_DISK=17179869184G", BAD_SIZE}, /* 2^64 bytes */
    {"DRAIN_BYTES=18446744073709551616", BAD_SIZE},
    {"DRAIN_BYTES=999999999999999999999999999999", BAD_SIZE},
    {"BACKOFF=quadratic",
     "not understood; accepted: exponential, linear or constant"},
    {"BACKOFF=exponential|linear",
     "not understood; accepted: exponential, linear or constant"},
    {"JITTER=half", "not understood; accepted: equal, full or none"},
    {"JITTER=off", "not understood; accepted: equal, full or none"},
    {"TIMEOUT_SCOPE=hop", "not understood; accepted: call or attempt"},
    {"BUDGET_SCOPE=host", "not understood; accepted: process or user"},
    {"RESUME=on", "not understood; accepted: auto or off"},
    {"FRESH_CONNECT=1", "not understood; accepted: auto, always or never"},
    {"CLOSE_IDLE=2", BAD_FLAG},
    {"MULTI=2", BAD_FLAG},
    {"KEEP_DEEPBIND=y", BAD_FLAG},
    {"DISABLE=01", BAD_FLAG},
    {"DRY_RUN=enable", BAD_FLAG},
    {"LOG_LEVEL=trace",
     "not understood; accepted: error, warn, info or debug"},
    {"LOG_FORMAT=xml", "not understood; accepted: text or json"},
    {"LOG=warn", "not understood" LOG},
    {"LOG=curlretry.log", "not understood" LOG},
    {"ON=bogus", BAD_ON},
    {"ON=default,bogus", "\"bogus\" not understood" ON},
    {"ON=503,", "\"\" not understood" ON},
    {"ON=,", "\"\" not understood" ON},
    {"ON=!", "\"\" not understood" ON},
    {"ON=!!503", "\"!503\" not understood" ON},
    {"ON=!none", "\"none\" not understood" ON},
    {"ON=399", BAD_ON},
    {"ON=200", BAD_ON},
    {"ON=1000", BAD_ON},
    {"ON=2xx", BAD_ON},
    {"ON=3xx", BAD_ON},
    {"ON=0xx", BAD_ON},
    {"ON=xxx", BAD_ON},
    {"ON=50x", BAD_ON},
    {"ON=5xxx", BAD_ON},
    {"ON=527-520", BAD_ON},
    {"ON=399-500", BAD_ON},
    {"ON=500-1000", BAD_ON},
    {"ON=500-", BAD_ON},
    {"ON=-500", BAD_ON},
    {"ON=-", BAD_ON},
    {"ON=500-510-520", BAD_ON},
    {"ON=500 - 510", BAD_ON},
    {"ON=2147483651", BAD_ON},
    {"ON=18446744073709552119", BAD_ON},
    {"ON=500-18446744073709552119", BAD_ON},
    {"ON=curl:0", BAD_ON},
    {"ON=curl:128", BAD_ON},
    {"ON=curl:", BAD_ON},
    {"ON=curl", BAD_ON},
    {"ON=curl:-1", BAD_ON},
    {"ON=curl:5-7", BAD_ON},
    {"ON=curl:4294967302", BAD_ON},
    {"ON=curl:18446744073709551622", BAD_ON},
    {"ON=curl:60", BAD_ON},
    {"ON=CURL:060", BAD_ON},
    {"ON=default,curl:60", "\"curl:60\" not understood" ON},
    {"ON=all,curl:23,503", "\"curl:23\" not understood" ON},
    {"ON=!500,curl:47", "\"curl:47\" not understood" ON},
    {"ON=final", BAD_ON},
    {"ON=dns connect", BAD_ON},
    {"METHODS=GET;POST", "not understood" METHODS},
    {"METHODS=GET POST", "not understood" METHODS},
    {"METHODS=GET,", "\"\" not understood" METHODS},
    {"METHODS=GET,!!PUT", "\"!PUT\" not understood" METHODS},
    {"METHODS=GET,a/b", "\"a/b\" not understood" METHODS},
    {"METHODS=POST:", BAD_METHODS},
    {"METHODS=POST:x", BAD_METHODS},
    {"METHODS=POST:200", BAD_METHODS},
    {"METHODS=POST:1000", BAD_METHODS},
    {"METHODS=POST:!503", BAD_METHODS},
    {"METHODS=POST:curl", BAD_METHODS},
    {"METHODS=POST:reset", BAD_METHODS},
    {"METHODS=POST:503+", BAD_METHODS},
    {"METHODS=POST:+503", BAD_METHODS},
    {"METHODS=POST:429++503", BAD_METHODS},
    {"METHODS=POST:429 + 503", BAD_METHODS},
    {"METHODS=POST:503-429", BAD_METHODS},
    {"METHODS=POST:503:429", BAD_METHODS},
    {"METHODS=POST:429,503", BAD_ENTRY("503")},
    {"METHODS=POST:429,5xx@*", BAD_ENTRY("5xx@*")},
    {"METHODS=POST:429,500-503+599", BAD_ENTRY("500-503+599")},
    {"METHODS=GET,POST:", BAD_ENTRY("POST:")},
    {"METHODS=GET,!POST:99", BAD_ENTRY("POST:99")},
    {"METHODS=:503", BAD_METHODS},
    {"METHODS=@*", BAD_METHODS},
    {"METHODS=POST@", BAD_METHODS},
    {"METHODS=POST:@*", BAD_METHODS},
    {"METHODS=POST@h/search", BAD_METHODS},
    {"METHODS=POST@/search", BAD_METHODS},
    {"METHODS=POST@https://h", BAD_METHODS},
    {"METHODS=POST@https:", BAD_METHODS},
    {"METHODS=POST@smtp://h/*", BAD_METHODS},
    {"METHODS=POST@https://user@h/*", BAD_METHODS},
    {"METHODS=POST@https://h/a b", BAD_METHODS},
    {"METHODS=POST@https://h/a#b", BAD_METHODS},
    {"METHODS=POST@https://h/*:503", BAD_METHODS},
    {"METHODS=POST@*:429+5xx", BAD_METHODS},
    {"ATTEMPT_HEADER=X Y", "not understood" HEADER},
    {"ATTEMPT_HEADER=X-Try:", "not understood" HEADER},
    {"ATTEMPT_HEADER=Host", BAD_RESERVED},
    {"ATTEMPT_HEADER=content-length", BAD_RESERVED},
    {"ATTEMPT_HEADER=Transfer-Encoding", BAD_RESERVED},
    {"ATTEMPT_HEADER=CONNECTION", BAD_RESERVED},
    {"ATTEMPT_HEADER=Authorization", BAD_RESERVED},
    {"ATTEMPT_HEADER=Cookie", BAD_RESERVED},
    {"ATTEMPT_HEADER=Idempotency-Key", BAD_RESERVED},
    {"HOSTS=https://example.com", "not understood" HOSTS},
    {"HOSTS=*,a b", "\"a b\" not understood" HOSTS},
    {"HOSTS=*,user@host", "\"user@host\" not understood" HOSTS},
    {"HOSTS=*,,a", "\"\" not understood" HOSTS},
    {"PROGRAMS=/usr/bin/git", "not understood" PROGRAMS},
    {"PROGRAMS=git,!", "\"\" not understood" PROGRAMS},
};

static void every_bad_value_is_refused_with_its_message(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(bad_values); i++) {
    char expected[POLICY_MESSAGE_SIZE];
    snprintf(expected, sizeof expected, "CURLRETRY_%s: %s", bad_values[i][0],
             bad_values[i][1]);
    assert_string_equal(message_of(bad_values[i][0]), expected);
  }
}

static void an_unknown_name_is_refused_with_the_nearest(void **state) {
  (void)state;
  static const char help[] = "curlretry --help lists the variables";
  static const char *const rows[][2] = {
      {"MAX_RETRY=3", "nearest: CURLRETRY_MAX_RETRIES"},
      {"MAXRETRIES=3", "nearest: CURLRETRY_MAX_RETRIES"},
      {"max_retries=3", "nearest: CURLRETRY_MAX_RETRIES"},
      {"METHOD=GET", "nearest: CURLRETRY_METHODS"},
      {"BUGDET=", "nearest: CURLRETRY_BUDGET"},
      {"on=503", "nearest: CURLRETRY_ON"},
      {"RETRY=503", help},
      {"O=1", help},
      {"=1", help},
      {"MAX_RETRIES =1", "nearest: CURLRETRY_MAX_RETRIES"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char expected[POLICY_MESSAGE_SIZE];
    snprintf(expected, sizeof expected, "CURLRETRY_%s: no such variable; %s",
             rows[i][0], rows[i][1]);
    assert_string_equal(message_of(rows[i][0]), expected);
  }
}

static void messages_show_foreign_text_cut_and_clean(void **state) {
  (void)state;
  char setting[4096];
  char expected[POLICY_MESSAGE_SIZE];
  assert_string_equal(message_of("RESUME=a\nb\033[31m\xc3\xa9\x7f"),
                      "CURLRETRY_RESUME=a?b?[31m???: not understood; "
                      "accepted: auto or off");
  snprintf(setting, sizeof setting, "RESUME=%0100d", 1);
  snprintf(expected, sizeof expected,
           "CURLRETRY_RESUME=%064d...: not understood; accepted: auto or off",
           0);
  assert_string_equal(message_of(setting), expected);
  memset(setting, 'N', 3000);
  snprintf(setting + 3000, sizeof setting - 3000, "=%0100d", 1);
  memset(expected, 'N', sizeof expected);
  memcpy(expected, "CURLRETRY_", 10);
  snprintf(expected + 74, sizeof expected - 74,
           "...=%064d...: no such variable; curlretry --help lists the "
           "variables",
           0);
  assert_string_equal(message_of(setting), expected);
}

static void texts_that_do_not_fit_are_refused(void **state) {
  (void)state;
  static const char *const lists[] = {"METHODS", "HOSTS", "PROGRAMS"};
  char setting[2048];
  for (size_t i = 0; i < COUNT(lists); i++) {
    size_t start = (size_t)snprintf(setting, sizeof setting, "%s=", lists[i]);
    memset(setting + start, 'a', POLICY_LIST_SIZE);
    setting[start + POLICY_LIST_SIZE - 1] = '\0';
    (void)policy_of(setting);
    setting[start + POLICY_LIST_SIZE - 1] = 'a';
    setting[start + POLICY_LIST_SIZE] = '\0';
    assert_non_null(
        strstr(message_of(setting), "...: longer than 1023 characters; "));
  }
  snprintf(setting, sizeof setting, "LOG=/%01022d", 0);
  assert_int_equal(strlen(policy_of(setting).log_path), POLICY_PATH_SIZE - 1);
  snprintf(setting, sizeof setting, "LOG=/%01023d", 0);
  assert_non_null(strstr(message_of(setting), "up to 1023 characters"));
  snprintf(setting, sizeof setting, "ATTEMPT_HEADER=%0127d", 0);
  assert_int_equal(strlen(policy_of(setting).attempt_header), 127);
  snprintf(setting, sizeof setting, "ATTEMPT_HEADER=%0128d", 0);
  assert_non_null(strstr(message_of(setting), "up to 127 characters"));
}

/* Whoever writes a longer "accepted" phrase. */
static void a_message_is_cut_at_its_end(void **state) {
  (void)state;
  char accepts[2 * POLICY_MESSAGE_SIZE], message[POLICY_MESSAGE_SIZE + 1];
  struct complaint complaint = {.name = slice_of("ON"),
                                .value = slice_of("x"),
                                .problem = "not understood",
                                .accepts = accepts};
  memset(accepts, 'a', sizeof accepts);
  accepts[sizeof accepts - 1] = '\0';
  message[POLICY_MESSAGE_SIZE] = 'z';
  complaint_write(&complaint, message);
  assert_int_equal(strlen(message), POLICY_MESSAGE_SIZE - 1);
  assert_int_equal(message[POLICY_MESSAGE_SIZE], 'z');
  assert_non_null(strstr(message, "CURLRETRY_ON=x: not understood; acc"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_bad_value_is_refused_with_its_message),
      cmocka_unit_test(an_unknown_name_is_refused_with_the_nearest),
      cmocka_unit_test(messages_show_foreign_text_cut_and_clean),
      cmocka_unit_test(texts_that_do_not_fit_are_refused),
      cmocka_unit_test(a_message_is_cut_at_its_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
