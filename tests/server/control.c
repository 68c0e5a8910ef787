/* The paths that begin with "/_": the log, the counters, stored plans. */
#include "control.h"

#include "log.h"
#include "net.h"
#include "plans.h"
#include "stats.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PLAN_TEXT_MAX 16384

bool control_is_request(const struct request *request) {
  return strncmp(request->target, "/_", 2) == 0;
}

/* Reads a body with Content-Length as text; false when there is none. */
static bool read_text(struct connection *connection,
                      const struct request *request, char *text) {
  const char *header = request_header(request, "Content-Length");
  uint64_t length;
  size_t got = 0;

  if (!header || !text_number(header, &length) || length >= PLAN_TEXT_MAX)
    return false;
  while (got < length) {
    size_t more = connection_read(connection, text + got, length - got);

    if (more == 0)
      return false;
    got += more;
  }
  text[got] = '\0';
  text[strcspn(text, "\r\n")] = '\0';
  return true;
}

static int store_plan(struct connection *connection,
                      const struct request *request, const char *key,
                      FILE *out) {
  char error[PLAN_ERROR_SIZE] = "a plan needs a key and a Content-Length";
  char text[PLAN_TEXT_MAX];

  if (*key && read_text(connection, request, text) &&
      plans_store(key, text, error)) {
    fprintf(out, "%s\n", text);
    return 200;
  }
  fprintf(stderr, "faulty: 599 for key '%s': %s\n", key, error);
  fprintf(out, "%s\n", error);
  return 599;
}

/* Writes the answer's body to OUT; returns its status. */
static int dispatch(struct connection *connection,
                    const struct request *request, const char *name,
                    const char *key, FILE *out) {
  const char *only = *key ? key : NULL;

  if (strcmp(request->method, "PUT") == 0 && strcmp(name, "plan") == 0)
    return store_plan(connection, request, key, out);
  if (strcmp(request->method, "DELETE") == 0 && strcmp(name, "log") == 0)
    log_clear();
  else if (strcmp(request->method, "GET") != 0)
    return 404;
  else if (strcmp(name, "log") == 0)
    log_write_json(out, only);
  else if (strcmp(name, "lines") == 0)
    log_write_lines(out, only);
  else if (strcmp(name, "count") == 0)
    fprintf(out, "%" PRIu64 "\n", log_count(only));
  else if (strcmp(name, "stats") == 0)
    stats_write_json(out);
  else
    return 404;
  return 200;
}

bool control_serve(struct connection *connection,
                   const struct request *request) {
  char *name = strdup(request->target + 2);
  char *key = name + strcspn(name, "/");
  char *body = NULL;
  char head[128];
  size_t size;
  FILE *out = open_memstream(&body, &size);
  int status;
  bool is_sent;

  if (!out)
    abort();
  if (*key)
    *key++ = '\0';
  key[strcspn(key, "/?")] = '\0';
  text_decode(key);
  status = dispatch(connection, request, name, key, out);
  if (fclose(out))
    abort();
  snprintf(head, sizeof head,
           "HTTP/1.1 %d Control\r\nContent-Length: %zu\r\n%s\r\n", status,
           size, status == 200 ? "" : "Connection: close\r\n");
  is_sent = net_send(connection->fd, head, strlen(head), MSG_MORE) &&
            net_send(connection->fd, body, size, 0);
  free(name);
  free(body);
  return is_sent && status == 200;
}
