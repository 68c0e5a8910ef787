/* A file is opened for each line (O_APPEND, O_CLOEXEC): the host's descriptor
 * table stays its own. */
#define _GNU_SOURCE
#include "host/output.h"

#include "host/descriptor.h"
#include "host/libc.h"
#include "host/start.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define WRITING_MS 1 /* for how long a line is being written, and more */
#define LOOKS_MOST 4 /* at the end of a file that others write, too */

/* A signal that a write() of ours raised in this thread, where it is blocked;
 * one that was pending before is the host's. */
static void take_back(int raised, const sigset_t *pending) {
  const struct timespec at_once = {0, 0};
  sigset_t signals;

  if (sigismember(pending, raised))
    return;
  (void)sigemptyset(&signals);
  (void)sigaddset(&signals, raised);
  while (sigtimedwait(&signals, NULL, &at_once) < 0 && errno == EINTR)
    ;
}

static int write_bytes(int file, const char *text, size_t length,
                       bool *is_torn) {
  ssize_t n;

  do
    n = write(file, text, length);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return errno;
  if (!is_torn)
    return 0;
  *is_torn = (size_t)n < length;
  return *is_torn ? ENOSPC : 0;
}

int output_append(int file, const struct line *line, bool *is_torn) {
  int error = 0;

  if (is_torn && *is_torn)
    error = write_bytes(file, "\n", 1, is_torn);
  return error ? error : write_bytes(file, line->text, line->length, is_torn);
}

/* The reader of a pipe may be gone (SIGPIPE would kill the host), a file as
 * long as RLIMIT_FSIZE allows (SIGXFSZ would), or the reader asleep (the host
 * would wait for it). */
int output_write(int file, const struct line *line, bool *is_torn) {
  struct pollfd ready = {.fd = file, .events = POLLOUT};
  sigset_t fatal, pending, before;
  int error;

  if (poll(&ready, 1, 0) != 1 || !(ready.revents & POLLOUT))
    return EAGAIN;
  (void)sigemptyset(&fatal);
  (void)sigaddset(&fatal, SIGPIPE);
  (void)sigaddset(&fatal, SIGXFSZ);
  (void)sigemptyset(&pending);
  (void)sigpending(&pending);
  if (sigprocmask(SIG_BLOCK, &fatal, &before))
    return EAGAIN;
  error = output_append(file, line, is_torn);
  if (error == EPIPE || error == EFBIG)
    take_back(error == EPIPE ? SIGPIPE : SIGXFSZ, &pending);
  (void)sigprocmask(SIG_SETMASK, &before, NULL);
  return error;
}

/* A line that is just being written has no end yet, either: so it is looked
 * for twice, and again where the file has grown in between. */
bool output_ends_torn(int file) {
  struct stat now;
  off_t size = -1;
  char last;

  for (int looks = 0; looks < LOOKS_MOST; looks++) {
    if (looks)
      (void)poll(NULL, 0, WRITING_MS);
    if (libc_fstat(file, &now) || now.st_size == 0 ||
        pread(file, &last, 1, now.st_size - 1) != 1 || last == '\n')
      return false;
    if (now.st_size == size)
      return true;
    size = now.st_size;
  }
  return false;
}

/* The same of the file `path`, which was just opened as `written`: not every
 * file that may be written may be read. */
static bool left_torn(const char *path, const struct descriptor *written) {
  struct descriptor file;
  bool is_torn;

  if (written->type != S_IFREG ||
      !descriptor_own(
          &file, open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)))
    return false;
  is_torn = output_ends_torn(file.number);
  descriptor_close(&file);
  return is_torn;
}

int output_once(const char *path, struct descriptor *file,
                const struct line *line) {
  bool is_torn = left_torn(path, file);
  int error =
      output_write(file->number, line, S_ISREG(file->type) ? &is_torn : NULL);

  descriptor_close(file);
  return error;
}

/* A datagram to the system's log daemon: journald reads the same socket. */
static int write_syslog(const struct line *line) {
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
  struct descriptor file;
  ssize_t n;
  int error;

  if (!descriptor_own(
          &file,
          socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)))
    return errno;
  do
    n = sendto(file.number, line->text, line->length - 1, MSG_NOSIGNAL,
               (const struct sockaddr *)&address, sizeof(address));
  while (n < 0 && errno == EINTR);
  error = n < 0 ? errno : 0;
  descriptor_close(&file);
  return error;
}

static int write_file(const char *path, const struct line *line) {
  struct descriptor file;

  if (!descriptor_own(&file, open(path,
                                  O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
                                      O_NOCTTY | O_NONBLOCK,
                                  0666)))
    return errno;
  return output_once(path, &file, line);
}

/* strerror() asks for translations, which takes locks and memory. */
static const char *text_of(int error) {
  switch (error) {
  case EACCES:
  case EPERM:
    return "permission denied";
  case ENOENT:
    return "no such file or folder";
  case ENOTDIR:
    return "not a folder";
  case EISDIR:
    return "a folder";
  case EROFS:
    return "read-only file system";
  case ENOSPC:
  case EDQUOT:
    return "no space left";
  case EFBIG:
    return "as large as it may be";
  case EMFILE:
  case ENFILE:
    return "no descriptor left";
  case ELOOP:
    return "a symbolic link to a file of another owner";
  case ENXIO:
  case EPIPE:
  case ECONNREFUSED:
    return "nobody reads it";
  case EBADF:
    return "closed since the process started";
  default:
    return NULL;
  }
}

const char *output_level_name(enum log_level level) {
  static const char names[][6] = {"error", "warn", "info", "debug"};

  return names[level];
}

void output_begin_syslog(struct line *line, enum log_level level) {
  static const char priority[] = {'1', '2', '4', '5'}; /* user.err ... debug */

  line_put(line, "<1");
  line->text[line->length++] = priority[level];
  line_put(line, ">");
  line_value(line, start_program(), 64);
  line_put(line, "[");
  line_number(line, getpid());
  line_put(line, "]: ");
}

static void complain(const char *variable, const char *path, int error,
                     const char *what) {
  bool has_stderr = start_has_stderr();
  struct line line = {.length = 0};

  if (!has_stderr)
    output_begin_syslog(&line, LEVEL_WARN);
  line_put(&line, "curlretry: ");
  line_put(&line, variable);
  line_value(&line, path, POLICY_PATH_SIZE + 8);
  line_put(&line, ": ");
  if (text_of(error)) {
    line_put(&line, text_of(error));
  } else {
    line_put(&line, "error ");
    line_number(&line, error);
  }
  line_put(&line, "; ");
  line_put(&line, what);
  line_end(&line);
  if (has_stderr)
    (void)output_write(2, &line, NULL);
  else
    (void)write_syslog(&line);
}

bool output_complain(atomic_flag *told, const char *variable, const char *path,
                     int error, const char *what) {
  if (!error || error == EAGAIN || atomic_flag_test_and_set(told))
    return false;
  complain(variable, path, error, what);
  return true;
}

bool output_is_syslog(const struct policy *policy) {
  return policy ? policy->log_target == LOG_TO_SYSLOG : !start_has_stderr();
}

bool output_line(const struct policy *policy, const struct line *line) {
  static atomic_flag told = ATOMIC_FLAG_INIT;
  const char *path = "stderr";
  int error = 0;

  if (policy && policy->log_target == LOG_TO_FILE) {
    path = policy->log_path;
    error = write_file(path, line);
  } else if (output_is_syslog(policy)) {
    path = "syslog";
    error = write_syslog(line);
  } else if (start_has_stderr()) {
    (void)output_write(2, line, NULL); /* a reader that is gone wants none */
  } else {
    error = EBADF;
  }
  return output_complain(&told, "CURLRETRY_LOG=", path, error,
                         "lines of the log are lost");
}
