/* test_log.c - one event is one line, in JSON one whole object, whatever a
 * program or a server put into its values. */
#include "unit_test.h"

#include "host/log.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#define LONGEST 5000

static struct policy policy;
static char folder[] = "/tmp/test_log.XXXXXX";
static char line[8192];
static const char *text; /* of the line, behind time, program and pid */

static int set_up(void **state) {
  (void)state;
  if (!mkdtemp(folder))
    return -1;
  policy_defaults(&policy);
  policy.log_target = LOG_TO_FILE;
  snprintf(policy.log_path, sizeof policy.log_path, "%s/log", folder);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  unlink(policy.log_path);
  return rmdir(folder);
}

static void read_log(void) {
  FILE *file = fopen(policy.log_path, "r");
  size_t n;

  assert_non_null(file);
  n = fread(line, 1, sizeof line - 1, file);
  line[n] = 0;
  assert_int_equal(strlen(line), n);
  fclose(file);
  text = strstr(line, "curlretry: ");
}

/* What one event wrote. */
static void write_event(enum log_format format,
                        const struct log_event *event) {
  unlink(policy.log_path);
  policy.log_format = format;
  log_write(&policy, event);
  read_log();
}

/* The end of a JSON string that begins at `at`; NULL: it is none. */
static const char *skip_string(const char *at) {
  if (*at++ != '"')
    return NULL;
  for (; *at && *at != '"'; at++)
    if (*at == '\\' && *++at != '"' && *at != '\\')
      return NULL;
  return *at ? at + 1 : NULL;
}

/* An object of strings, numbers and `true`, and nothing behind it. */
static bool is_object(const char *at) {
  if (*at != '{')
    return false;
  do {
    at = skip_string(at + 1);
    if (!at || *at++ != ':')
      return false;
    at = *at == '"' ? skip_string(at) : at + strspn(at, "0123456789.true");
  } while (at && *at == ',');
  return at && !strcmp(at, "}\n");
}

static void assert_line(enum log_format format,
                        const struct log_event *event) {
  write_event(format, event);
  for (const char *p = line; *p; p++)
    if ((*p < ' ' || *p > '~') && (*p != '\n' || p[1]))
      fail_msg("byte %d at %d of %s", *p, (int)(p - line), line);
  if (format == FORMAT_JSON ? !is_object(line) : !strstr(line, ": retry"))
    fail_msg("%s", line);
  assert_true(strlen(line) < 4096); /* PIPE_BUF */
  assert_int_equal(line[strlen(line) - 1], '\n');
}

static void put(char *to, size_t size, const char *value) {
  strncpy(to, value, size - 1);
  to[size - 1] = 0;
}

/* The same hostile text as each of the values, and as all of them. */
static void assert_lines(const char *value) {
  for (int which = 0; which <= 9; which++) {
    struct attempt_event attempt = {.call = UINT64_MAX / 2,
                                    .status = 599,
                                    .is_elsewhere = true,
                                    .is_injected = true,
                                    .total_us = INT64_MAX};
    struct event_place *place = &attempt.place;
    struct log_event event = {.level = LEVEL_WARN,
                              .event = "retry",
                              .attempt = &attempt,
                              .number = 4000000000u,
                              .limit = 4000000000u,
                              .delay_ms = INT64_MAX,
                              .is_libcurls = true};
    if (which == 0 || which == 9)
      attempt.method = value;
    if (which == 1 || which == 9)
      attempt.url = value;
    if (which == 2 || which == 9)
      event.cause = value;
    if (which == 3 || which == 9)
      event.reason = value;
    if (which == 4 || which == 9)
      attempt.effective_url = value;
    if (which == 5 || which == 9)
      put(place->host, sizeof place->host, value);
    if (which == 6 || which == 9)
      put(place->peer, sizeof place->peer, value);
    if (which == 7 || which == 9)
      put(place->proxy, sizeof place->proxy, value);
    if (which == 8 || which == 9)
      put(attempt.message, sizeof attempt.message, value);
    for (int with = 0; with < 2; with++) {
      place->at_proxy = with;
      attempt.status = with ? 0 : 599;
      assert_line(FORMAT_TEXT, &event);
      assert_line(FORMAT_JSON, &event);
    }
  }
}

static void a_value_makes_no_line_of_its_own(void **state) {
  static const char *const texts[] = {
      "GET\ncurlretry: forged",
      "a\r\nb\vc\fd\te\x1b[2Jf\x01g\x7fh",
      "\"}\n{\"event\":\"forged\"}",
      "\\",
      "\\\"\\u0000",
      "next line \xc2\x85, C1 \xc2\x9b\x33m, U+2028 \xe2\x80\xa8, U+2029 "
      "\xe2\x80\xa9",
      "no UTF-8 \xff\xfe \xc3( \xed\xa0\x80 \xf4\x90\x80\x80 \xe2\x80",
      "%s%n%d",
      "",
  };

  (void)state;
  for (size_t i = 0; i < COUNT(texts); i++)
    assert_lines(texts[i]);
}

static void a_long_value_is_cut_the_line_is_not(void **state) {
  static const char bytes[] = {'a', '"', '\\', '\n', (char)0xff};
  char *value = malloc(LONGEST + 1);

  (void)state;
  assert_non_null(value);
  for (size_t i = 0; i < sizeof bytes; i++)
    for (size_t length = 1; length <= LONGEST; length += length / 9 + 1) {
      memset(value, bytes[i], length);
      value[length] = 0;
      assert_lines(value);
    }
  free(value);
}

/* The rest of the object stays there, behind the longest URL too. */
static void a_cut_url_leaves_the_reason(void **state) {
  struct attempt_event attempt = {.total_us = -1};
  struct log_event event = {.event = "giving up",
                            .attempt = &attempt,
                            .cause = "status 503",
                            .reason = "retries exhausted",
                            .delay_ms = -1};
  char url[LONGEST] = "http://h/";

  (void)state;
  memset(url + 9, '"', LONGEST - 10);
  attempt.url = url;
  write_event(FORMAT_JSON, &event);
  assert_non_null(strstr(line, "...\",\"code\":0,\"cause\":\"status 503\","
                               "\"reason\":\"retries exhausted\"}"));
  write_event(FORMAT_TEXT, &event);
  assert_non_null(strstr(line, "...: status 503; retries exhausted\n"));
}

static const struct attempt_event first = {.call = 1, .total_us = 12999};

static void parts_are_divided_by_what_is_there(void **state) {
  static const struct attempt_event none = {.total_us = -1},
                                    get = {.method = "GET",
                                           .url = "h/",
                                           .total_us = -1},
                                    bare = {.url = "h/", .total_us = -1};
  static const struct {
    struct log_event event;
    const char *text;
  } rows[] = {
      {{LEVEL_WARN, "e", "cause", "reason", &get, 1, 3, 5, false},
       "e 1/3 in 5ms: GET h/: cause; reason"},
      {{LEVEL_WARN, "e", NULL, NULL, &get, 2, 0, -1, false},
       "e after 2 attempts: GET h/"},
      {{LEVEL_WARN, "e", NULL, NULL, &bare, 1, 0, -1, false},
       "e after 1 attempt: h/"},
      {{LEVEL_WARN, "e", NULL, "reason", &none, 0, 0, -1, false}, "e: reason"},
      {{LEVEL_WARN, "e", "cause", NULL, NULL, 0, 0, -1, false}, "e: cause"},
      {{LEVEL_WARN, "e", "cause", NULL, &first, 0, 0, -1, false},
       "e: cause after 12ms"},
      {{LEVEL_WARN, "e", NULL, NULL, NULL, 0, 0, -1, false}, "e"},
  };

  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    char expected[200];
    snprintf(expected, sizeof expected, "curlretry: %s\n", rows[i].text);
    write_event(FORMAT_TEXT, &rows[i].event);
    assert_string_equal(text, expected);
  }
}

/* Who failed: the hop, the proxy, the address, in which call. */
static void a_line_names_who_failed(void **state) {
  struct attempt_event attempt = {.call = 1,
                                  .method = "GET",
                                  .url = "http://a.test/?k=secret#f",
                                  .effective_url = "http://b.test/x",
                                  .place = {.peer = "192.0.2.1:80"},
                                  .message = "Recv failure",
                                  .total_us = 1234567};
  struct log_event event = {.event = "e",
                            .cause = "reset (56)",
                            .attempt = &attempt,
                            .delay_ms = -1,
                            .is_libcurls = true};

  (void)state;
  write_event(FORMAT_TEXT, &event);
  assert_string_equal(text, "curlretry: e: GET http://a.test/?k=...: "
                            "reset (56) after 1.2s (192.0.2.1:80): "
                            "Recv failure\n");
  attempt.status = 200;
  attempt.is_elsewhere = true;
  attempt.call = 7;
  strcpy(attempt.place.proxy, "p.test:3128");
  write_event(FORMAT_TEXT, &event);
  assert_non_null(strstr(text,
                         "reset (56) at http://b.test/x after 1.2s "
                         "(192.0.2.1:80, proxy p.test:3128, call 7): R"));
  attempt.place.at_proxy = true;
  attempt.place.peer[0] = 0;
  attempt.is_injected = true;
  attempt.total_us = 61000000;
  attempt.status = 503;
  event.is_libcurls = false;
  write_event(FORMAT_TEXT, &event);
  assert_non_null(strstr(text, "reset (56) at proxy p.test:3128 after 61s "
                               "(call 7, injected)\n"));
}

/* Time, program and pid, where the reader has no other way to know them. */
static void a_file_says_when_and_who(void **state) {
  struct log_event event = {.event = "e", .delay_ms = -1};
  char program[64];
  int year, pid = 0;

  (void)state;
  write_event(FORMAT_TEXT, &event);
  assert_int_equal(sscanf(line,
                          "%4d-%*2d-%*2dT%*2d:%*2d:%*2d.%*3dZ %63[^[][%d]",
                          &year, program, &pid),
                   3);
  assert_true(year >= 2024);
  assert_string_equal(program, "test_log");
  assert_int_equal(pid, getpid());
}

static void a_call_is_one_line(void **state) {
  struct call_event event = {.call = 1,
                             .method = "GET",
                             .url = "http://a.test/",
                             .status = 200,
                             .attempts = 2,
                             .outcome = "rescued",
                             .total_us = 1234567};

  (void)state;
  policy.log_level = LEVEL_INFO;
  unlink(policy.log_path);
  policy.log_format = FORMAT_TEXT;
  log_call(&policy, &event);
  event.status = 0;
  event.class = "reset";
  event.code = 56;
  event.attempts = 1;
  event.call = 3;
  log_call(&policy, &event);
  policy.log_level = LEVEL_WARN;
  log_call(&policy, &event);
  read_log();
  assert_non_null(strstr(line,
                         "curlretry: GET http://a.test/: 200 after 1.2s, "
                         "2 attempts\n"));
  assert_non_null(strstr(line,
                         "curlretry: GET http://a.test/: reset (56) after "
                         "1.2s, 1 attempt (call 3)\n"));
  assert_int_equal(strchr(strchr(line, '\n') + 1, '\n')[1], 0);
}

/* A file that may not grow: the line is dropped, and no signal stays behind
 * or kills the host. */
static void a_full_file_raises_no_signal(void **state) {
  struct log_event event = {
      .level = LEVEL_WARN, .event = "retry", .reason = "none", .delay_ms = -1};
  struct rlimit own, none;
  sigset_t before, blocked, pending;

  (void)state;
  write_event(FORMAT_TEXT, &event);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &own), 0);
  none = own;
  none.rlim_cur = 1;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
  log_write(&policy, &event);
  (void)sigemptyset(&blocked);
  (void)sigaddset(&blocked, SIGXFSZ);
  (void)sigprocmask(SIG_BLOCK, &blocked, &before);
  log_write(&policy, &event);
  (void)sigpending(&pending);
  (void)sigprocmask(SIG_SETMASK, &before, NULL);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &own), 0);
  assert_false(sigismember(&pending, SIGXFSZ));
}

/* Of the line that met the full disk a part is there; the next one is whole,
 * on a line of its own. */
static void a_torn_line_takes_no_other(void **state) {
  struct log_event event = {
      .level = LEVEL_WARN, .event = "retry", .reason = "none", .delay_ms = -1};
  struct rlimit own, short_one;
  const char *last;

  (void)state;
  write_event(FORMAT_JSON, &event);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &own), 0);
  short_one = own;
  short_one.rlim_cur = strlen(line) + 20;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &short_one), 0);
  log_write(&policy, &event);
  log_write(&policy, &event);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &own), 0);
  read_log();
  assert_int_equal(strlen(line), short_one.rlim_cur);
  log_write(&policy, &event);
  read_log();
  assert_int_equal(line[short_one.rlim_cur], '\n');
  last = line + short_one.rlim_cur + 1;
  assert_true(is_object(last));
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_value_makes_no_line_of_its_own),
      cmocka_unit_test(a_long_value_is_cut_the_line_is_not),
      cmocka_unit_test(a_cut_url_leaves_the_reason),
      cmocka_unit_test(parts_are_divided_by_what_is_there),
      cmocka_unit_test(a_line_names_who_failed),
      cmocka_unit_test(a_file_says_when_and_who),
      cmocka_unit_test(a_call_is_one_line),
      cmocka_unit_test(a_full_file_raises_no_signal),
      cmocka_unit_test(a_torn_line_takes_no_other),
  };

  return cmocka_run_group_tests(tests, set_up, tear_down);
}
