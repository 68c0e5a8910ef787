/* Sockets: loopback listeners, whole sends, and the ways a connection ends. */
#ifndef FAULTY_NET_H
#define FAULTY_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Binds a kernel-picked loopback port without listening yet. RCVBUF is the
   receive buffer of its connections in bytes, 0 for the kernel's choice.
   Returns the descriptor, or -1 with errno set. */
int net_bind(bool ipv6, int rcvbuf, uint16_t *port);

/* Connects to 127.0.0.1:PORT; the descriptor, or -1. */
int net_connect(const char *to, uint16_t port);

/* Sends all bytes; FLAGS is 0 or MSG_MORE. False when the peer is gone. */
bool net_send(int fd, const void *data, size_t size, int flags);

/* Waits until the peer has closed or reset, or MS milliseconds are over
   (forever with -1). True when the peer is gone. */
bool net_wait_gone(int fd, int64_t ms);

/* True when the peer has already closed or reset. */
bool net_is_gone(int fd);

/* Waits until the peer's kernel has acknowledged everything sent so far, and
   a moment longer for the peer to read it. */
void net_settle(int fd);

/* Makes the close() that follows send RST instead of FIN. */
void net_arm_reset(int fd);

/* Sends FIN, then reads until the peer closes (at most 2 s): with unread
   bytes in the buffer a plain close() would send RST. */
void net_finish(int fd);

#endif
