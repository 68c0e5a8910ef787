/* test_output.c - a line that is written in somebody else's process: nothing
 * is waited for, no signal of ours stays, and what fails is said once. */
#define _GNU_SOURCE
#include "unit_test.h"

#include "host/line.h"
#include "host/output.h"
#include "host/start.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static struct line line;

/* Stand in for the process's own. */
bool start_has_stderr(void) { return true; }

const char *start_program(void) { return "test"; }

static int begin(void **unused) {
  (void)unused;
  line.length = 0;
  return 0;
}

/* --- one line --------------------------------------------------------------
 */

static void assert_line(const char *text) {
  assert_int_equal(line.length, strlen(text));
  assert_memory_equal(line.text, text, line.length);
}

static void numbers_have_their_sign(void **unused) {
  (void)unused;
  line_number(&line, 0);
  line_put(&line, " ");
  line_number(&line, -7);
  line_put(&line, " ");
  line_number(&line, INT64_MAX);
  line_put(&line, " ");
  line_number(&line, INT64_MIN);
  assert_line("0 -7 9223372036854775807 -9223372036854775808");
}

/* Its end always fits. */
static void a_full_line_takes_no_more(void **unused) {
  static char text[LINE_SIZE];
  size_t full;

  (void)unused;
  memset(text, 'a', sizeof text - 1);
  line_put(&line, text);
  full = line.length;
  assert_true(full > LINE_SIZE - 8 && full < LINE_SIZE);
  line_value(&line, "value", 100);
  line_number(&line, 7);
  assert_int_equal(line.length, full);
  line_end(&line);
  assert_true(line.length <= LINE_SIZE);
  assert_int_equal(line.text[line.length - 1], '\n');
}

/* --- writing it ------------------------------------------------------------
 */

static void a_reader_that_sleeps_is_not_waited_for(void **unused) {
  static const char some[4096];
  int ends[2];

  (void)unused;
  line_put(&line, "x\n");
  assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  while (write(ends[1], some, sizeof some) > 0)
    ;
  assert_int_equal(fcntl(ends[1], F_SETFL, 0), 0); /* it would block */
  assert_int_equal(output_write(ends[1], &line, NULL), EAGAIN);
  (void)close(ends[0]);
  (void)close(ends[1]);
}

static bool is_pending(void) {
  sigset_t pending;

  assert_int_equal(sigpending(&pending), 0);
  return sigismember(&pending, SIGPIPE);
}

/* A host that reads its signals by sigwait(). */
static void a_signal_that_the_host_has_blocked_stays_its_own(void **unused) {
  sigset_t pipes, before;
  int ends[2], number;

  (void)unused;
  line_put(&line, "x\n");
  (void)sigemptyset(&pipes);
  (void)sigaddset(&pipes, SIGPIPE);
  assert_int_equal(sigprocmask(SIG_BLOCK, &pipes, &before), 0);
  assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
  (void)close(ends[0]);
  assert_int_equal(output_write(ends[1], &line, NULL), EPIPE);
  assert_false(is_pending()); /* ours is gone */
  assert_int_equal(raise(SIGPIPE), 0);
  assert_int_equal(output_write(ends[1], &line, NULL), EPIPE);
  assert_true(is_pending()); /* its own isn't */
  assert_int_equal(sigwait(&pipes, &number), 0);
  assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
  (void)close(ends[1]);
}

/* --- complaints ------------------------------------------------------------
 */

/* What comes of it on stderr. */
static const char *complaint(atomic_flag *told, int error, bool is_told) {
  static char text[1024];
  int ends[2], saved = dup(2);
  ssize_t n;

  assert_true(saved >= 0);
  assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  (void)dup2(ends[1], 2);
  assert_int_equal(
      output_complain(told, "CURLRETRY_LOG=", "/a/log", error, "it is lost"),
      is_told);
  (void)dup2(saved, 2);
  (void)close(saved);
  (void)close(ends[1]);
  n = read(ends[0], text, sizeof text - 1);
  (void)close(ends[0]);
  text[n > 0 ? n : 0] = 0;
  return text;
}

static void a_failure_is_said_in_words(void **unused) {
  static const struct {
    int error;
    const char *text;
  } rows[] = {{EACCES, "permission denied"},
              {EPERM, "permission denied"},
              {ENOENT, "no such file or folder"},
              {ENOTDIR, "not a folder"},
              {EISDIR, "a folder"},
              {EROFS, "read-only file system"},
              {ENOSPC, "no space left"},
              {EDQUOT, "no space left"},
              {EFBIG, "as large as it may be"},
              {EMFILE, "no descriptor left"},
              {ENFILE, "no descriptor left"},
              {ELOOP, "a symbolic link to a file of another owner"},
              {ENXIO, "nobody reads it"},
              {EPIPE, "nobody reads it"},
              {ECONNREFUSED, "nobody reads it"},
              {EBADF, "closed since the process started"},
              {4095, "error 4095"}};
  char expected[200];

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    atomic_flag told = ATOMIC_FLAG_INIT;
    snprintf(expected, sizeof expected,
             "curlretry: CURLRETRY_LOG=/a/log: %s; it is lost\n",
             rows[i].text);
    assert_string_equal(complaint(&told, rows[i].error, true), expected);
  }
}

static void it_is_said_once(void **unused) {
  atomic_flag told = ATOMIC_FLAG_INIT;

  (void)unused;
  assert_string_equal(complaint(&told, 0, false), "");
  assert_string_equal(complaint(&told, EAGAIN, false), "");
  assert_string_not_equal(complaint(&told, EACCES, true), "");
  assert_string_equal(complaint(&told, EACCES, false), "");
}

#define TEST(test) cmocka_unit_test_setup(test, begin)

int main(void) {
  static const struct CMUnitTest all[] = {
      TEST(numbers_have_their_sign),
      TEST(a_full_line_takes_no_more),
      TEST(a_reader_that_sleeps_is_not_waited_for),
      TEST(a_signal_that_the_host_has_blocked_stays_its_own),
      TEST(a_failure_is_said_in_words),
      TEST(it_is_said_once),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}
