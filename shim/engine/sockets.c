/* A descriptor that is open after the callback and was not before it was made
 * by it. poll(2) says that of many at once (POLLNVAL), and is a system call
 * that libcurl makes itself. */
#include "engine/sockets.h"

#include "program/callback.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>

#define LOOKED_AT_MAX 1024
#define LOOKED_AT_MIN 64

/* The function that made one when it was asked last. Of all handles: those of
 * one program have the same (Rust's curl), and not each opens a connection. */
static _Atomic(curl_opensocket_callback) maker;

static struct pollfd *look(nfds_t *count) {
  struct pollfd *files = malloc(LOOKED_AT_MAX * sizeof(*files));

  if (!files)
    return NULL;
  for (int i = 0; i < LOOKED_AT_MAX; i++)
    files[i] = (struct pollfd){.fd = i};
  *count = LOOKED_AT_MAX; /* no more than RLIMIT_NOFILE: EINVAL */
  while (poll(files, *count, 0) < 0 && *count > LOOKED_AT_MIN)
    *count /= 4;
  return files;
}

static bool is_open(curl_socket_t number) {
  struct pollfd file = {.fd = number};

  return poll(&file, 1, 0) >= 0 && !(file.revents & POLLNVAL);
}

curl_socket_t sockets_open(struct call *call, curlsocktype purpose,
                           struct curl_sockaddr *address) {
  const struct shadow *shadow = &call->handle->shadow;
  bool is_trusted = !sockets_are_given(shadow);
  int saved = errno;
  nfds_t count = 0;
  struct pollfd *before = look(&count);
  curl_socket_t number;
  bool is_made;

  errno = saved;
  number = callback_open_socket(shadow, purpose, address);
  saved = errno;
  is_made = before && number >= 0 && (nfds_t)number < count &&
            before[number].revents & POLLNVAL && is_open(number);
  free(before);
  errno = saved;
  if (is_made) {
    atomic_store(&maker, shadow->socket.open);
  } else if (number != CURL_SOCKET_BAD) {
    atomic_store(&maker, NULL);
    if (is_trusted && call->now->number > 1)
      return CURL_SOCKET_BAD;
  }
  return number;
}

bool sockets_are_given(const struct shadow *shadow) {
  curl_opensocket_callback open = shadow->socket.open;

  return open && open != atomic_load(&maker);
}
