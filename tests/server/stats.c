/* Connections and requests in flight. */
#include "stats.h"

#include "net.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define PLACES 1024

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
  int fd; /* 0: free */
  bool is_busy;
} places[PLACES];
static unsigned connection_count;
static uint64_t request_count;
static unsigned max_busy;

static size_t find(int fd) {
  size_t i = 0;

  while (i < PLACES && places[i].fd != fd)
    i++;
  return i;
}

unsigned stats_connection(int fd) {
  unsigned number;
  size_t i;

  pthread_mutex_lock(&lock);
  number = ++connection_count;
  i = find(0);
  if (i < PLACES)
    places[i].fd = fd;
  pthread_mutex_unlock(&lock);
  return number;
}

void stats_disconnect(int fd) {
  size_t i;

  pthread_mutex_lock(&lock);
  i = find(fd);
  if (i < PLACES) {
    places[i].fd = 0;
    places[i].is_busy = false;
  }
  pthread_mutex_unlock(&lock);
}

/* Connections that the client has not left; only busy ones on demand. */
static unsigned count_live(bool only_busy) {
  unsigned count = 0;

  for (size_t i = 0; i < PLACES; i++)
    if (places[i].fd && (places[i].is_busy || !only_busy))
      count += !net_is_gone(places[i].fd);
  return count;
}

void stats_begin(int fd) {
  unsigned busy;
  size_t i;

  pthread_mutex_lock(&lock);
  request_count++;
  i = find(fd);
  if (i < PLACES)
    places[i].is_busy = true;
  busy = count_live(true);
  if (busy > max_busy)
    max_busy = busy;
  pthread_mutex_unlock(&lock);
}

void stats_end(int fd) {
  size_t i;

  pthread_mutex_lock(&lock);
  i = find(fd);
  if (i < PLACES)
    places[i].is_busy = false;
  pthread_mutex_unlock(&lock);
}

void stats_write_json(FILE *out) {
  pthread_mutex_lock(&lock);
  fprintf(out,
          "{\"connections\": %u, \"requests\": %" PRIu64
          ", \"open\": %u, \"busy\": %u, \"max_concurrent\": %u}\n",
          connection_count, request_count, count_live(false), count_live(true),
          max_busy);
  pthread_mutex_unlock(&lock);
}
