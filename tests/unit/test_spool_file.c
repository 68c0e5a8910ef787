/* test_spool_file.c - the spool's file is seen by nobody, and what is left
 * when it can't be had, written or read. */
#define _GNU_SOURCE
#include "spool_test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static bool lacks_tmpfile; /* as some file systems do */
static bool is_full;

/* Instead of libc's, also for spool.c. */
int open(const char *path, int flags, ...) {
  bool is_unnamed = (flags & O_TMPFILE) == O_TMPFILE;
  va_list rest;
  int mode = 0;

  va_start(rest, flags);
  if (is_unnamed || flags & O_CREAT)
    mode = va_arg(rest, int);
  va_end(rest);
  if (is_unnamed && lacks_tmpfile) {
    errno = EOPNOTSUPP;
    return -1;
  }
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

ssize_t pwrite(int file, const void *data, size_t length, off_t at) {
  if (is_full && length > 1) {
    errno = ENOSPC;
    return -1;
  }
  return (ssize_t)syscall(SYS_pwrite64, file, data, is_full ? 1 : length, at);
}

static int count_entries(void) {
  DIR *entries = opendir(folder);
  int count = 0;

  assert_non_null(entries);
  while (readdir(entries))
    count++;
  closedir(entries);
  return count - 2; /* "." and ".." */
}

/* The host closes the spool's file, and the number comes back as another one
 * of 12 bytes without a name. */
static int replace_file(const struct spool *spool) {
  int other = open(folder, O_TMPFILE | O_RDWR, 0600);

  assert_int_equal(write(other, "another file", 12), 12);
  assert_int_equal(dup2(other, spool->file.number), spool->file.number);
  close(other);
  return spool->file.number;
}

/* It is open and as it was; closes it. */
static void assert_untouched(int other) {
  char content[20];

  assert_int_equal(pread(other, content, sizeof content, 0), 12);
  assert_memory_equal(content, "another file", 12);
  assert_int_equal(close(other), 0);
}

static void clear_closes_the_file(void **unused) {
  struct spool spool;
  int file;

  (void)unused;
  begin_full(&spool, 8, 20);
  file = spool.file.number;
  spool_clear(&spool, MOST);
  assert_int_equal(spool.file.number, -1);
  assert_int_equal(fcntl(file, F_GETFD), -1);
  assert_int_equal(spool_append(&spool, bytes, 12), SPOOL_OK);
  assert_holds(&spool, 12);
  spool_clear(&spool, 0);
}

/* With O_TMPFILE, and without. */
static void the_file_is_seen_by_nobody(void **unused) {
  (void)unused;
  for (int i = 0; i < 2; i++) {
    struct spool spool;
    struct stat status;
    lacks_tmpfile = i == 1;
    begin(&spool, 8, MOST);
    assert_int_equal(spool_append(&spool, bytes, 20), SPOOL_OK);
    lacks_tmpfile = false;
    assert_int_equal(count_entries(), 0);
    assert_int_equal(fstat(spool.file.number, &status), 0);
    assert_int_equal(status.st_nlink, 0);
    assert_int_equal(status.st_size, 12);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(fcntl(spool.file.number, F_GETFD), FD_CLOEXEC);
    assert_holds(&spool, 20);
    spool_clear(&spool, 0);
  }
}

/* What fits in memory is kept all the same. */
static void assert_has_no_file(const char *place) {
  struct spool spool;
  size_t kept;

  spool_init(&spool, place);
  spool_limit(&spool, 8, MOST);
  assert_int_equal(spool_append(&spool, bytes, 9), SPOOL_NO_FILE);
  assert_holds(&spool, 0);
  assert_int_equal(spool_append_some(&spool, bytes, 9, &kept), SPOOL_NO_FILE);
  assert_int_equal(kept, 8);
  assert_int_equal(spool.file.number, -1);
  assert_holds(&spool, 8);
  spool_clear(&spool, 0);
}

static void a_folder_that_takes_no_file_is_a_status(void **unused) {
  static char too_long[5000];

  (void)unused;
  memset(too_long, '/', sizeof too_long - 1);
  assert_has_no_file("/tmp/curlretry-no-such-folder");
  assert_has_no_file("/dev/null");
  assert_has_no_file("/proc");
  assert_has_no_file(too_long);
}

/* A write past it would raise SIGXFSZ, which ends this program. */
static void the_limit_of_the_process_is_respected(void **unused) {
  enum spool_status first, second, third;
  struct rlimit own, limit;
  struct spool spool;
  size_t kept;

  (void)unused;
  begin(&spool, 8, MOST);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &own), 0);
  limit = own;
  limit.rlim_cur = 10;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  first = spool_append(&spool, bytes, 19);
  second = spool_append(&spool, bytes, 18);
  third = spool_append_some(&spool, bytes, 1, &kept);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &own), 0);
  assert_int_equal(first, SPOOL_NO_FILE);
  assert_int_equal(second, SPOOL_OK);
  assert_int_equal(third, SPOOL_NO_FILE);
  assert_int_equal(kept, 0);
  assert_holds(&spool, 18);
  spool_clear(&spool, 0);
}

static void a_failing_write_is_a_status(void **unused) {
  struct spool spool;
  size_t kept;

  (void)unused;
  begin_full(&spool, 8, 20);
  is_full = true;
  assert_int_equal(spool_append(&spool, bytes, 5), SPOOL_NO_FILE);
  assert_int_equal(spool_append_some(&spool, bytes, 5, &kept), SPOOL_NO_FILE);
  is_full = false;
  assert_int_equal(kept, 0);
  assert_holds(&spool, 20);
  assert_int_equal(spool_append(&spool, bytes + 20, 5), SPOOL_OK);
  assert_holds(&spool, 25);
  spool_clear(&spool, 0);
}

/* A host that changes our file. */
static void a_changed_file_is_an_error(void **unused) {
  unsigned char content[20];
  struct spool spool;
  int file;

  (void)unused;
  begin_full(&spool, 8, 20);
  file = spool.file.number;
  assert_int_equal(ftruncate(file, 11), 0);
  assert_int_equal(spool_read(&spool, 0, content, 20), -1);
  assert_int_equal(spool_read(&spool, 19, content, 1), -1);
  assert_int_equal(spool_read(&spool, 0, content, 8), 8);
  spool_clear(&spool, 0);
  close(file); /* who knows whose it is */
}

static void the_file_is_3_or_higher(void **unused) {
  int own[3], file;
  struct spool spool;

  (void)unused;
  for (int i = 0; i < 3; i++)
    own[i] = fcntl(i, F_DUPFD_CLOEXEC, 10);
  for (int i = 0; i < 3; i++)
    close(i);
  begin(&spool, 8, MOST);
  (void)spool_append(&spool, bytes, 20);
  file = spool.file.number;
  for (int i = 0; i < 3; i++) {
    if (fcntl(i, F_GETFD) >= 0)
      file = -2; /* something was left */
    dup2(own[i], i);
    close(own[i]);
  }
  assert_in_range(file, 3, 1000);
  assert_int_equal(fcntl(file, F_GETFD), FD_CLOEXEC);
  assert_holds(&spool, 20);
  spool_clear(&spool, 0);
}

static void a_file_of_the_hosts_is_never_touched(void **unused) {
  unsigned char content[20];
  struct spool spool;
  size_t kept;
  int other;

  (void)unused;
  begin_full(&spool, 8, 20);
  other = replace_file(&spool);
  assert_int_equal(spool_append(&spool, bytes, 5), SPOOL_NO_FILE);
  assert_int_equal(spool_append_some(&spool, bytes, 5, &kept), SPOOL_NO_FILE);
  assert_int_equal(kept, 0);
  assert_int_equal(spool_read(&spool, 0, content, 20), -1);
  assert_int_equal(spool_read(&spool, 8, content, 1), -1);
  assert_false(spool_check(&spool));
  assert_holds(&spool, 8);
  assert_true(spool_check(&spool));
  spool_clear(&spool, 0);
  assert_untouched(other);
}

/* Also where the spool is used again, and where nothing was lost. */
static void a_lost_file_is_replaced_when_it_held_nothing(void **unused) {
  struct spool spool;
  int other;

  (void)unused;
  begin_full(&spool, 8, 20);
  spool_drop(&spool, 12);
  other = replace_file(&spool);
  assert_true(spool_check(&spool));
  assert_int_equal(spool_append(&spool, bytes + 8, 5), SPOOL_OK);
  assert_int_not_equal(spool.file.number, other);
  assert_holds(&spool, 13);
  spool_clear(&spool, 0);
  assert_untouched(other);
}

static void a_closed_file_is_not_closed_again(void **unused) {
  struct spool spool;

  (void)unused;
  begin_full(&spool, 8, 20);
  close(spool.file.number);
  assert_false(spool_check(&spool));
  assert_holds(&spool, 8);
  spool_clear(&spool, 0);
  assert_int_equal(spool_append(&spool, bytes, 20), SPOOL_OK);
  assert_holds(&spool, 20);
  spool_clear(&spool, 0);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(clear_closes_the_file),
      cmocka_unit_test(the_file_is_seen_by_nobody),
      cmocka_unit_test(a_folder_that_takes_no_file_is_a_status),
      cmocka_unit_test(the_limit_of_the_process_is_respected),
      cmocka_unit_test(a_failing_write_is_a_status),
      cmocka_unit_test(a_changed_file_is_an_error),
      cmocka_unit_test(the_file_is_3_or_higher),
      cmocka_unit_test(a_file_of_the_hosts_is_never_touched),
      cmocka_unit_test(a_lost_file_is_replaced_when_it_held_nothing),
      cmocka_unit_test(a_closed_file_is_not_closed_again),
  };

  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
