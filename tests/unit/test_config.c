/* test_config.c - from the environment a process is started with to its
 * policy: each test runs this program again, with variables of its own. */
#define _GNU_SOURCE
#include "unit_test.h"

#include "host/config.h"
#include "host/start.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define VARIABLES 70

/* How the child is started. */
static struct {
  char text[VARIABLES][64];
  char *entries[VARIABLES + 2];
  size_t count;
  const char *folder; /* NULL: this one */
  bool is_removed;    /* the folder is gone when it starts */
  bool has_no_stderr;
} start;

static int begin(void **unused) {
  (void)unused;
  memset(&start, 0, sizeof start);
  return 0;
}

static void add(const char *entry) {
  assert_true(start.count < VARIABLES);
  snprintf(start.text[start.count], sizeof start.text[0], "%s", entry);
  start.entries[start.count] = start.text[start.count];
  start.count++;
}

/* The child's part: one line for each fact, all on stdout. */
static int say(void) {
  const struct policy *policy = config_policy();
  char file[300];

  memset(file, 'f', sizeof file - 1);
  file[sizeof file - 1] = 0;
  printf("policy %s\n", policy ? "yes" : "no");
  printf("stderr %s\n", start_has_stderr() ? "yes" : "no");
  if (!policy)
    return 0;
  printf("log %s\n", policy->log_path);
  printf("trace %s\n", policy->trace_path);
  (void)config_strips_deepbind(file);
  (void)config_strips_deepbind("another");
  return 0;
}

static void become_child(int out) {
  char program[] = "test_config", argument[] = "child";
  char *arguments[] = {program, argument, NULL};
  int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

  if (self < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 ||
      (start.folder && chdir(start.folder)) ||
      (start.is_removed && rmdir(start.folder)))
    _exit(1);
  if (start.has_no_stderr)
    (void)close(2);
  (void)fexecve(self, arguments, start.entries);
  _exit(1);
}

/* What it said. */
static const char *said(void) {
  static char text[4096];
  size_t length = 0;
  ssize_t n;
  int ends[2], status;
  pid_t child;

  assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
  child = fork();
  assert_true(child >= 0);
  if (!child)
    become_child(ends[1]);
  (void)close(ends[1]);
  while ((n = read(ends[0], text + length, sizeof text - 1 - length)) > 0)
    length += (size_t)n;
  text[length] = 0;
  (void)close(ends[0]);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  return text;
}

static void assert_says(const char *text, const char *part) {
  if (!strstr(text, part))
    fail_msg("no '%s' in '%s'", part, text);
}

/* --- paths -----------------------------------------------------------------
 */

static void a_relative_path_is_of_the_folder_it_starts_in(void **unused) {
  static const char *const rows[][3] = {
      {"/tmp", "log /tmp/a/log\n", "trace /tmp/./trace\n"},
      {"/", "log /a/log\n", "trace /./trace\n"}};
  const char *text;

  (void)unused;
  add("CURLRETRY_LOG=a/log");
  add("CURLRETRY_TRACE=./trace");
  for (size_t i = 0; i < COUNT(rows); i++) {
    start.folder = rows[i][0];
    text = said();
    assert_says(text, rows[i][1]);
    assert_says(text, rows[i][2]);
  }
}

static void without_a_folder_it_stays_relative(void **unused) {
  char folder[] = "/tmp/test_config.XXXXXX";

  (void)unused;
  assert_non_null(mkdtemp(folder));
  start.folder = folder;
  start.is_removed = true;
  add("CURLRETRY_LOG=a/log");
  assert_says(said(), "log a/log\n");
}

static void other_values_and_absolute_paths_stay(void **unused) {
  const char *text;

  (void)unused;
  start.folder = "/tmp";
  add("CURLRETRY_TRACE=/a/trace");
  add("CURLRETRY_LOG=off");
  text = said();
  assert_says(text, "trace /a/trace\n");
  assert_says(text, "log \n");
}

/* --- what can't be meant ---------------------------------------------------
 */

static void too_many_variables_are_no_policy(void **unused) {
  char entry[32];
  const char *text;

  (void)unused;
  for (int i = 0; i < 65; i++) {
    snprintf(entry, sizeof entry, "CURLRETRY_A%d=1", i);
    add(entry);
  }
  text = said();
  assert_says(text, "policy no\n");
  assert_says(text, "curlretry: CURLRETRY_ variables: more than 64, ");
  assert_says(text, "; running without retries\n");
}

static void too_long_ones_are_no_policy(void **unused) {
  static char entry[17000] = "CURLRETRY_HOSTS=";
  const char *text;

  (void)unused;
  memset(entry + 16, 'h', sizeof entry - 17);
  start.entries[0] = entry;
  text = said();
  assert_says(text, "policy no\n");
  assert_says(text, "or more than 16384 bytes of text");
}

/* An unknown name, and the first word of who says it. */
static void a_typing_error_is_said_once(void **unused) {
  const char *text;

  (void)unused;
  add("CURLRETRY_MAX_RETRYS=1");
  text = said();
  assert_says(text, "policy no\n");
  assert_says(text, "curlretry: CURLRETRY_MAX_RETRYS=1: no such variable; "
                    "nearest: CURLRETRY_MAX_RETRIES");
  assert_null(strstr(strstr(text, "no such") + 1, "no such"));
}

static void what_switches_it_off_is_no_policy(void **unused) {
  static const char *const entries[] = {
      "CURLRETRY_DISABLE=1", "CURLRETRY_MAX_RETRIES=0",
      "CURLRETRY_PROGRAMS=!test_*", "CURLRETRY_PROGRAMS=curl"};

  (void)unused;
  for (size_t i = 0; i < COUNT(entries); i++) {
    (void)begin(NULL);
    add(entries[i]);
    assert_string_equal(said(), "policy no\nstderr yes\n");
  }
}

/* --- what is said ----------------------------------------------------------
 */

/* PHP opens each of its extensions so. */
static void the_first_deep_binding_is_told_of(void **unused) {
  const char *text;

  (void)unused;
  add("CURLRETRY_LOG_LEVEL=debug");
  text = said();
  assert_says(text, "policy yes\n");
  assert_says(text, "RTLD_DEEPBIND is taken from the program's dlopen calls; "
                    "the first: ffff");
  assert_null(strstr(text, "another"));
}

static void a_closed_stderr_is_none(void **unused) {
  (void)unused;
  start.has_no_stderr = true;
  assert_string_equal(said(), "policy yes\nstderr no\nlog \ntrace \n");
}

/* There syslog is told. */
static void without_stderr_an_error_goes_elsewhere(void **unused) {
  (void)unused;
  start.has_no_stderr = true;
  add("CURLRETRY_MAX_RETRYS=1");
  assert_string_equal(said(), "policy no\nstderr no\n");
}

#define TEST(test) cmocka_unit_test_setup(test, begin)

int main(int argc, char **argv) {
  static const struct CMUnitTest all[] = {
      TEST(a_relative_path_is_of_the_folder_it_starts_in),
      TEST(without_a_folder_it_stays_relative),
      TEST(other_values_and_absolute_paths_stay),
      TEST(too_many_variables_are_no_policy),
      TEST(too_long_ones_are_no_policy),
      TEST(a_typing_error_is_said_once),
      TEST(what_switches_it_off_is_no_policy),
      TEST(the_first_deep_binding_is_told_of),
      TEST(a_closed_stderr_is_none),
      TEST(without_stderr_an_error_goes_elsewhere),
  };

  (void)argv;
  return argc > 1 ? say() : cmocka_run_group_tests(all, NULL, NULL);
}
