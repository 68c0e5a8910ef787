/* The listener: one thread per connection, and an end that always comes. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* accept4 */
#endif
#include "listen.h"

#include "net.h"
#include "text.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define THREADS_MAX 256
#define THREAD_STACK_SIZE (1 << 20)
/* The parent is asked for at least this often. */
#define WATCH_MS 1000
/* How soon a full house is looked at again. */
#define FULL_MS 10
/* How soon a file without bytes is. */
#define LOOK_MS 5
/* With a backlog of 0, one connection waits and one is half open. */
#define FILL_COUNT 4

static atomic_int threads;

struct job {
  void (*serve)(int fd);
  int fd;
};

static void *run_job(void *argument) {
  struct job job = *(struct job *)argument;

  free(argument);
  job.serve(job.fd);
  atomic_fetch_sub(&threads, 1);
  return NULL;
}

/* Hands FD to a thread of its own. */
static void start_job(void (*serve)(int fd), int fd) {
  struct job *job = malloc(sizeof *job);
  pthread_attr_t attributes;
  pthread_t thread;

  if (!job || pthread_attr_init(&attributes))
    abort();
  *job = (struct job){.serve = serve, .fd = fd};
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, THREAD_STACK_SIZE);
  atomic_fetch_add(&threads, 1);
  if (pthread_create(&thread, &attributes, run_job, job)) {
    perror("faulty: pthread_create");
    atomic_fetch_sub(&threads, 1);
    close(fd);
    free(job);
  }
  pthread_attr_destroy(&attributes);
}

static void accept_one(const struct listen_options *options, int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

  if (fd < 0)
    return;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  start_job(options->serve, fd);
}

/* Takes all places of the backlog, so that further connects hang. */
static void fill_backlog(int listener) {
  struct sockaddr_storage address = {0};
  socklen_t size = sizeof address;

  if (getsockname(listener, (struct sockaddr *)&address, &size))
    return;
  for (int i = 0; i < FILL_COUNT; i++) {
    int fd = socket(address.ss_family,
                    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    /* Kept open until the process ends. */
    if (connect(fd, (struct sockaddr *)&address, size) && errno != EINPROGRESS)
      close(fd);
  }
}

/* Prints the port, now that a client may use it. */
static bool announce(const struct listen_options *options, uint16_t port) {
  FILE *file;

  printf("%u\n", port);
  if (fflush(stdout))
    return false;
  if (!options->port_file)
    return true;
  file = fopen(options->port_file, "we");
  if (!file) {
    perror(options->port_file);
    return false;
  }
  fprintf(file, "%u\n", port);
  return fclose(file) == 0;
}

/* True once stdin has ended; reads what comes before. */
static bool stdin_ended(short events) {
  char scratch[256];

  return events && read(STDIN_FILENO, scratch, sizeof scratch) <= 0;
}

/* Accepts until the end has come. */
static void loop(const struct listen_options *options, int listener,
                 pid_t parent) {
  int64_t end_at = text_now_ms() + (int64_t)options->life_s * 1000;
  bool is_accepting = options->kind == LISTEN_SERVE;
  struct pollfd pollers[2] = {
      {.fd = listener}, {.fd = options->is_until_eof ? STDIN_FILENO : -1}};

  pollers[1].events = POLLIN;
  while (getppid() == parent && text_now_ms() < end_at) {
    bool has_room = atomic_load(&threads) < THREADS_MAX;

    pollers[0].fd = is_accepting && has_room ? listener : -1;
    pollers[0].events = POLLIN;
    if (poll(pollers, 2, has_room ? WATCH_MS : FULL_MS) <= 0)
      continue;
    if (stdin_ended(pollers[1].revents))
      return;
    if (pollers[0].fd >= 0 && pollers[0].revents)
      accept_one(options, listener);
  }
}

/* For at most its life: with its last second it listens. */
static void wait_for_bytes(const char *file, int life_s) {
  int64_t end_at = text_now_ms() + (int64_t)life_s * 1000;
  struct stat status;

  while ((stat(file, &status) || status.st_size == 0) &&
         text_now_ms() < end_at)
    poll(NULL, 0, LOOK_MS);
}

/* Listens in the way asked for. */
static bool open_listener(const struct listen_options *options, int listener) {
  if (options->kind == LISTEN_REFUSE)
    return true;
  if (options->listen_when)
    wait_for_bytes(options->listen_when, options->life_s);
  if (listen(listener, options->kind == LISTEN_FULL ? 0 : THREADS_MAX))
    return false;
  if (options->kind == LISTEN_FULL)
    fill_backlog(listener);
  return true;
}

int listen_run(const struct listen_options *options) {
  pid_t parent = getppid();
  uint16_t port = (uint16_t)options->port;
  int listener;
  /* A port that refuses for a while is needed while it refuses. */
  bool is_early = options->listen_when != NULL;

  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent)
    return 0;
  listener = net_bind(options->is_ipv6, options->rcvbuf, &port);
  if (listener < 0) {
    perror("faulty: bind");
    return 1;
  }
  if ((is_early && !announce(options, port)) ||
      !open_listener(options, listener) ||
      (!is_early && !announce(options, port))) {
    perror("faulty: listen");
    return 1;
  }
  loop(options, listener, parent);
  _exit(0);
}
