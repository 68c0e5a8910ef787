#define _GNU_SOURCE
#include "host/descriptor.h"

#include "host/libc.h"

#include <fcntl.h>
#include <unistd.h>

#define LOWEST 3

static bool know(struct descriptor *descriptor, int number) {
  struct stat status;

  *descriptor = descriptor_none();
  if (number < 0 || libc_fstat(number, &status))
    return false;
  descriptor->number = number;
  descriptor->device = status.st_dev;
  descriptor->inode = status.st_ino;
  descriptor->type = status.st_mode & S_IFMT;
  descriptor->links = status.st_nlink;
  return true;
}

int descriptor_raise(int number) {
  int raised;

  if (number < 0 || number >= LOWEST)
    return number;
  raised = fcntl(number, F_DUPFD_CLOEXEC, LOWEST);
  (void)close(number);
  return raised;
}

bool descriptor_own(struct descriptor *descriptor, int number) {
  int raised = descriptor_raise(number);

  if (know(descriptor, raised))
    return true;
  if (raised >= 0) /* nobody could tell later that it is ours */
    (void)close(raised);
  return false;
}

bool descriptor_is_ours(const struct descriptor *descriptor,
                        struct stat *now) {
  return descriptor->number >= 0 && !libc_fstat(descriptor->number, now) &&
         now->st_dev == descriptor->device &&
         now->st_ino == descriptor->inode &&
         (now->st_mode & S_IFMT) == descriptor->type;
}

void descriptor_close(struct descriptor *descriptor) {
  struct stat now;

  if (descriptor_is_ours(descriptor, &now))
    (void)close(descriptor->number);
  *descriptor = descriptor_none();
}
