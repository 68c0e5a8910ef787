/* One client connection and the requests read from it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "request.h"

#include "text.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

static ssize_t receive(int fd, void *out, size_t size) {
  ssize_t got;

  do
    got = recv(fd, out, size, 0);
  while (got < 0 && errno == EINTR);
  return got;
}

size_t connection_read(struct connection *connection, void *out, size_t size) {
  size_t held = connection->end - connection->start;
  ssize_t got;

  if (held == 0) {
    got = receive(connection->fd, out, size);
    return got > 0 ? (size_t)got : 0;
  }
  if (size > held)
    size = held;
  memcpy(out, connection->buffer + connection->start, size);
  connection->start += size;
  return size;
}

bool connection_read_byte(struct connection *connection, char *out) {
  if (connection->start == connection->end) {
    ssize_t got =
        receive(connection->fd, connection->buffer, sizeof connection->buffer);

    connection->start = 0;
    connection->end = got > 0 ? (size_t)got : 0;
    if (got <= 0)
      return false;
  }
  *out = connection->buffer[connection->start++];
  return true;
}

/* Reads until the buffer holds a whole header block. Returns its size with
   the empty line, or 0 when the peer closed or it is too large. */
static size_t read_block(struct connection *connection) {
  char *buffer = connection->buffer;
  size_t held = connection->end - connection->start;

  memmove(buffer, buffer + connection->start, held);
  connection->start = 0;
  connection->end = held;
  for (;;) {
    char *end = memmem(buffer, connection->end, "\r\n\r\n", 4);
    ssize_t got;

    if (end)
      return (size_t)(end - buffer) + 4;
    if (connection->end == sizeof connection->buffer)
      return 0;
    got = receive(connection->fd, buffer + connection->end,
                  sizeof connection->buffer - connection->end);
    if (got <= 0)
      return 0;
    connection->end += (size_t)got;
  }
}

/* Adds the header of LINE; false when it is none. */
static bool add_header(struct request *request, char *line) {
  char *colon = strchr(line, ':');
  struct header *header = &request->headers[request->header_count];

  if (!colon || colon == line || request->header_count == REQUEST_HEADERS_MAX)
    return false;
  *colon++ = '\0';
  header->name = line;
  header->value = colon + strspn(colon, " \t");
  request->header_count++;
  return true;
}

/* The target without the "http://host" of a request to a plain proxy. */
static const char *strip_origin(const char *target) {
  const char *path;

  if (strncasecmp(target, "http://", 7) != 0)
    return target;
  path = strchr(target + 7, '/');
  return path ? path : "/";
}

static bool parse_head(struct request *request) {
  char *lines = NULL;
  char *words = NULL;
  char *line = strtok_r(request->head, "\r\n", &lines);
  const char *target;

  if (!line)
    return false;
  request->method = strtok_r(line, " ", &words);
  target = strtok_r(NULL, " ", &words);
  request->version = strtok_r(NULL, " ", &words);
  if (!request->version || strncmp(request->version, "HTTP/1.", 7) != 0)
    return false;
  request->target = strip_origin(target);
  while ((line = strtok_r(NULL, "\r\n", &lines)) != NULL)
    if (!add_header(request, line))
      return false;
  return true;
}

enum request_result request_read(struct connection *connection,
                                 struct request *request) {
  size_t size = read_block(connection);

  if (size == 0)
    return connection->end == sizeof connection->buffer ? REQUEST_BAD
                                                        : REQUEST_END;
  memcpy(request->head, connection->buffer, size - 1);
  request->head[size - 1] = '\0';
  connection->start = size;
  request->header_count = 0;
  request->at_ms = text_now_ms();
  return parse_head(request) ? REQUEST_READ : REQUEST_BAD;
}

const char *request_header(const struct request *request, const char *name) {
  for (size_t i = 0; i < request->header_count; i++)
    if (strcasecmp(request->headers[i].name, name) == 0)
      return request->headers[i].value;
  return NULL;
}
