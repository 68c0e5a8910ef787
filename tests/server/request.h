/* One client connection and the requests read from it. */
#ifndef FAULTY_REQUEST_H
#define FAULTY_REQUEST_H

#include "plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REQUEST_HEAD_MAX 65536
#define REQUEST_HEADERS_MAX 200

struct connection {
  int fd;
  unsigned number;   /* by order of first requests; 0: control only so far */
  unsigned requests; /* on this connection */
  size_t start, end; /* unread bytes of the buffer */
  char buffer[REQUEST_HEAD_MAX];
};

struct header {
  const char *name;
  const char *value;
};

struct request {
  const char *method;
  const char *target; /* as sent, without http://host */
  const char *version;
  size_t header_count;
  struct header headers[REQUEST_HEADERS_MAX];
  int64_t at_ms; /* when its headers were complete */
  char head[REQUEST_HEAD_MAX];
};

enum request_result { REQUEST_READ, REQUEST_END, REQUEST_BAD };

/* Reads the next header block. REQUEST_END: the peer closed. */
enum request_result request_read(struct connection *connection,
                                 struct request *request);

/* The value of the first header NAME, or NULL. */
const char *request_header(const struct request *request, const char *name);

/* Takes up to SIZE bytes, buffered ones first; 0 at the end or an error. */
size_t connection_read(struct connection *connection, void *out, size_t size);

/* Takes one byte by way of the buffer; false at the end or an error. */
bool connection_read_byte(struct connection *connection, char *out);

#endif
