#define _GNU_SOURCE
#include "failing.h"

#include "imports.h"
#include "setup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#define NODE_SIZE (3 * sizeof(void *)) /* of the shim's table */

static long left = -1; /* calls before the one that fails; -1: none does */
static bool goes_on;
static int error;
static long failed, blocks;
static int lowest = INT_MAX;
static long only; /* the one of syscall()'s; 0: all that are known here */

static bool fails(void) {
  if (left < 0 || left-- > 0)
    return false;
  if (goes_on)
    left = 0;
  failed++;
  errno = error;
  return true;
}

void failing_begin(long at, bool for_good, int number) {
  left = at;
  goes_on = for_good;
  error = number;
  failed = 0;
}

long failing_end(void) {
  left = -1;
  return failed;
}

long failing_blocks(void) { return blocks; }

int failing_lowest(void) { return lowest; }

static int used(int file) {
  if (file < lowest)
    lowest = file;
  return file;
}

/* --- memory ----------------------------------------------------------------
 */

static void *counted(void *memory) {
  blocks += memory != NULL;
  return memory;
}

static void *its_malloc(size_t size) {
  return fails() ? NULL : counted(malloc(size));
}

static void *its_calloc(size_t count, size_t size) {
  if (fails())
    return NULL;
  return count == 1 && size == NODE_SIZE ? calloc(count, size)
                                         : counted(calloc(count, size));
}

static void *its_realloc(void *memory, size_t size) {
  if (fails())
    return NULL;
  return memory ? realloc(memory, size) : counted(malloc(size));
}

static char *its_strdup(const char *text) {
  return fails() ? NULL : counted(strdup(text));
}

static void *its_aligned_alloc(size_t alignment, size_t size) {
  return fails() ? NULL : counted(aligned_alloc(alignment, size));
}

static void its_free(void *memory) {
  blocks -= memory != NULL;
  free(memory);
}

/* --- libcurl's memory ------------------------------------------------------
 */

static bool is_libcurls; /* it fails, too */

static bool fails_for_libcurl(void) { return is_libcurls && fails(); }

static void *curls_malloc(size_t size) {
  return fails_for_libcurl() ? NULL : malloc(size);
}

static void *curls_calloc(size_t count, size_t size) {
  return fails_for_libcurl() ? NULL : calloc(count, size);
}

static void *curls_realloc(void *memory, size_t size) {
  return fails_for_libcurl() ? NULL : realloc(memory, size);
}

static char *curls_strdup(const char *text) {
  return fails_for_libcurl() ? NULL : strdup(text);
}

void failing_prepare(void) {
  curl_global_init_mem(CURL_GLOBAL_ALL, curls_malloc, free, curls_realloc,
                       curls_strdup, curls_calloc);
}

/* --- system calls ----------------------------------------------------------
 */

static int its_open(const char *path, int flags, mode_t mode) {
  return fails() ? -1 : open(path, flags, mode);
}

static int its_mkostemp(char *path, int flags) {
  return fails() ? -1 : mkostemp(path, flags);
}

static int its_unlink(const char *path) { return fails() ? -1 : unlink(path); }

static ssize_t its_write(int file, const void *bytes, size_t length) {
  return fails() ? -1 : write(used(file), bytes, length);
}

static ssize_t its_pwrite(int file, const void *bytes, size_t length,
                          off_t at) {
  return fails() ? -1 : pwrite(used(file), bytes, length, at);
}

static ssize_t its_pread(int file, void *bytes, size_t length, off_t at) {
  return fails() ? -1 : pread(file, bytes, length, at);
}

static int its_fstat(int file, struct stat *status) {
  return fails() ? -1 : fstat(file, status);
}

static int its_stat(const char *path, struct stat *status) {
  return fails() ? -1 : stat(path, status);
}

static int its_fstatfs(int file, struct statfs *status) {
  return fails() ? -1 : fstatfs(file, status);
}

static int its_fchmod(int file, mode_t mode) {
  return fails() ? -1 : fchmod(file, mode);
}

static int its_fallocate(int file, int mode, off_t at, off_t length) {
  return fails() ? -1 : fallocate(file, mode, at, length);
}

static int its_fcntl(int file, int command, long argument) {
  return fails() ? -1 : fcntl(file, command, argument);
}

static int its_poll(struct pollfd *files, nfds_t count, int timeout) {
  return fails() ? -1 : poll(files, count, timeout);
}

static void *its_mmap(void *at, size_t length, int protection, int flags,
                      int file, off_t offset) {
  return fails() ? MAP_FAILED
                 : mmap(at, length, protection, flags, file, offset);
}

static int its_timerfd_create(int clock, int flags) {
  return fails() ? -1 : timerfd_create(clock, flags);
}

/* The timer's calls but for its making: libfaketime takes their times for its
 * own, so the shim goes to the kernel. */
static bool is_timers(long number) {
  return number == SYS_timerfd_settime || number == SYS_timerfd_gettime;
}

static long its_syscall(long number, ...) {
  va_list arguments;
  long given[4];

  if (is_timers(number) && (!only || number == only) && fails())
    return -1;
  va_start(arguments, number);
  for (size_t i = 0; i < COUNT(given); i++)
    given[i] = va_arg(arguments, long);
  va_end(arguments);
  if (number == SYS_timerfd_settime)
    (void)used((int)given[0]);
  return syscall(number, given[0], given[1], given[2], given[3]);
}

/* No vDSO: the clock is libc's. */
static unsigned long its_getauxval(unsigned long type) {
  return type == AT_SYSINFO_EHDR ? 0 : getauxval(type);
}

static int its_clock_gettime(clockid_t clock, struct timespec *now) {
  return fails() ? -1 : clock_gettime(clock, now);
}

static int its_getrlimit(int resource, struct rlimit *limit) {
  return fails() ? -1 : getrlimit((__rlimit_resource_t)resource, limit);
}

static int its_sigprocmask(int how, const sigset_t *set, sigset_t *before) {
  return fails() ? -1 : sigprocmask(how, set, before);
}

static int its_sigaction(int number, const struct sigaction *action,
                         struct sigaction *before) {
  return fails() ? -1 : sigaction(number, action, before);
}

static int its_socket(int domain, int type, int protocol) {
  return fails() ? -1 : socket(domain, type, protocol);
}

static int its_bind(int file, const struct sockaddr *address, socklen_t size) {
  return fails() ? -1 : bind(file, address, size);
}

static int its_getsockname(int file, struct sockaddr *address,
                           socklen_t *size) {
  return fails() ? -1 : getsockname(file, address, size);
}

static int its_setsockopt(int file, int level, int name, const void *value,
                          socklen_t size) {
  return fails() ? -1 : setsockopt(file, level, name, value, size);
}

static ssize_t its_sendto(int file, const void *bytes, size_t length,
                          int flags, const struct sockaddr *to,
                          socklen_t size) {
  return fails() ? -1 : sendto(used(file), bytes, length, flags, to, size);
}

/* --- the choice ------------------------------------------------------------
 */

typedef void (*function)(void);

#define ONE(name)                                                             \
  { #name, (function)its_##name, false }
#define MEMORY(name)                                                          \
  { #name, (function)its_##name, true }

static const struct {
  const char *name;
  function own;
  bool is_memory;
} all[] = {
    MEMORY(malloc),
    MEMORY(calloc),
    MEMORY(realloc),
    MEMORY(strdup),
    MEMORY(aligned_alloc),
    MEMORY(free),
    ONE(open),
    ONE(mkostemp),
    ONE(unlink),
    ONE(write),
    ONE(pwrite),
    ONE(pread),
    ONE(fstat),
    ONE(stat),
    ONE(fstatfs),
    ONE(fchmod),
    ONE(fallocate),
    ONE(fcntl),
    ONE(poll),
    ONE(mmap),
    ONE(timerfd_create),
    ONE(syscall),
    ONE(clock_gettime),
    ONE(getrlimit),
    ONE(sigprocmask),
    ONE(sigaction),
    ONE(socket),
    ONE(bind),
    ONE(getsockname),
    ONE(setsockopt),
    ONE(sendto),
};

static bool replace(const char *name, function own) {
  void *address;

  memcpy(&address, &own, sizeof address);
  return imports_replace("libcurlretry", name, address);
}

bool failing_choose(const char *name) {
  bool is_memory = !strcmp(name, "memory") || !strcmp(name, "process");
  bool is_there = false;
  bool is_call = !strcmp(name, "calls");

  is_libcurls = !strcmp(name, "process");
  if (!strcmp(name, "timerfd_settime"))
    only = SYS_timerfd_settime;
  else if (!strcmp(name, "timerfd_gettime"))
    only = SYS_timerfd_gettime;
  if (only)
    name = "syscall";
  if (is_call || !strcmp(name, "clock_gettime"))
    (void)replace("getauxval", (function)its_getauxval);
  for (size_t i = 0; i < COUNT(all); i++)
    if (is_memory || is_call ? all[i].is_memory == is_memory
                             : !strcmp(all[i].name, name))
      is_there = replace(all[i].name, all[i].own) || is_there;
  return is_there;
}
