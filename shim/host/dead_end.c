/* Two Unix sockets of datagrams: what is to be heard lies in the queue of one
 * before it is connected, which takes no time and needs nobody to accept it;
 * an empty datagram is the end. A filter drops what the other one gets,
 * however much it is. unix(7); socket(7), SO_ATTACH_FILTER. */
#define _GNU_SOURCE
#include "host/dead_end.h"

#include "host/random.h"

#include <linux/filter.h>
#include <stddef.h>
#include <stdio.h> /* snprintf only */
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void dead_end_name(struct dead_end *dead_end) {
  (void)snprintf(dead_end->name, sizeof(dead_end->name),
                 "curlretry-fault-%016llx",
                 (unsigned long long)random_number());
}

static int make_socket(void) {
  return descriptor_raise(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

static bool bind_to(int number, const char *name) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(name);

  memcpy(address.sun_path + 1, name, length);
  length += offsetof(struct sockaddr_un, sun_path) + 1;
  return !bind(number, (void *)&address, (socklen_t)length);
}

/* With a name of the kernel's choice. */
static bool bind_to_any(int number) {
  const sa_family_t family = AF_UNIX;

  return !bind(number, (const void *)&family, sizeof(family));
}

static bool open_peer(struct dead_end *dead_end) {
  struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
  struct sock_fprog program = {1, &drop};

  dead_end_close(dead_end);
  if (!descriptor_own(&dead_end->peer, make_socket()))
    return false;
  (void)setsockopt(dead_end->peer.number, SOL_SOCKET, SO_ATTACH_FILTER,
                   &program, sizeof(program));
  return bind_to(dead_end->peer.number, dead_end->name);
}

/* Into the queue of a socket. */
static bool say(const struct dead_end *dead_end, int to, const char *text,
                size_t length) {
  struct sockaddr_un address;
  socklen_t size = sizeof(address);

  return !getsockname(to, (void *)&address, &size) &&
         sendto(dead_end->peer.number, text, length, MSG_DONTWAIT,
                (void *)&address, size) == (ssize_t)length;
}

int dead_end_open(struct dead_end *dead_end, const char *heard,
                  size_t length) {
  int number = open_peer(dead_end) ? make_socket() : -1;

  if (number < 0)
    return -1;
  if (bind_to_any(number) &&
      (!length || say(dead_end, number, heard, length)) &&
      say(dead_end, number, heard, 0))
    return number;
  (void)close(number);
  return -1;
}

void dead_end_close(struct dead_end *dead_end) {
  descriptor_close(&dead_end->peer);
}
