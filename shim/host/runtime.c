/* The constructor copies the environment and remembers stderr: php-fpm
 * clears its workers' environment later, daemons close descriptor 2. It runs
 * in every process of the environment, so it does no more than that: no
 * allocation, one system call. There is no destructor. */
#define _GNU_SOURCE
#include "host/runtime.h"

#include "host/log.h"

#include <elf.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ENTRY_MAX 64      /* CURLRETRY_ variables */
#define ENTRY_BYTES 16384 /* their text, in all */
#define FOLDER_SIZE 512

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
  char text[ENTRY_BYTES];
} start;

static struct budget_table budgets;
static _Atomic uint64_t random_state;

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

/* No strncmp(): the first call of a function of another library costs a
 * thousand instructions, in every process. */
static bool begins(const char *entry, const char *text) {
  while (*text && *entry == *text) {
    entry++;
    text++;
  }
  return !*text;
}

/* `environ` is read as it is: bash and others bring a getenv() of their own
 * that does not work yet when constructors run. */
__attribute__((constructor)) static void begin(void) {
  struct stat status;
  size_t used = 0;

  if (start.has_begun)
    return;
  start.has_begun = true;
  for (char **entry = environ; entry && *entry; entry++) {
    if ((*entry)[0] == 'C' && begins(*entry, "CURLRETRY_"))
      copy_entry(*entry, &used);
    else if ((*entry)[0] == 'T' && !start.folder[0] &&
             begins(*entry, "TMPDIR="))
      copy_folder(*entry + 7);
  }
  if (fstat(2, &status))
    return;
  start.has_stderr = true;
  start.device = status.st_dev;
  start.inode = status.st_ino;
  start.mode = status.st_mode;
}

bool runtime_has_stderr(void) {
  struct stat status;

  return start.has_stderr && !fstat(2, &status) &&
         status.st_dev == start.device && status.st_ino == start.inode &&
         (status.st_mode & S_IFMT) == (start.mode & S_IFMT);
}

const char *runtime_program(void) { return program_invocation_short_name; }

/* The environment isn't to be trusted: set-user-ID programs and the like. */
static bool is_secure(void) { return getauxval(AT_SECURE) != 0; }

const char *runtime_folder(void) {
  return start.folder[0] && !is_secure() ? start.folder : "/tmp";
}

struct budget_table *runtime_budgets(void) {
  return &budgets;
}

static int64_t read_ms(clockid_t clock) {
  struct timespec now;

  (void)clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t runtime_now_ms(void) { return read_ms(CLOCK_MONOTONIC); }

int64_t runtime_about_now_ms(void) { return read_ms(CLOCK_MONOTONIC_COARSE); }

/* splitmix64 (public domain, S. Vigna) over a shared counter; the clock
 * parts a fork's children. */
uint64_t runtime_random(void) {
  const void *random = (const void *)getauxval(AT_RANDOM);
  uint64_t z = atomic_fetch_add(&random_state, 0x9e3779b97f4a7c15u);
  uint64_t seed = 0;
  struct timespec now;

  if (random)
    memcpy(&seed, random, sizeof(seed));
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  z += seed + (uint64_t)now.tv_nsec * 0x2545f4914f6cdd1du +
       (uint64_t)now.tv_sec;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/* The parsed policy and what there is to say about it. */
struct parsed {
  struct policy policy;
  char message[POLICY_MESSAGE_SIZE];
  atomic_flag is_reported;
};

static struct parsed unshimmed; /* stands for "run as if unshimmed" */

/* Parsed at the first use; the first thread to publish wins. */
static _Atomic(struct parsed *) parsed;

/* Parse into fresh memory; NULL: out of memory. */
static struct parsed *parse(void) {
  struct parsed *made = calloc(1, sizeof(*made));
  struct policy *policy;

  if (!made)
    return NULL;
  policy = &made->policy;
  if (is_secure()) {
    (void)policy_parse(policy, NULL, 0, made->message);
    policy->disable = true;
    return made;
  }
  if (start.is_too_long) {
    static const char text[] =
        "CURLRETRY_ variables: more than 64, or more than 16384 bytes of "
        "text; accepted: less";
    policy_defaults(policy);
    memcpy(made->message, text, sizeof(text));
  } else {
    (void)policy_parse(policy, start.entries, start.count, made->message);
  }
  if (made->message[0] || policy->disable || !policy->max_retries ||
      !policy_glob(policy->programs, runtime_program()))
    policy->disable = true;
  return made;
}

static struct parsed *get_parsed(void) {
  struct parsed *now = atomic_load_explicit(&parsed, memory_order_acquire);
  struct parsed *nobody = NULL;
  struct parsed *made;
  int saved = errno;

  if (now)
    return now;
  begin(); /* another library's constructor may come before ours */
  made = parse();
  unshimmed.policy.disable = true;
  now = made ? made : &unshimmed;
  if (!atomic_compare_exchange_strong(&parsed, &nobody, now)) {
    free(made);
    now = nobody;
  }
  errno = saved;
  return now;
}

const struct policy *runtime_policy(void) {
  struct parsed *now = get_parsed();

  if (now->message[0] && !atomic_flag_test_and_set(&now->is_reported))
    log_policy_error(now->message);
  return now->policy.disable ? NULL : &now->policy;
}

bool runtime_strips_deepbind(const char *file) {
  const struct policy *policy = &get_parsed()->policy;

  if (policy->disable || policy->keep_deepbind)
    return false;
  if (policy->log_level >= LEVEL_DEBUG) {
    char text[256] = "RTLD_DEEPBIND taken from dlopen of ";
    size_t used = strlen(text);
    size_t length = file ? strlen(file) : 0;
    if (length > sizeof(text) - used - 1)
      length = sizeof(text) - used - 1;
    if (length)
      memcpy(text + used, file, length);
    text[used + length] = 0;
    log_note(policy, LEVEL_DEBUG, text);
  }
  return true;
}
