/* test_trace.c - a line of the trace is one JSON object with every field of
 * version 1; and the file it goes to: whose, which, and when it is renamed.
 */
#include "unit_test.h"

#include "host/trace.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONGEST 5000

static struct policy policy;
static char folder[] = "/tmp/test_trace.XXXXXX";
static char other[64];
static char text[65536];

static int set_up(void **state) {
  (void)state;
  if (!mkdtemp(folder))
    return -1;
  policy_defaults(&policy);
  snprintf(policy.trace_path, sizeof policy.trace_path, "%s/trace", folder);
  snprintf(other, sizeof other, "%s/other", folder);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  unlink(policy.trace_path);
  unlink(other);
  return rmdir(folder);
}

/* What the file has; "": there is none. */
static const char *content(const char *path) {
  int file = open(path, O_RDONLY);
  ssize_t n = file < 0 ? 0 : read(file, text, sizeof text - 1);

  assert_true(n >= 0);
  text[n] = 0;
  if (file >= 0)
    close(file);
  return text;
}

static void begin(void) {
  unlink(policy.trace_path);
  unlink(other);
}

static size_t lines(const char *path) {
  size_t count = 0;

  for (const char *p = content(path); *p; p++)
    count += *p == '\n';
  return count;
}

static void note(void) { trace_note(&policy, LEVEL_WARN, 0, "a note"); }

static const struct attempt_event attempt = {
    .call = 7,
    .attempt = 2,
    .method = "GET",
    .url = "http://user:secret@a.test/x?key=secret#secret",
    .effective_url = "http://b.test/",
    .place = {"b.test:80", "192.0.2.1:80", "p.test:3128", true},
    .message = "Recv failure",
    .class = "reset",
    .http_version = "1.1",
    .code = 56,
    .is_reused = true,
    .dns_us = 1000,
    .connect_us = 250,
    .tls_us = -1,
    .first_byte_us = 1,
    .total_us = 1234567,
    .sent = 1,
    .received = 2,
    .held = 3,
    .replayed = 4,
    .resumed_from = -1,
    .is_retry = true,
    .delay_ms = 0,
    .retry_after_ms = -1,
};

static void an_attempt_has_every_field(void **state) {
  char expected[4096];

  (void)state;
  begin();
  trace_write(&policy, &attempt, NULL);
  snprintf(expected, sizeof expected,
           "\"program\":\"test_trace\",\"pid\":%d,\"tid\":%d,\"call\":7,"
           "\"attempt\":2,\"method\":\"GET\","
           "\"url\":\"http://a.test/x?key=...\","
           "\"effective_url\":\"http://b.test/\",\"host\":\"b.test:80\","
           "\"peer\":\"192.0.2.1:80\",\"proxy\":\"p.test:3128\","
           "\"at_proxy\":true,\"reused\":true,\"http_version\":\"1.1\","
           "\"code\":56,\"status\":null,\"message\":\"Recv failure\","
           "\"class\":\"reset\",\"injected\":false,\"dns\":1,"
           "\"connect\":0.25,\"tls\":null,\"first_byte\":0.001,"
           "\"total\":1234.567,\"sent\":1,\"received\":2,\"held\":3,"
           "\"replayed\":4,\"resumed_from\":null,\"verdict\":\"retry\","
           "\"reason\":null,\"delay_ms\":0,\"retry_after_ms\":null}\n",
           getpid(), getpid());
  content(policy.trace_path);
  assert_memory_equal(text, "{\"v\":1,\"event\":\"attempt\",\"time\":\"20",
                      34);
  assert_non_null(strstr(text, expected));
  assert_null(strstr(text, "secret"));
}

static void a_call_has_every_field(void **state) {
  struct call_event event = {.call = 9,
                             .method = "PUT",
                             .url = "http://a.test/",
                             .place = &attempt.place,
                             .class = "reset",
                             .outcome = "rescued",
                             .status = 201,
                             .attempts = 2,
                             .waited_ms = 12,
                             .total_us = 13500,
                             .up = 5,
                             .down = 6,
                             .is_multi = true};

  (void)state;
  begin();
  trace_write(&policy, NULL, &event);
  content(policy.trace_path);
  assert_non_null(strstr(
      text, "\"call\":9,\"method\":\"PUT\",\"url\":\"http://a.test/\","
            "\"host\":\"b.test:80\",\"peer\":\"192.0.2.1:80\","
            "\"proxy\":\"p.test:3128\",\"at_proxy\":true,\"class\":\"reset\","
            "\"outcome\":\"rescued\",\"code\":0,\"status\":201,\"attempts\":2,"
            "\"waited_ms\":12,\"total_ms\":13.5,\"bytes_up\":5,"
            "\"bytes_down\":6,\"driver\":\"multi\"}\n"));
  event.place = NULL;
  event.code = -1;
  begin();
  trace_write(&policy, NULL, &event);
  content(policy.trace_path);
  assert_non_null(strstr(text, "\"host\":null,\"peer\":null,\"proxy\":null,"
                               "\"at_proxy\":false"));
  assert_non_null(strstr(text, "\"code\":null"));
}

/* Whatever the values are: one line, one object, shorter than PIPE_BUF. */
static void a_value_makes_no_line_of_its_own(void **state) {
  static const char bytes[] = {'a', '"', '\\', '\n', (char)0xff};
  struct attempt_event event = attempt;
  char *value = malloc(LONGEST + 1);

  (void)state;
  assert_non_null(value);
  for (size_t i = 0; i < sizeof bytes; i++) {
    memset(value, bytes[i], LONGEST);
    value[LONGEST] = 0;
    event.method = event.url = event.effective_url = event.reason = value;
    memset(event.message, bytes[i], sizeof event.message - 1);
    memset(event.place.host, bytes[i], sizeof event.place.host - 1);
    memset(event.place.proxy, bytes[i], sizeof event.place.proxy - 1);
    begin();
    trace_write(&policy, &event, NULL);
    content(policy.trace_path);
    assert_int_equal(lines(policy.trace_path), 1);
    assert_true(strlen(text) < 4096);
    assert_non_null(strstr(text, ",\"retry_after_ms\":null}\n"));
    for (const char *p = text; p[1]; p++)
      assert_true(*p >= ' ' && *p < 127);
  }
  free(value);
}

/* --- the file --------------------------------------------------------------
 */

static void it_is_the_users_own(void **state) {
  struct stat status;

  (void)state;
  begin();
  umask(0);
  note();
  assert_int_equal(stat(policy.trace_path, &status), 0);
  assert_int_equal(status.st_mode & 0777, 0600);
}

static void off_makes_no_file(void **state) {
  char path[sizeof policy.trace_path];

  (void)state;
  begin();
  strcpy(path, policy.trace_path);
  policy.trace_path[0] = 0;
  note();
  trace_write(&policy, &attempt, NULL);
  strcpy(policy.trace_path, path);
  assert_int_equal(access(path, F_OK), -1);
}

static void a_renamed_file_is_left_at_once(void **state) {
  (void)state;
  begin();
  note();
  usleep(20000); /* a tick of the file system's clock */
  assert_int_equal(rename(policy.trace_path, other), 0);
  note();
  note();
  assert_int_equal(lines(other), 1);
  assert_int_equal(lines(policy.trace_path), 2);
  unlink(policy.trace_path);
  note();
  assert_int_equal(lines(policy.trace_path), 1);
}

/* A host that closes descriptors that aren't its own, and gets the number for
 * a file of its own. */
static void another_file_gets_no_line(void **state) {
  (void)state;
  begin();
  note();
  for (int i = 3; i < 64; i++)
    close(i);
  for (int i = 3; i < 64; i++)
    assert_int_equal(open(other, O_RDWR | O_CREAT | O_APPEND, 0600), i);
  note();
  for (int i = 3; i < 64; i++)
    close(i);
  assert_int_equal(lines(other), 0);
  assert_int_equal(lines(policy.trace_path), 2);
}

static void a_link_of_our_own_is_followed(void **state) {
  (void)state;
  begin();
  close(open(other, O_RDWR | O_CREAT, 0600));
  assert_int_equal(symlink(other, policy.trace_path), 0);
  note();
  assert_int_equal(lines(other), 1);
}

/* Into a file of somebody else's it isn't: where we may give files away. */
static void a_link_to_anothers_file_is_not(void **state) {
  (void)state;
  begin();
  if (geteuid() != 0)
    skip();
  close(open(other, O_RDWR | O_CREAT, 0666));
  assert_int_equal(chown(other, 65534, 65534), 0);
  assert_int_equal(symlink(other, policy.trace_path), 0);
  note();
  assert_int_equal(lines(other), 0);
}

/* How large files may be; RLIM_INFINITY: as they want. */
static void limit_files(rlim_t size) {
  struct rlimit limit;

  assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
  limit.rlim_cur = size < limit.rlim_max ? size : limit.rlim_max;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Of these lines the one that is no whole object is line number `torn`. */
static void assert_torn(size_t count, size_t torn) {
  char *at = text;

  assert_int_equal(lines(policy.trace_path), count);
  for (size_t i = 0; i < count; i++) {
    char *end = strchr(at, '\n');

    assert_non_null(end);
    assert_int_equal(!strncmp(at, "{\"v\":1,", 7) && end[-1] == '}',
                     i != torn);
    at = end + 1;
  }
  assert_int_equal(*at, 0);
}

/* The limit of a file's size is met as a full disk is: a part of the line is
 * written, then nothing. The next whole line begins where lines do. */
static void a_line_torn_by_a_full_disk_takes_no_other(void **state) {
  (void)state;
  begin();
  note();
  limit_files((rlim_t)strlen(content(policy.trace_path)) + 40);
  note();
  note(); /* nothing of it */
  limit_files(RLIM_INFINITY);
  note();
  note();
  assert_torn(4, 1);
}

/* Another process, which may have the file open as long as we have. */
static void append_there(const char *piece) {
  int file = open(policy.trace_path, O_WRONLY | O_APPEND | O_CREAT, 0600);

  assert_int_equal(write(file, piece, strlen(piece)), strlen(piece));
  close(file);
}

static void nor_does_one_that_another_process_left(void **state) {
  (void)state;
  begin();
  append_there("{\"v\":1");
  note();
  append_there("{\"v\":1,\"a\":1}\n");
  note();
  assert_torn(4, 0);
  begin();
  note();
  append_there("{\"v\":1");
  note();
  assert_torn(3, 1);
}

static void *write_notes(void *unused) {
  for (int i = 0; i < 500; i++)
    note();
  return unused;
}

/* Threads and processes at once: every line is whole. */
static void lines_of_many_do_not_mix(void **state) {
  pthread_t threads[4];
  size_t count = 0;
  FILE *file;
  char line[8192];

  (void)state;
  begin();
  for (int i = 0; i < 3; i++)
    if (!fork()) {
      write_notes(NULL);
      _exit(0);
    }
  for (int i = 0; i < 4; i++)
    pthread_create(&threads[i], NULL, write_notes, NULL);
  for (int i = 0; i < 4; i++)
    pthread_join(threads[i], NULL);
  while (wait(NULL) > 0)
    ;
  file = fopen(policy.trace_path, "r");
  assert_non_null(file);
  for (; fgets(line, sizeof line, file); count++)
    if (strncmp(line, "{\"v\":1,", 7) != 0 ||
        !strstr(line, "\"text\":\"a note\"}\n"))
      fail_msg("%s", line);
  fclose(file);
  assert_int_equal(count, 3500);
}

/* What isn't a file can't be renamed, and its reader may be slow. */
static void a_pipe_gets_each_line(void **state) {
  int reader;
  ssize_t n;

  (void)state;
  begin();
  assert_int_equal(mkfifo(policy.trace_path, 0600), 0);
  reader = open(policy.trace_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  assert_true(reader >= 0);
  note();
  note();
  n = read(reader, text, sizeof text - 1);
  assert_true(n > 0);
  text[n] = 0;
  assert_non_null(strstr(strchr(text, '\n') + 1, "\"text\":\"a note\"}\n"));
  close(reader);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_attempt_has_every_field),
      cmocka_unit_test(a_call_has_every_field),
      cmocka_unit_test(a_value_makes_no_line_of_its_own),
      cmocka_unit_test(it_is_the_users_own),
      cmocka_unit_test(off_makes_no_file),
      cmocka_unit_test(a_renamed_file_is_left_at_once),
      cmocka_unit_test(another_file_gets_no_line),
      cmocka_unit_test(a_link_of_our_own_is_followed),
      cmocka_unit_test(a_link_to_anothers_file_is_not),
      cmocka_unit_test(a_line_torn_by_a_full_disk_takes_no_other),
      cmocka_unit_test(nor_does_one_that_another_process_left),
      cmocka_unit_test(lines_of_many_do_not_mix),
      cmocka_unit_test(a_pipe_gets_each_line),
  };

  return cmocka_run_group_tests(tests, set_up, tear_down);
}
