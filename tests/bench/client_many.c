/* The client's runs with many threads or handles. */
#define _GNU_SOURCE
#include "client.h"

#include <pthread.h>
#include <stdlib.h>

#define ACTIVE_HANDLES 16

struct worker {
  pthread_t thread;
  const char *url;
  int count;
  struct result result;
};

static void *work(void *data) {
  struct worker *worker = data;
  CURL *curl = new_handle(worker->url, &worker->result);

  for (int i = 0; i < worker->count; i++)
    perform(curl);
  curl_easy_cleanup(curl);
  return NULL;
}

void run_threads(const char *url, int count, int threads) {
  struct worker *workers = calloc((size_t)threads, sizeof(*workers));

  if (!workers)
    exit(3);
  for (int i = 0; i < threads; i++) {
    workers[i].url = url;
    workers[i].count = count;
    if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
      exit(3);
  }
  for (int i = 0; i < threads; i++)
    (void)pthread_join(workers[i].thread, NULL);
  free(workers);
}

static CURL **new_handles(const char *url, int handles,
                          struct result *result) {
  CURL **all = calloc((size_t)handles, sizeof(CURL *));

  if (!all)
    exit(3);
  for (int i = 0; i < handles; i++)
    all[i] = new_handle(url, result);
  return all;
}

static void free_handles(CURL **all, int handles) {
  for (int i = 0; i < handles; i++)
    curl_easy_cleanup(all[i]);
  free(all);
}

/* The calls go round over at most 16 of the handles, spread evenly. */
void run_handles(const char *url, int count, int handles,
                 struct result *result) {
  CURL **all = new_handles(url, handles, result);
  int active = handles < ACTIVE_HANDLES ? handles : ACTIVE_HANDLES;
  struct clock start = clock_now();

  for (int i = 0; i < count; i++)
    perform(all[(i % active) * (handles / active)]);
  clock_since(start, result);
  free_handles(all, handles);
}

void run_memory(const char *url, int handles, struct result *result) {
  CURL *first = new_handle(url, result); /* libcurl's own first allocations */
  CURL **all;
  long before;

  perform(first);
  before = memory_kib("VmRSS");
  all = new_handles(url, handles, result);
  result->idle_kib = memory_kib("VmRSS") - before;
  for (int i = 0; i < handles; i++)
    perform(all[i]);
  result->used_kib = memory_kib("VmRSS") - before;
  free_handles(all, handles);
  curl_easy_cleanup(first);
}
