/* Threads, each with a handle of its own. */
#include "soak.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_uint next_number;
static unsigned end_number;

static void *run(void *nothing) {
  struct job job = {.curl = curl_easy_init()};
  unsigned number;

  while ((number = atomic_fetch_add(&next_number, 1)) < end_number) {
    job_begin(&job, number);
    job_end(&job, (int)curl_easy_perform(job.curl));
    if (draw_below(&job, 20) == 0) {
      curl_easy_cleanup(job.curl);
      job.curl = curl_easy_init();
    }
  }
  curl_easy_cleanup(job.curl);
  return nothing;
}

void easy_run(unsigned first, unsigned count, unsigned width) {
  pthread_t threads[64];

  if (width > COUNT(threads))
    width = COUNT(threads);
  atomic_store(&next_number, first);
  end_number = first + count;
  for (unsigned i = 0; i < width; i++)
    if (pthread_create(&threads[i], NULL, run, NULL))
      abort();
  for (unsigned i = 0; i < width; i++)
    pthread_join(threads[i], NULL);
}
