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

/* What one event wrote. */
static void write_event(enum log_format format,
                        const struct log_event *event) {
  FILE *file;
  size_t n;

  unlink(policy.log_path);
  policy.log_format = format;
  log_write(&policy, event);
  file = fopen(policy.log_path, "r");
  assert_non_null(file);
  n = fread(line, 1, sizeof line - 1, file);
  line[n] = 0;
  assert_int_equal(strlen(line), n);
  fclose(file);
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

/* An object of strings and numbers, and nothing behind it. */
static bool is_object(const char *at) {
  if (*at != '{')
    return false;
  do {
    at = skip_string(at + 1);
    if (!at || *at++ != ':')
      return false;
    at = *at == '"' ? skip_string(at) : at + strspn(at, "0123456789");
  } while (at && *at == ',');
  return at && !strcmp(at, "}\n");
}

static void assert_line(enum log_format format,
                        const struct log_event *event) {
  write_event(format, event);
  for (const char *p = line; *p; p++)
    if ((*p < ' ' || *p > '~') && (*p != '\n' || p[1]))
      fail_msg("byte %d at %d of %s", *p, (int)(p - line), line);
  if (format == FORMAT_JSON ? !is_object(line)
                            : strncmp(line, "curlretry: retry", 16) != 0)
    fail_msg("%s", line);
  assert_true(strlen(line) < 4096); /* PIPE_BUF */
  assert_int_equal(line[strlen(line) - 1], '\n');
}

/* The same hostile text as each of the values, and as all of them. */
static void assert_lines(const char *text) {
  for (int which = 0; which < 5; which++) {
    struct log_event event = {.level = LEVEL_WARN,
                              .event = "retry",
                              .attempt = 4000000000u,
                              .limit = 4000000000u,
                              .delay_ms = INT64_MAX};
    if (which == 0 || which == 4)
      event.method = text;
    if (which == 1 || which == 4)
      event.url = text;
    if (which == 2 || which == 4)
      event.cause = text;
    if (which == 3 || which == 4)
      event.reason = text;
    assert_line(FORMAT_TEXT, &event);
    assert_line(FORMAT_JSON, &event);
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
  char *text = malloc(LONGEST + 1);

  (void)state;
  assert_non_null(text);
  for (size_t i = 0; i < sizeof bytes; i++)
    for (size_t length = 1; length <= LONGEST; length += length / 9 + 1) {
      memset(text, bytes[i], length);
      text[length] = 0;
      assert_lines(text);
    }
  free(text);
}

/* The rest of the object stays there, behind the longest URL too. */
static void a_cut_url_leaves_the_reason(void **state) {
  struct log_event event = {.event = "giving up",
                            .cause = "status 503",
                            .reason = "retries exhausted",
                            .delay_ms = -1};
  char url[LONGEST] = "http://h/";

  (void)state;
  memset(url + 9, '"', LONGEST - 10);
  event.url = url;
  write_event(FORMAT_JSON, &event);
  assert_non_null(strstr(line, "...\",\"cause\":\"status 503\",\"reason\":"
                               "\"retries exhausted\"}"));
  write_event(FORMAT_TEXT, &event);
  assert_non_null(strstr(line, "...: status 503; retries exhausted\n"));
}

static void parts_are_divided_by_what_is_there(void **state) {
  static const struct {
    struct log_event event;
    const char *text;
  } rows[] = {
      {{LEVEL_WARN, "e", "GET", "h/", "cause", "reason", 1, 3, 5},
       "e 1/3 in 5ms: GET h/: cause; reason"},
      {{LEVEL_WARN, "e", "GET", "h/", NULL, NULL, 2, 0, -1},
       "e after 2 attempts: GET h/"},
      {{LEVEL_WARN, "e", NULL, "h/", NULL, NULL, 1, 0, -1},
       "e after 1 attempt: h/"},
      {{LEVEL_WARN, "e", "GET", "", NULL, NULL, 0, 0, -1}, "e: GET"},
      {{LEVEL_WARN, "e", NULL, NULL, NULL, "reason", 0, 0, -1}, "e: reason"},
      {{LEVEL_WARN, "e", NULL, NULL, "cause", NULL, 0, 0, -1}, "e: cause"},
      {{LEVEL_WARN, "e", NULL, NULL, NULL, NULL, 0, 0, -1}, "e"},
  };

  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    char expected[200];
    snprintf(expected, sizeof expected, "curlretry: %s\n", rows[i].text);
    write_event(FORMAT_TEXT, &rows[i].event);
    assert_string_equal(line, expected);
  }
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

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_value_makes_no_line_of_its_own),
      cmocka_unit_test(a_long_value_is_cut_the_line_is_not),
      cmocka_unit_test(a_cut_url_leaves_the_reason),
      cmocka_unit_test(parts_are_divided_by_what_is_there),
      cmocka_unit_test(a_full_file_raises_no_signal),
  };

  return cmocka_run_group_tests(tests, set_up, tear_down);
}
