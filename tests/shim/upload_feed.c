/* FILEs that can't seek: a thread writes what the program reads. */
#define _GNU_SOURCE
#include "upload.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

/* False: the reader is gone. */
static bool write_all(struct upload *upload, const char *bytes,
                      size_t length) {
  while (length && !upload->is_starved) {
    struct pollfd poller = {.fd = upload->writer_end, .events = POLLOUT};
    ssize_t n = write(upload->writer_end, bytes, length);
    if (n < 0 && errno != EAGAIN)
      return false;
    if (n <= 0) {
      poll(&poller, 1, 20);
      continue;
    }
    bytes += n;
    length -= (size_t)n;
  }
  return !length;
}

static void *write_body(void *data) {
  struct upload *upload = data;
  sigset_t mask;

  sigemptyset(&mask);
  sigaddset(&mask, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &mask, NULL);
  if (write_all(upload, upload->bytes, upload->size) &&
      upload->source == SOURCE_TERMINAL)
    write_all(upload, "\004\004", 2); /* the end; one may end a line only */
  if (upload->source != SOURCE_TERMINAL) {
    close(upload->writer_end);
    upload->writer_end = -1;
  }
  return NULL;
}

/* Both ends of a new terminal; -1: there are none (/dev/pts isn't mounted). */
static int open_pair(int *master) {
  char name[64];

  *master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (*master < 0 || grantpt(*master) || unlockpt(*master) ||
      ptsname_r(*master, name, sizeof name))
    return -1;
  return open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

bool upload_is_possible(enum source source) {
  int master, slave;

  if (source != SOURCE_TERMINAL)
    return true;
  slave = open_pair(&master);
  close(slave);
  close(master);
  return slave >= 0;
}

/* The reading end; it takes whole lines, and 4 as the end. */
static int open_terminal(struct upload *upload) {
  struct termios mode;
  int master;
  int slave = open_pair(&master);

  if (slave < 0 || tcgetattr(slave, &mode))
    fail_msg("no terminal");
  cfmakeraw(&mode);
  mode.c_lflag |= ICANON;
  mode.c_cc[VEOF] = 4;
  tcsetattr(slave, TCSANOW, &mode);
  upload->writer_end = master;
  return slave;
}

void upload_feed(struct upload *upload) {
  int ends[2];

  if (upload->source == SOURCE_TERMINAL) {
    ends[0] = open_terminal(upload);
  } else {
    if (pipe2(ends, O_CLOEXEC))
      fail_msg("no pipe");
    upload->writer_end = ends[1];
  }
  fcntl(upload->writer_end, F_SETFL, O_NONBLOCK);
  upload->file = fdopen(ends[0], "r");
  upload->is_fed = true;
  if (pthread_create(&upload->writer, NULL, write_body, upload))
    fail_msg("no thread");
}

void upload_starve(struct upload *upload) {
  if (!upload->is_fed)
    return;
  upload->is_starved = true;
  pthread_join(upload->writer, NULL);
  if (upload->writer_end >= 0)
    close(upload->writer_end);
}
