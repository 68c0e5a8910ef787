/* The constructor copies the environment and the program's name, and remembers
 * stderr: php-fpm clears its workers' environment later, daemons write over
 * their arguments and close descriptor 2. It runs
 * in every process of the environment, so it does no more than that: no
 * allocation, one system call. There is no destructor. */
#define _GNU_SOURCE
#include "host/start.h"

#include "host/libc.h"

#include <elf.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENTRY_MAX 64      /* CURLRETRY_ variables */
#define ENTRY_BYTES 16384 /* their text, in all */
#define FOLDER_SIZE 512
#define WORKING_SIZE 1024
#define PROGRAM_SIZE 256 /* NAME_MAX, and a zero */

/* Set by the constructor, constant afterwards: read without protection. */
static struct {
  bool has_begun;
  const char *entries[ENTRY_MAX];
  size_t count;
  bool is_too_long;
  bool has_stderr;
  dev_t device;
  ino_t inode;
  mode_t mode;
  char folder[FOLDER_SIZE];
  char working_folder[WORKING_SIZE];
  char program[PROGRAM_SIZE];
  char text[ENTRY_BYTES];
} start;

static void copy_entry(const char *entry, size_t *used) {
  size_t size = strlen(entry) + 1;

  if (start.count == ENTRY_MAX || size > ENTRY_BYTES - *used) {
    start.is_too_long = true;
    return;
  }
  memcpy(start.text + *used, entry, size);
  start.entries[start.count++] = start.text + *used;
  *used += size;
}

static void copy_folder(const char *value) {
  size_t length = strlen(value);

  if (length && length < FOLDER_SIZE)
    memcpy(start.folder, value, length + 1);
}

/* What it points to is argv[0], where daemons write what they are doing
 * ("zabbix_agentd: listener #1", perl's $0). */
static void copy_program(void) {
  const char *name = program_invocation_short_name;

  for (size_t i = 0; i < PROGRAM_SIZE - 1 && name[i]; i++)
    start.program[i] = name[i];
}

static void copy_working_folder(void) {
  if (!start.working_folder[0] && !getcwd(start.working_folder, WORKING_SIZE))
    start.working_folder[0] = 0;
}

/* No strncmp(): the first call of a function of another library costs a
 * thousand instructions, in every process. */
static bool begins(const char *entry, const char *text) {
  while (*text && *entry == *text) {
    entry++;
    text++;
  }
  return !*text;
}

static bool is_relative_path(const char *entry) {
  const char *value = entry + sizeof("CURLRETRY_") - 1;

  if (begins(value, "LOG="))
    value += 4;
  else if (begins(value, "TRACE="))
    value += 6;
  else
    return false;
  for (const char *p = value; *p; p++)
    if (*p == '/')
      return p != value;
  return false;
}

/* `environ` is read as it is: bash and others bring a getenv() of their own
 * that does not work yet when constructors run. */
__attribute__((constructor)) static void begin(void) {
  struct stat status;
  size_t used = 0;

  if (start.has_begun)
    return;
  start.has_begun = true;
  copy_program();
  for (char **entry = environ; entry && *entry; entry++) {
    if ((*entry)[0] == 'C' && begins(*entry, "CURLRETRY_")) {
      copy_entry(*entry, &used);
      if (is_relative_path(*entry))
        copy_working_folder();
    } else if ((*entry)[0] == 'T' && !start.folder[0] &&
               begins(*entry, "TMPDIR=")) {
      copy_folder(*entry + 7);
    }
  }
  if (libc_fstat(2, &status))
    return;
  start.has_stderr = true;
  start.device = status.st_dev;
  start.inode = status.st_ino;
  start.mode = status.st_mode;
}

bool start_has_stderr(void) {
  struct stat status;

  return start.has_stderr && !libc_fstat(2, &status) &&
         status.st_dev == start.device && status.st_ino == start.inode &&
         (status.st_mode & S_IFMT) == (start.mode & S_IFMT);
}

const char *start_program(void) { return start.program; }

bool start_is_secure(void) { return getauxval(AT_SECURE) != 0; }

const char *start_folder(void) {
  return start.folder[0] && !start_is_secure() ? start.folder : "/tmp";
}

const char *start_working_folder(void) { return start.working_folder; }

struct start_variables start_variables(void) {
  begin(); /* another library's constructor may come before ours */
  return (struct start_variables){start.entries, start.count,
                                  start.is_too_long};
}
