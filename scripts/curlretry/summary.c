/* summary.c - see summary.h.
 *
 * The program is a child in the same process group, so that a terminal's keys
 * reach both; what is sent to this process alone is passed on.
 */
#define _GNU_SOURCE /* pipe2 */
#include "summary.h"

#include "launch.h"
#include "program.h"
#include "report/report.h"
#include "say.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRACE_VARIABLE VARIABLE_PREFIX "TRACE"

/* Where the program's transfers are written. */
struct trace {
  const char *path;
  int file;           /* -1: the program has to make it first */
  const char *folder; /* ours; NULL: the file is the user's */
};

static volatile sig_atomic_t child; /* the program; set while signals wait */

/* --- the trace ------------------------------------------------------------
 */

static const char *trace_of_user(void) {
  const char *path = getenv(TRACE_VARIABLE);
  if (path == NULL || path[0] == '\0' || strcmp(path, "0") == 0 ||
      strcmp(path, "off") == 0)
    return NULL;
  return path;
}

/* What isn't a file has no end to read to, or waits for a writer. */
static bool open_regular(struct trace *trace) {
  struct stat status;
  trace->file =
      open(trace->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (trace->file < 0)
    return true;
  if (fstat(trace->file, &status) == 0 && S_ISREG(status.st_mode))
    return true;
  complain("%s: --summary reads the trace, so it has to be a regular file",
           trace->path);
  (void)close(trace->file);
  trace->file = -1;
  return false;
}

/* In a folder, so that what the program left in the background can't make the
 * file again when it is removed. */
static bool make_trace(struct trace *trace) {
  const char *parent = getenv("TMPDIR");
  if (parent == NULL || parent[0] != '/')
    parent = "/tmp";
  char *folder = text_join(parent, "/curlretry-XXXXXX");
  if (mkdtemp(folder) == NULL) { /* 0700 */
    complain("%s: %s", folder, strerror(errno));
    return false;
  }
  trace->folder = folder;
  trace->path = text_join(folder, "/trace");
  trace->file = open(trace->path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                     S_IRUSR | S_IWUSR);
  if (trace->file >= 0 && setenv(TRACE_VARIABLE, trace->path, 1) == 0)
    return true;
  complain("%s: %s", trace->path, strerror(errno));
  return false;
}

/* Opened before the program runs: what happens to the name later, it is this
 * run's. */
static bool open_trace(struct trace *trace) {
  trace->path = trace_of_user();
  if (trace->path == NULL)
    return make_trace(trace);
  if (!open_regular(trace))
    return false;
  if (trace->file >= 0)
    (void)lseek(trace->file, 0, SEEK_END);
  return true;
}

static void remove_trace(const struct trace *trace) {
  if (trace->folder == NULL)
    return;
  (void)unlink(trace->path);
  (void)rmdir(trace->folder);
}

/* A file in the user's place of ours: the library made it, or nobody. */
static void read_trace(struct trace *trace, const char *program) {
  if (trace->file < 0 && !open_regular(trace))
    return;
  if (trace->file < 0 && errno != ENOENT)
    complain("%s: %s", trace->path, strerror(errno));
  else if (trace->file < 0)
    complain("no transfers were seen: see curlretry --doctor %s", program);
  else
    report_summary(trace->file, stderr, program);
}

/* --- signals --------------------------------------------------------------
 */

static const int passed_on[] = {SIGHUP,  SIGINT,   SIGQUIT, SIGTERM, SIGUSR1,
                                SIGUSR2, SIGWINCH, SIGTSTP, SIGCONT};
#define PASSED_ON (sizeof passed_on / sizeof passed_on[0])

/* As the terminal's key does it: not at all in a group that nobody could
 * continue. */
static void stop(void) {
  struct sigaction before;
  struct sigaction initial = {.sa_handler = SIG_DFL};
  sigset_t only;
  sigset_t mask;
  (void)sigemptyset(&only);
  (void)sigaddset(&only, SIGTSTP);
  (void)sigaction(SIGTSTP, &initial, &before);
  (void)raise(SIGTSTP);
  (void)sigprocmask(SIG_UNBLOCK, &only, &mask);
  (void)sigprocmask(SIG_SETMASK, &mask, NULL);
  (void)sigaction(SIGTSTP, &before, NULL);
}

/* What the kernel sends comes from the terminal, and has reached the program
 * too. */
static void on_signal(int number, siginfo_t *info, void *context) {
  int error = errno;
  (void)context;
  if (info->si_code <= 0 && info->si_pid != child)
    (void)kill(child, number);
  if (number == SIGTSTP)
    stop();
  errno = error;
}

/* What was ignored stays so, as of nohup. */
static void pass_signals_on(void) {
  struct sigaction before;
  struct sigaction action = {.sa_sigaction = on_signal,
                             .sa_flags = SA_SIGINFO | SA_RESTART};
  for (size_t i = 0; i < PASSED_ON; i++) {
    if (sigaction(passed_on[i], NULL, &before) == 0 &&
        before.sa_handler != SIG_IGN)
      (void)sigaction(passed_on[i], &action, NULL);
  }
}

/* The program is over, and its number another one's soon: from now on they
 * are for this process, whose report may be long. */
static void keep_signals(void) {
  struct sigaction now;
  for (size_t i = 0; i < PASSED_ON; i++) {
    if (sigaction(passed_on[i], NULL, &now) == 0 &&
        (now.sa_flags & SA_SIGINFO) != 0)
      (void)signal(passed_on[i], SIG_DFL);
  }
}

/* The program's death is ours, without a second core file. */
static void die_of(int number) {
  struct rlimit none = {0, 0};
  sigset_t only;
  (void)setrlimit(RLIMIT_CORE, &none);
  (void)signal(number, SIG_DFL);
  (void)sigemptyset(&only);
  (void)sigaddset(&only, number);
  (void)sigprocmask(SIG_UNBLOCK, &only, NULL);
  (void)raise(number);
}

/* --- the program ----------------------------------------------------------
 */

/* False: it could not be executed and has said so; a byte comes by a pipe
 * that a program's exec closes. */
static bool has_begun(int pipe_end) {
  char byte;
  ssize_t got;
  do
    got = read(pipe_end, &byte, 1);
  while (got < 0 && errno == EINTR);
  (void)close(pipe_end);
  return got == 0;
}

static void become_program(const struct launch *launch, const sigset_t *mask,
                           int pipe_end) {
  (void)sigprocmask(SIG_SETMASK, mask, NULL);
  int status = launch_execute(launch);
  (void)!write(pipe_end, "", 1);
  _exit(status);
}

/* -1: it couldn't be. */
static pid_t start(const struct launch *launch, bool *is_begun) {
  sigset_t all;
  sigset_t mask;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return -1;
  (void)sigfillset(&all);
  (void)sigprocmask(SIG_SETMASK, &all, &mask);
  pid_t id = fork();
  if (id == 0)
    become_program(launch, &mask, ends[1]);
  if (id > 0) {
    child = id;
    pass_signals_on();
  }
  (void)sigprocmask(SIG_SETMASK, &mask, NULL);
  (void)close(ends[1]);
  *is_begun = id > 0 && has_begun(ends[0]);
  return id;
}

static int wait_for(pid_t id) {
  siginfo_t info;
  int status = 0;
  while (waitid(P_PID, (id_t)id, &info, WEXITED | WNOWAIT) != 0 &&
         errno == EINTR)
    continue;
  keep_signals();
  while (waitpid(id, &status, 0) < 0 && errno == EINTR)
    continue;
  return status;
}

int summary_run(const struct command *command) {
  static struct launch launch;
  struct trace trace = {NULL, -1, NULL};
  bool is_begun = false;
  int status = launch_prepare(command, &launch);
  if (status != 0)
    return status;
  if (!open_trace(&trace)) {
    remove_trace(&trace);
    return EXIT_USAGE;
  }
  pid_t id = start(&launch, &is_begun);
  if (id < 0)
    complain("the program can't be started: %s", strerror(errno));
  status = id < 0 ? EXIT_USAGE : wait_for(id);
  remove_trace(&trace);
  if (id < 0)
    return status;
  if (is_begun)
    read_trace(&trace, program_name(launch.path));
  if (WIFSIGNALED(status))
    die_of(WTERMSIG(status));
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
