/* test_failing_calls.c - system calls of the shim's that fail, each in its
 * turn, once and with all later ones. */
#define _GNU_SOURCE
#include "setup.h"

#include "failing_run.h"

#include <errno.h>

#define SPOOLS " spool spool-cut spool-moved "
#define LOGS " status logged post-once "
#define FAULTS " fault-connect fault-reset fault-status "
#define CLOCKS " status kept skipped spool poll select epoll "

int main(int argc, char **argv) {
  static const struct failing_choice choices[] = {
      {"open", EMFILE, SPOOLS " status logged user ", false, false},
      {"open", EOPNOTSUPP, SPOOLS, false, false}, /* then by a name */
      {"mkostemp", ENOSPC, SPOOLS, false, false},
      {"write", ENOSPC, LOGS, false, false},
      {"write", EINTR, LOGS, false, false},
      {"pwrite", ENOSPC, SPOOLS, false, false},
      {"pwrite", EIO, SPOOLS, false, false},
      {"pread", EIO, SPOOLS, false, false},
      {"fstat", EPERM, SPOOLS LOGS FAULTS " user ", true, false},
      {"poll", ENOMEM, LOGS " kept redirect ", false, false},
      {"fcntl", EMFILE, NULL, false, false},
      {"mmap", ENOMEM, " user ", false, false},
      {"fallocate", ENOSPC, " user ", false, false},
      {"fstatfs", EPERM, " user ", false, false},
      {"getrlimit", EPERM, SPOOLS, false, false},
      {"sigprocmask", EPERM, LOGS, false, false},
      {"sigaction", EPERM, " status held ", false, false},
      {"clock_gettime", EPERM, CLOCKS, false, true},
      {"timerfd_create", EMFILE, " select ", false, false},
      {"timerfd_settime", EPERM, " select ", false, false},
      {"timerfd_gettime", EPERM, " select ", true, false},
      {"socket", EMFILE, FAULTS, false, false},
      {"bind", EACCES, FAULTS, false, false},
      {"getsockname", ENOBUFS, FAULTS, false, false},
      {"setsockopt", EPERM, FAULTS, false, false},
      {"sendto", ENOBUFS, FAULTS, false, false},
  };
  static const struct failing_run run = {choices, COUNT(choices)};

  return failing_run(argc, argv, &run);
}
