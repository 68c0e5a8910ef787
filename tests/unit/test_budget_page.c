/* test_budget_page.c - which file in /dev/shm is used as the user's budgets.
 */
#include "page_test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/vfs.h>

static struct stat status_of(const char *name) {
  struct stat status;

  assert_int_equal(lstat(name, &status), 0);
  return status;
}

/* It isn't used, for this reason, nor changed. */
static void assert_unused(const char *reason) {
  const char *problem = NULL;
  struct stat before, after;

  if (!folder[0])
    skip();
  before = status_of(path);
  errno = 4711;
  assert_null(budget_page_open(folder, &problem));
  assert_int_equal(errno, 4711);
  assert_string_equal(problem, reason);
  after = status_of(path);
  assert_int_equal(after.st_mode, before.st_mode);
  assert_int_equal(after.st_ino, before.st_ino);
  assert_int_equal(after.st_size, before.st_size);
  assert_int_equal(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
}

/* A file of this name, mode and size, all zero. */
static void make_file(const char *name, mode_t mode, off_t size) {
  int file = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);

  if (!folder[0])
    skip();
  assert_true(file >= 0);
  assert_int_equal(ftruncate(file, size), 0);
  assert_int_equal(fchmod(file, mode), 0);
  close(file);
}

static void write_word(off_t at, uint64_t word) {
  int file = open(path, O_RDWR);

  assert_int_equal(pwrite(file, &word, sizeof word, at), sizeof word);
  close(file);
}

static int descriptors(void) {
  int count = 0;

  for (int i = 0; i < 256; i++)
    count += fcntl(i, F_GETFD) >= 0;
  return count;
}

static void it_is_made_for_the_user_alone(void **state) {
  struct stat status;
  char name[32];
  int before = descriptors();
  mode_t mask = umask(0);

  (void)state;
  assert_int_equal(left(open_page(), 1), LIMIT);
  umask(mask);
  assert_int_equal(descriptors(), before);
  status = status_of(path);
  assert_true(S_ISREG(status.st_mode));
  assert_int_equal(status.st_mode & 07777, 0600);
  assert_int_equal(status.st_uid, geteuid());
  assert_int_equal(status.st_size, 4096);
  assert_true(status.st_blocks >= 8); /* all of it is there */
  snprintf(name, sizeof name, "v1-%lu", (unsigned long)geteuid());
  assert_non_null(strstr(path, name));
}

static void whatever_the_umask(void **state) {
  mode_t mask = umask(0777);

  (void)state;
  (void)open_page();
  umask(mask);
  assert_int_equal(status_of(path).st_mode & 07777, 0600);
}

static void errno_is_kept(void **state) {
  (void)state;
  errno = 4711;
  (void)open_page();
  assert_int_equal(errno, 4711);
}

static void the_second_finds_what_the_first_took(void **state) {
  struct budget_table *first = open_page();
  struct budget_table *second;

  (void)state;
  assert_true(take(first, 1));
  second = open_page();
  assert_ptr_not_equal(first, second);
  assert_int_equal(left(second, 1), LIMIT - COST);
  assert_true(take(second, 1));
  assert_int_equal(left(first, 1), LIMIT - 2 * COST);
}

/* Killed when it had made the file, sized it, written half of its head. */
static void what_a_killed_process_began_is_ended(void **state) {
  uint64_t magic;
  int file;

  (void)state;
  (void)open_page();
  file = open(path, O_RDONLY);
  assert_int_equal(read(file, &magic, sizeof magic), sizeof magic);
  close(file);
  assert_int_equal(magic, UINT64_C(0x7465676475627263));
  for (int i = 0; i < 3; i++) {
    unlink(path);
    make_file(path, 0600, i ? 4096 : 0);
    if (i == 2)
      write_word(0, magic);
    assert_true(take(open_page(), 1));
    assert_int_equal(left(open_page(), 1), LIMIT - COST);
    assert_int_equal(status_of(path).st_size, 4096);
    assert_true(status_of(path).st_blocks >= 8);
  }
}

static void removing_it_harms_nobody(void **state) {
  struct budget_table *first = open_page();

  (void)state;
  assert_true(take(first, 1));
  unlink(path);
  assert_int_equal(left(first, 1), LIMIT - COST);
  assert_int_equal(left(open_page(), 1), LIMIT);
}

static void no_other_kind_of_file_is(void **state) {
  static const char other[] = "it is no regular file";

  (void)state;
  if (!folder[0])
    skip();
  assert_int_equal(mkfifo(path, 0600), 0);
  assert_unused(other);
  unlink(path);
  assert_int_equal(mkdir(path, 0700), 0);
  assert_unused("it can't be opened");
}

/* Not even to a page that is right. */
static void no_symbolic_link_is_followed(void **state) {
  char target[BUDGET_PAGE_PATH_SIZE];

  (void)state;
  (void)open_page();
  snprintf(target, sizeof target, "%s/target", folder);
  assert_int_equal(rename(path, target), 0);
  assert_int_equal(symlink(target, path), 0);
  assert_unused("it can't be opened");
  assert_int_equal(unlink(target), 0);
  assert_unused("it can't be opened");
}

static void others_may_not_have_it(void **state) {
  static const mode_t modes[] = {0640, 0604, 0666, 0400, 0700, 04600, 0};

  (void)state;
  for (size_t i = 0; i < COUNT(modes); i++) {
    make_file(path, modes[i], 4096);
    assert_unused(geteuid() && !(modes[i] & 0200) ? "it can't be opened"
                                                  : "its mode isn't 0600");
    unlink(path);
  }
}

static void nor_own_it(void **state) {
  (void)state;
  if (geteuid() || !folder[0])
    skip();
  make_file(path, 0600, 4096);
  if (chown(path, 12345, (gid_t)-1)) /* a namespace of one user */
    skip();
  assert_unused("it is somebody else's");
}

static void it_has_one_name(void **state) {
  char other[BUDGET_PAGE_PATH_SIZE];

  (void)state;
  (void)open_page();
  snprintf(other, sizeof other, "%s/other", folder);
  assert_int_equal(link(path, other), 0);
  assert_unused("it has another name, too");
  unlink(other);
  (void)open_page();
}

static void it_has_one_size(void **state) {
  static const off_t sizes[] = {1, 4095, 4097, 8192, 1 << 30};

  (void)state;
  for (size_t i = 0; i < COUNT(sizes); i++) {
    make_file(path, 0600, sizes[i]);
    assert_unused("its size is another");
    unlink(path);
  }
}

static void and_one_format(void **state) {
  (void)state;
  (void)open_page();
  write_word(8, UINT64_C(2) << 32 | BUDGET_SLOTS);
  assert_unused("its format is another");
  write_word(8, UINT64_C(1) << 32 | (BUDGET_SLOTS / 2));
  assert_unused("its format is another");
  write_word(8, 0);
  write_word(0, 4711);
  assert_unused("its format is another");
}

/* A file that grows beyond the limit raises SIGXFSZ, which ends a process. */
static void a_limit_on_files_is_no_end(void **state) {
  struct rlimit limit, small;
  const char *problem;

  (void)state;
  if (!folder[0])
    skip();
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
  small = limit;
  small.rlim_cur = 4095;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  assert_null(budget_page_open(folder, &problem));
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  assert_string_equal(problem, "there is no room for it");
  (void)open_page();
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  assert_true(take(open_page(), 1)); /* it needn't grow */
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* On a disk that is full a write to the mapping would raise SIGBUS. */
static void it_is_in_memory(void **state) {
  char disk[] = "/tmp/budget.XXXXXX";
  struct statfs system;
  const char *problem = NULL;

  (void)state;
  assert_int_equal(statfs("/tmp", &system), 0);
  if (system.f_type == 0x01021994)
    skip();
  assert_non_null(mkdtemp(disk));
  assert_null(budget_page_open(disk, &problem));
  assert_string_equal(problem, "it isn't in memory (tmpfs)");
  budget_page_path(disk, path);
  unlink(path);
  rmdir(disk);
}

static void without_the_folder_there_is_none(void **state) {
  const char *problem = NULL;

  (void)state;
  assert_null(budget_page_open("/dev/shm/none/such", &problem));
  assert_string_equal(problem, "it can't be opened");
}

/* ... and a process without a free descriptor has none. */
static void nor_without_a_descriptor(void **state) {
  struct rlimit limit, none;
  const char *problem = NULL;

  (void)state;
  (void)open_page();
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
  none = limit;
  none.rlim_cur = 0;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
  assert_null(budget_page_open(folder, &problem));
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
  assert_string_equal(problem, "it can't be opened");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      PAGE_TEST(it_is_made_for_the_user_alone),
      PAGE_TEST(whatever_the_umask),
      PAGE_TEST(errno_is_kept),
      PAGE_TEST(the_second_finds_what_the_first_took),
      PAGE_TEST(what_a_killed_process_began_is_ended),
      PAGE_TEST(removing_it_harms_nobody),
      PAGE_TEST(no_other_kind_of_file_is),
      PAGE_TEST(no_symbolic_link_is_followed),
      PAGE_TEST(others_may_not_have_it),
      PAGE_TEST(nor_own_it),
      PAGE_TEST(it_has_one_name),
      PAGE_TEST(it_has_one_size),
      PAGE_TEST(and_one_format),
      PAGE_TEST(a_limit_on_files_is_no_end),
      PAGE_TEST(it_is_in_memory),
      PAGE_TEST(without_the_folder_there_is_none),
      PAGE_TEST(nor_without_a_descriptor),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
