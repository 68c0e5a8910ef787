/* A descriptor that is open after the callback and was not before it was made
 * by it. poll(2) says that of many at once (POLLNVAL), and is a system call
 * that libcurl makes itself. What is made gets the lowest number that is free,
 * or, where other threads take that, one of the next. */
#include "engine/sockets.h"

#include "engine/attempt.h"
#include "engine/connection.h"
#include "program/callback.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>

#define LOOKED_AT_MAX 1024
#define LOOKED_AT_MIN 64
#define LOOKS_MAX 64

/* Numbers, from the first one on, and whether they are free. */
struct look {
  nfds_t count;
  struct pollfd files[LOOKED_AT_MAX];
};

/* The function that made one when it was asked last. Of all handles: those of
 * one program have the same (Rust's curl), and not each opens a connection. */
static _Atomic(curl_opensocket_callback) maker;

static bool has_free(const struct look *look) {
  nfds_t i = 0;

  while (i < look->count && !(look->files[i].revents & POLLNVAL))
    i++;
  return i < look->count;
}

static void look_from(struct look *look, int first) {
  for (int i = 0; i < LOOKED_AT_MAX; i++)
    look->files[i] = (struct pollfd){.fd = first + i};
  look->count = LOOKED_AT_MAX; /* no more than RLIMIT_NOFILE: EINVAL */
  while (poll(look->files, look->count, 0) < 0 && look->count > LOOKED_AT_MIN)
    look->count /= 4;
}

/* Where the lowest number is that is free. NULL: out of memory. */
static struct look *look_at_free(void) {
  struct look *look = malloc(sizeof(*look));

  for (int i = 0; look && i < LOOKS_MAX; i++) {
    look_from(look, i * LOOKED_AT_MAX);
    if (has_free(look) || look->count < LOOKED_AT_MAX)
      break;
  }
  return look;
}

/* Whether that look found the number free. */
static bool was_free(const struct look *look, curl_socket_t number) {
  int first = look->files[0].fd;

  return number >= first && (nfds_t)(number - first) < look->count &&
         look->files[number - first].revents & POLLNVAL;
}

static bool is_open(curl_socket_t number) {
  struct pollfd file = {.fd = number};

  return poll(&file, 1, 0) >= 0 && !(file.revents & POLLNVAL);
}

static bool is_maker(const struct shadow *shadow) {
  curl_opensocket_callback open = shadow->socket.open;

  return !open || open == atomic_load(&maker);
}

/* The attempt comes to nothing, also where libcurl has another address: what
 * was kept is the program's. */
static curl_socket_t refuse(struct call *call) {
  call->now->is_barred = call->now->lacks_socket = true;
  attempt_stop(call->now, BY_MISMATCH);
  return CURL_SOCKET_BAD;
}

curl_socket_t sockets_open(void *data, curlsocktype purpose,
                           struct curl_sockaddr *address) {
  struct call *call = data;
  const struct shadow *shadow = &call->handle->shadow;
  bool is_trusted = is_maker(shadow);
  int saved = errno;
  struct look *before = look_at_free();
  curl_socket_t number;
  bool is_made;

  call->now->took_socket = true;
  errno = saved;
  number = callback_open_socket(shadow, purpose, address);
  saved = errno;
  is_made = before && was_free(before, number) && is_open(number);
  free(before);
  errno = saved;
  if (is_made)
    atomic_store(&maker, shadow->socket.open);
  else if (number != CURL_SOCKET_BAD)
    atomic_store(&maker, NULL);
  if (is_made || !call->used_socket ||
      (number == CURL_SOCKET_BAD && is_trusted))
    return number;
  return refuse(call);
}

bool sockets_are_given(const struct call *call) {
  return !is_maker(&call->handle->shadow) &&
         (call->used_socket || connection_was_used(call));
}
