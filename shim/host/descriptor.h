/* descriptor.h - a file descriptor of ours in a process that isn't.
 *
 * Programs close descriptors they never opened (daemons do it up to the
 * limit), and the number comes back as something else: a file of theirs would
 * be written into, read from or closed. So a descriptor of ours is 3 or higher
 * (0 to 2 have a meaning to everybody), and is looked at before each use.
 * Good for files: everything without one (timerfd, epoll) has the same inode.
 */
#ifndef CURLRETRY_DESCRIPTOR_H
#define CURLRETRY_DESCRIPTOR_H

#include <stdbool.h>
#include <sys/stat.h>

struct descriptor {
  int number; /* -1: none */
  dev_t device;
  ino_t inode;
  mode_t type;
  nlink_t links; /* as it was */
};

static inline struct descriptor descriptor_none(void) {
  return (struct descriptor){.number = -1};
}

/* What was just opened, as a number of 3 or higher, with FD_CLOEXEC; the lower
 * one is closed. -1: there was none, or no other is left. */
int descriptor_raise(int number);

/* Own what was just opened, with FD_CLOEXEC, as descriptor `number`; it may
 * get another. `number` -1, or no descriptor left: false, and nothing is open
 * or owned. */
bool descriptor_own(struct descriptor *descriptor, int number);

/* Whether it is still the file it was; `now` says more of it. */
bool descriptor_is_ours(const struct descriptor *descriptor, struct stat *now);

/* Forget it; it is closed if it is still ours. */
void descriptor_close(struct descriptor *descriptor);

#endif
