/* test_failing_calls.c - system calls of the shim's that fail, each in its
 * turn, once and with all later ones; and a process without 0, 1 and 2. */
#define _GNU_SOURCE
#include "setup.h"

#include "failing_run.h"

#include <errno.h>

#define SPOOLS " spool spool-cut spool-moved "
#define LOGS " status logged post-once "
#define FAULTS " fault-connect fault-reset fault-status "
#define CLOCKS " status kept skipped spool poll select epoll "

#define CALL(call, number, where)                                             \
  .name = (call), .error = (number), .scenes = (where)

int main(int argc, char **argv) {
  static const struct failing_choice choices[] = {
      {.name = "calls", .is_closed = true},
      {CALL("open", EMFILE, SPOOLS " status logged user ")},
      {CALL("open", EOPNOTSUPP, SPOOLS)}, /* then by a name */
      {CALL("mkostemp", ENOSPC, SPOOLS)},
      {CALL("write", ENOSPC, LOGS)},
      {CALL("write", EINTR, LOGS)},
      {CALL("pwrite", ENOSPC, SPOOLS)},
      {CALL("pwrite", EIO, SPOOLS)},
      {CALL("pread", EIO, SPOOLS)},
      {CALL("fstat", EPERM, SPOOLS LOGS FAULTS " user "),
       .leaves_files = true},
      {CALL("poll", ENOMEM, LOGS " kept redirect ")},
      {CALL("fcntl", EMFILE, NULL), .is_closed = true},
      {CALL("mmap", ENOMEM, " user ")},
      {CALL("fallocate", ENOSPC, " user ")},
      {CALL("fstatfs", EPERM, " user ")},
      {CALL("getrlimit", EPERM, SPOOLS)},
      {CALL("sigprocmask", EPERM, LOGS)},
      {CALL("sigaction", EPERM, " status held ")},
      {CALL("clock_gettime", EPERM, CLOCKS), .is_always = true},
      {CALL("timerfd_create", EMFILE, " select ")},
      {CALL("timerfd_settime", EPERM, " select ")},
      {CALL("timerfd_gettime", EPERM, " select "), .leaves_files = true},
      {CALL("socket", EMFILE, FAULTS)},
      {CALL("bind", EACCES, FAULTS)},
      {CALL("getsockname", ENOBUFS, FAULTS)},
      {CALL("setsockopt", EPERM, FAULTS)},
      {CALL("sendto", ENOBUFS, FAULTS)},
  };
  static const struct failing_run run = {choices, COUNT(choices)};

  return failing_run(argc, argv, &run);
}
