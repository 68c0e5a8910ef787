/* What there is to be had: bodies and servers. */
#define _GNU_SOURCE
#include "soak.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct world world;

long long now_ms(void) {
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The bytes of a file; NULL: there is none. The mapping is the caller's. */
static unsigned char *map_file(const char *path, size_t *size) {
  static unsigned char nothing;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  struct stat stat;
  void *bytes = NULL;

  if (fd < 0)
    return NULL;
  if (!fstat(fd, &stat)) {
    *size = (size_t)stat.st_size;
    bytes = &nothing;
    if (*size)
      bytes = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
  }
  close(fd);
  return bytes == MAP_FAILED ? NULL : bytes;
}

bool world_is_file(const char *path, const struct body *body) {
  size_t size = 0;
  unsigned char *bytes = map_file(path, &size);
  bool is_same = bytes && size == body->size &&
                 (!size || !memcmp(bytes, body->bytes, size));

  if (bytes && size)
    munmap(bytes, size);
  return is_same;
}

static int is_body(const struct dirent *entry) {
  return entry->d_name[0] == 'b';
}

static bool open_bodies(const char *folder) {
  struct dirent **entries;
  int count = scandir(folder, &entries, is_body, versionsort);
  char path[512];

  if (count <= 0)
    return false;
  world.bodies = calloc((size_t)count, sizeof *world.bodies);
  world.body_count = (size_t)count;
  snprintf(world.files, sizeof world.files, "%s", folder);
  for (int i = 0; i < count; i++) {
    struct body *body = &world.bodies[i];
    snprintf(body->name, sizeof body->name, "%.15s", entries[i]->d_name);
    snprintf(path, sizeof path, "%s/%s", folder, body->name);
    body->bytes = map_file(path, &body->size);
    free(entries[i]);
    if (!body->bytes)
      return false;
  }
  free(entries);
  return true;
}

static void none_if_dash(char *word) {
  if (!strcmp(word, "-"))
    *word = '\0';
}

static bool read_server(const char *line, struct server *server) {
  char scheme[8], version[8];

  if (sscanf(line, "%23s %7s %7s %127s %63s %255s %u", server->name, scheme,
             version, server->url, server->proxy, server->store,
             &server->weight) != 7)
    return false;
  none_if_dash(server->proxy);
  none_if_dash(server->store);
  server->scheme = !strcmp(scheme, "ftp")    ? SCHEME_FTP
                   : !strcmp(scheme, "sftp") ? SCHEME_SFTP
                                             : SCHEME_HTTP;
  server->version =
      !strcmp(version, "2") ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1;
  return true;
}

bool world_open(const char *files, const char *servers) {
  FILE *file = fopen(servers, "re");
  char line[600];

  if (!file || !open_bodies(files)) {
    fprintf(stderr, "soak: no %s\n", file ? files : servers);
    return false;
  }
  while (fgets(line, sizeof line, file) &&
         world.server_count < COUNT(world.servers)) {
    struct server *server = &world.servers[world.server_count];
    if (!read_server(line, server)) {
      fprintf(stderr, "soak: %s", line);
      break;
    }
    world.weights += server->weight;
    world.server_count++;
  }
  fclose(file);
  return world.weights > 0;
}
