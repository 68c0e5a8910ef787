#define _GNU_SOURCE
#include "host/budget_page.h"

#include "host/descriptor.h"
#include "host/libc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* snprintf only */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <unistd.h>

#define PAGE_SIZE 4096
#define BLOCK_SIZE 512 /* of st_blocks: stat(2) */
#define TMPFS_TYPE 0x01021994
#define OWN_MODE (S_IRUSR | S_IWUSR)

/* Words, not bytes: a process of the other byte order finds another format. */
#define MAGIC UINT64_C(0x7465676475627263) /* "crbudget" */
#define FORMAT (UINT64_C(1) << 32 | BUDGET_SLOTS)

/* The file. All zero is one that nobody has used yet. */
struct page {
  _Atomic uint64_t magic;
  _Atomic uint64_t format;
  struct budget_table table;
};

_Static_assert(sizeof(struct page) <= PAGE_SIZE, "one page holds it");

void budget_page_path(const char *folder, char *path) {
  (void)snprintf(path, BUDGET_PAGE_PATH_SIZE, "%s/curlretry-budgets-v1-%lu",
                 folder, (unsigned long)geteuid());
}

/* The mode is what we ask for, whatever the umask takes from it. Who makes it
 * at the same moment was first. */
static int open_or_make(const char *path) {
  const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
  int file = open(path, flags);

  if (file >= 0 || errno != ENOENT)
    return file;
  file = open(path, flags | O_CREAT | O_EXCL, OWN_MODE);
  if (file < 0 && errno == EEXIST)
    return open(path, flags);
  if (file >= 0)
    (void)fchmod(file, OWN_MODE);
  return file;
}

/* Why the file isn't used; NULL: it may be. */
static const char *check_file(int file, const struct stat *status) {
  struct statfs system;

  if (!S_ISREG(status->st_mode))
    return "it is no regular file";
  if (status->st_uid != geteuid())
    return "it is somebody else's";
  if ((status->st_mode & 07777) != OWN_MODE)
    return "its mode isn't 0600";
  if (status->st_nlink != 1)
    return "it has another name, too";
  if (status->st_size && status->st_size != PAGE_SIZE)
    return "its size is another";
  if (fstatfs(file, &system) || system.f_type != TMPFS_TYPE)
    return "it isn't in memory (tmpfs)";
  return NULL;
}

/* All of the page is there before it is touched: a file system that is full
 * would raise SIGBUS, a file beyond RLIMIT_FSIZE SIGXFSZ. Several may do it at
 * once: it never shortens a file. */
static bool fill(int file, const struct stat *status) {
  struct rlimit limit;

  if (status->st_size && status->st_blocks >= PAGE_SIZE / BLOCK_SIZE)
    return true;
  if (getrlimit(RLIMIT_FSIZE, &limit) ||
      (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < PAGE_SIZE))
    return false;
  return !fallocate(file, 0, 0, PAGE_SIZE);
}

/* Whether the word is the value, or nobody has set it yet. */
static bool may_be(_Atomic uint64_t *word, uint64_t value) {
  uint64_t now = atomic_load(word);

  return !now || now == value;
}

/* Looked at before it is written to: it may be a file of somebody's. */
static bool claim(struct page *page) {
  if (!may_be(&page->magic, MAGIC) || !may_be(&page->format, FORMAT))
    return false;
  if (!atomic_load(&page->magic))
    atomic_store(&page->magic, MAGIC);
  if (!atomic_load(&page->format))
    atomic_store(&page->format, FORMAT);
  return true;
}

static struct budget_table *map(int file, const char **problem) {
  struct page *page =
      mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);

  if (page == MAP_FAILED) {
    *problem = "it can't be mapped";
    return NULL;
  }
  if (claim(page))
    return &page->table;
  (void)munmap(page, PAGE_SIZE);
  *problem = "its format is another";
  return NULL;
}

struct budget_table *budget_page_open(const char *folder,
                                      const char **problem) {
  char path[BUDGET_PAGE_PATH_SIZE];
  struct budget_table *table = NULL;
  struct descriptor file;
  struct stat status;
  int saved = errno;

  budget_page_path(folder, path);
  if (!descriptor_own(&file, open_or_make(path))) {
    *problem = "it can't be opened";
  } else {
    if (libc_fstat(file.number, &status))
      *problem = "it can't be opened";
    else
      *problem = check_file(file.number, &status);
    if (!*problem && !fill(file.number, &status))
      *problem = "there is no room for it";
    if (!*problem)
      table = map(file.number, problem);
    descriptor_close(&file);
  }
  errno = saved;
  return table;
}
