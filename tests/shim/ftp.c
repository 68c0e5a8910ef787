/* A process for each session: tests may end them all at once. What they share
 * is one page that the test reads. */
#define _GNU_SOURCE
#include "ftp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct shared {
  atomic_uint transfers;
  atomic_size_t used;
  char log[32768];
} * shared;
static unsigned failures;
static pid_t server;

static void note(const char *line) {
  size_t length = strlen(line) + 1;
  size_t at = atomic_fetch_add(&shared->used, length);

  if (at + length < sizeof shared->log)
    memcpy(shared->log + at, line, length);
}

static int listen_somewhere(int *port) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t size = sizeof address;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) ||
      listen(fd, 16) || getsockname(fd, (struct sockaddr *)&address, &size))
    return -1;
  *port = ntohs(address.sin_port);
  return fd;
}

/* Whether the transfer that begins is to fail. */
static bool fails(void) {
  return atomic_fetch_add(&shared->transfers, 1) < failures;
}

static void say(FILE *control, const char *text) {
  fprintf(control, "%s\r\n", text);
  fflush(control);
}

static void store(FILE *control, int data) {
  char bytes[4096];
  long long length = 0;
  ssize_t n;
  int fd;

  say(control, "150 go on");
  fd = accept(data, NULL, NULL);
  while ((n = read(fd, bytes, sizeof bytes)) > 0)
    length += n;
  close(fd);
  snprintf(bytes, sizeof bytes, "FILE %lld", length);
  note(bytes);
  say(control, fails() ? "451 later" : "226 stored");
}

static void retrieve(FILE *control, int data) {
  int fd;

  if (fails()) {
    say(control, "450 busy");
    return;
  }
  say(control, "150 here it is");
  fd = accept(data, NULL, NULL);
  if (write(fd, "data", 4) != 4)
    note("BROKEN");
  close(fd);
  say(control, "226 done");
}

static bool is(const char *line, const char *word) {
  return !strncmp(line, word, strlen(word));
}

static void answer(FILE *control, const char *line, int *data) {
  char text[64];
  int port = 0;

  if (is(line, "USER")) {
    say(control, "331 and?");
  } else if (is(line, "PASS")) {
    say(control, "230 in");
  } else if (is(line, "PWD")) {
    say(control, "257 \"/\"");
  } else if (is(line, "SIZE")) {
    say(control, "213 4");
  } else if (is(line, "EPSV")) {
    *data = listen_somewhere(&port);
    snprintf(text, sizeof text, "229 there (|||%d|)", port);
    say(control, text);
  } else if (is(line, "STOR") || is(line, "APPE")) {
    store(control, *data);
  } else if (is(line, "RETR")) {
    retrieve(control, *data);
  } else {
    say(control, "250 if you say so");
  }
}

static void serve(int fd) {
  FILE *control = fdopen(fd, "r+");
  char line[512];
  int data = -1;

  say(control, "220-a server");
  say(control, "220 for tests");
  while (fgets(line, sizeof line, control)) {
    line[strcspn(line, "\r\n")] = 0;
    note(line);
    fseek(control, 0, SEEK_CUR);
    if (is(line, "QUIT"))
      break;
    answer(control, line, &data);
    fseek(control, 0, SEEK_CUR);
  }
  say(control, "221 bye");
  fclose(control);
}

static void run(int fd) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGCHLD, SIG_IGN);
  setpgid(0, 0);
  for (;;) {
    int session = accept(fd, NULL, NULL);
    if (session < 0)
      _exit(1);
    if (!fork()) {
      serve(session);
      _exit(0);
    }
    close(session);
  }
}

int ftp_start(unsigned count) {
  int port = 0, fd = listen_somewhere(&port);

  failures = count;
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (fd < 0 || shared == MAP_FAILED)
    return 0;
  server = fork();
  if (!server)
    run(fd);
  setpgid(server, server);
  close(fd);
  return port;
}

void ftp_stop(void) {
  kill(-server, SIGKILL);
  waitpid(server, NULL, 0);
  munmap(shared, sizeof *shared);
}

size_t ftp_count(const char *word) {
  size_t count = 0, used = atomic_load(&shared->used);

  for (size_t at = 0; at < used; at += strlen(shared->log + at) + 1)
    count += is(shared->log + at, word);
  return count;
}
