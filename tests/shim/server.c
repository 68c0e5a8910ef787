/* Asks over plain sockets, so that nothing of the shim is between. */
#define _GNU_SOURCE
#include "server.h"

#include "setup.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORT "SHIM_TEST_PORT"

static pid_t server;
static int port;
static char prefix[16]; /* of this process's keys */

static void find_program(const char *program, char *path, size_t size) {
  const char *given = getenv("FAULTY");

  if (given)
    snprintf(path, size, "%s", given);
  else
    snprintf(path, size, "%.*s/../faulty",
             (int)(strrchr(program, '/') - program), program);
}

bool server_start(const char *program) {
  char path[4200], line[16] = "";
  int out[2];

  find_program(program, path, sizeof path);
  if (pipe2(out, O_CLOEXEC))
    return false;
  server = fork();
  if (!server) {
    dup2(out[1], 1);
    unsetenv("LD_PRELOAD");
    execl(path, "faulty", "http", (char *)NULL);
    _exit(127);
  }
  close(out[1]);
  if (read(out[0], line, sizeof line - 1) <= 0)
    fprintf(stderr, "%s did not start\n", path);
  close(out[0]);
  port = atoi(line);
  snprintf(line, sizeof line, "%d", port);
  setenv(PORT, line, 1);
  snprintf(prefix, sizeof prefix, "p%07d", (int)getpid());
  return port > 0;
}

void server_stop(void) {
  kill(server, SIGKILL);
  waitpid(server, NULL, 0);
}

void server_join(void) {
  port = atoi(getenv(PORT));
  snprintf(prefix, sizeof prefix, "p%07d", (int)getpid());
}

struct url url_of(const char *key, const char *plan) {
  struct url url;

  snprintf(url.text, sizeof url.text, "http://127.0.0.1:%d/%s%s/%s", port,
           prefix, key, plan);
  return url;
}

struct url url_refused(void) {
  static int held = -1; /* bound, not listening: the port is nobody else's */
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t size = sizeof address;
  struct url url;

  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (held < 0) {
    held = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(held, (struct sockaddr *)&address, size))
      fail_msg("no port");
  }
  if (getsockname(held, (struct sockaddr *)&address, &size))
    fail_msg("no port");
  snprintf(url.text, sizeof url.text, "http://127.0.0.1:%d/",
           ntohs(address.sin_port));
  return url;
}

static int connect_server(void) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port)};
  int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(file, (struct sockaddr *)&address, sizeof address))
    fail_msg("the server is gone");
  return file;
}

static void send_all(int file, const char *bytes, size_t length) {
  while (length) {
    ssize_t n = send(file, bytes, length, MSG_NOSIGNAL);
    if (n <= 0)
      fail_msg("the server takes no bytes");
    bytes += n;
    length -= (size_t)n;
  }
}

/* How long an answer that begins with `text` is; SIZE_MAX: not known yet. */
static size_t length_of(const char *text) {
  const char *body = strstr(text, "\r\n\r\n");
  const char *field = strcasestr(text, "\r\nContent-Length:");

  if (!body || !field || field > body)
    return SIZE_MAX;
  return (size_t)(body + 4 - text) + strtoul(field + 17, NULL, 10);
}

/* The answer's body, owned by the caller. */
static char *ask(const char *method, const char *path, const void *body,
                 size_t length) {
  int file = connect_server();
  size_t used = 0, room = 65536;
  char *answer = calloc(1, room + 1), head[512];

  snprintf(head, sizeof head,
           "%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n", method,
           path, length);
  send_all(file, head, strlen(head));
  send_all(file, body, length);
  while (used < length_of(answer)) {
    ssize_t n = read(file, answer + used, room - used);
    if (n <= 0)
      fail_msg("no answer to %s", path);
    used += (size_t)n;
    if (used == room)
      answer = realloc(answer, (room *= 2) + 1);
    answer[used] = 0;
  }
  close(file);
  memmove(answer, strstr(answer, "\r\n\r\n") + 4,
          strlen(strstr(answer, "\r\n\r\n") + 4) + 1);
  return answer;
}

static char *ask_log(const char *what, const char *key) {
  char path[512];

  snprintf(path, sizeof path, "/%s/%s%s", what, prefix, key);
  return ask("GET", path, "", 0);
}

size_t server_count(const char *key) {
  char *text = ask_log("_count", key);
  size_t count = strtoul(text, NULL, 10);

  free(text);
  return count;
}

/* seq method connection request body_length body_sha256 complete|partial
 * status sent time_ms step path */
static void read_line(const char *line, struct seen *seen) {
  char whole[16];

  if (sscanf(line, "%*u %15s %u %u %lld %79s %15s %d %lld %lld", seen->method,
             &seen->connection, &seen->request, &seen->length, seen->hash,
             whole, &seen->status, &seen->sent, &seen->time_ms) != 9)
    fail_msg("not a line of the server's: %s", line);
  seen->is_whole = !strcmp(whole, "complete");
}

size_t server_saw(const char *key, struct seen *seen, size_t max) {
  char *text = ask_log("_lines", key), *rest;
  size_t count = 0;

  memset(seen, 0, max * sizeof *seen);
  for (char *line = strtok_r(text, "\n", &rest); line;
       line = strtok_r(NULL, "\n", &rest)) {
    if (count < max)
      read_line(line, &seen[count]);
    count++;
  }
  free(text);
  return count;
}

void server_header(const char *key, size_t index, const char *name,
                   char *value, size_t size) {
  char *text = ask_log("_log", key), *line = text, *found, mark[128];

  for (; index && line; index--)
    line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL;
  *value = 0;
  snprintf(mark, sizeof mark, "\"%s\":", name);
  if (line)
    line[strcspn(line, "\n")] = 0;
  found = line ? strstr(line, mark) : NULL;
  if (found) {
    found += strlen(mark);
    found += strspn(found, " \"");
    snprintf(value, size, "%.*s", (int)strcspn(found, "\""), found);
  }
  free(text);
}

struct hash hash_of(const void *bytes, size_t length) {
  static unsigned turn;
  char key[32], path[128];
  struct seen seen;
  struct hash hash;

  snprintf(key, sizeof key, "hash%u", turn++);
  snprintf(path, sizeof path, "/%s%s/201", prefix, key);
  free(ask("PUT", path, bytes, length));
  assert_int_equal(server_saw(key, &seen, 1), 1);
  memcpy(hash.text, seen.hash, sizeof hash.text);
  return hash;
}
