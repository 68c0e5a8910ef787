/* Sockets: loopback listeners, whole sends, and the ways a connection ends. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* POLLRDHUP */
#endif
#include "net.h"

#include "text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* How long the acknowledgement of sent bytes is waited for. */
#define ACKNOWLEDGE_MS 5000
/* Linux still delivers acknowledged bytes after an RST; the pause makes it
   likely that the client has acted on them before it sees the RST. */
#define READ_PAUSE_MS 20
#define FINISH_MS 2000

int net_bind(bool ipv6, int rcvbuf, uint16_t *port) {
  struct sockaddr_in v4 = {.sin_family = AF_INET};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
  struct sockaddr *address = (struct sockaddr *)&v4;
  socklen_t size = sizeof v4;
  int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  v4.sin_port = v6.sin6_port = htons(*port);
  v6.sin6_addr = in6addr_loopback;
  if (ipv6) {
    address = (struct sockaddr *)&v6;
    size = sizeof v6;
  }
  if (fd < 0)
    return -1;
  if (*port)
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
  if (rcvbuf > 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof rcvbuf);
  if (bind(fd, address, size) || getsockname(fd, address, &size)) {
    close(fd);
    return -1;
  }
  *port = ntohs(ipv6 ? v6.sin6_port : v4.sin_port);
  return fd;
}

int net_connect(const char *to, uint16_t port) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(port)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_addr.s_addr = to ? inet_addr(to) : htonl(INADDR_LOOPBACK);
  if (fd < 0)
    return -1;
  if (connect(fd, (struct sockaddr *)&address, sizeof address)) {
    close(fd);
    return -1;
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  return fd;
}

bool net_send(int fd, const void *data, size_t size, int flags) {
  const char *next = data;

  while (size > 0) {
    ssize_t sent = send(fd, next, size, MSG_NOSIGNAL | flags);

    if (sent < 0 && errno == EINTR)
      continue;
    if (sent <= 0)
      return false;
    next += sent;
    size -= (size_t)sent;
  }
  return true;
}

bool net_wait_gone(int fd, int64_t ms) {
  int64_t end_at = text_now_ms() + ms;
  struct pollfd poller = {.fd = fd, .events = POLLRDHUP};
  int ready;

  do {
    int64_t left = ms < 0 ? -1 : end_at - text_now_ms();

    if (ms >= 0 && left < 0)
      left = 0;
    ready = poll(&poller, 1, (int)left);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

bool net_is_gone(int fd) { return net_wait_gone(fd, 0); }

void net_settle(int fd) {
  int64_t end_at = text_now_ms() + ACKNOWLEDGE_MS;
  int queued = 0;

  /* The kernel has no event for "all acknowledged": ask once a millisecond. */
  while (!ioctl(fd, SIOCOUTQ, &queued) && queued > 0 &&
         text_now_ms() < end_at && !net_wait_gone(fd, 1)) {
  }
  net_wait_gone(fd, READ_PAUSE_MS);
}

void net_arm_reset(int fd) {
  struct linger linger = {.l_onoff = 1, .l_linger = 0};

  setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

void net_finish(int fd) {
  int64_t end_at = text_now_ms() + FINISH_MS;
  struct pollfd poller = {.fd = fd, .events = POLLIN};
  char scratch[16384];

  shutdown(fd, SHUT_WR);
  for (;;) {
    int64_t left = end_at - text_now_ms();

    if (left <= 0 || poll(&poller, 1, (int)left) <= 0)
      return;
    if (recv(fd, scratch, sizeof scratch, 0) <= 0)
      return;
  }
}
