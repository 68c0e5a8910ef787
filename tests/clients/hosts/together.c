/* together THREADS URL: so many threads make the process's first handles at
 * the same moment; says how many there were. Then the URL by dlsym() of the
 * other flavour, to stdout.
 */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS_MAX 256

static atomic_int ready, handles;
static atomic_bool go;

static void *make(void *unused) {
  CURL *curl;

  (void)unused;
  atomic_fetch_add(&ready, 1);
  while (!atomic_load(&go))
    (void)sched_yield();
  curl = curl_easy_init();
  if (curl)
    atomic_fetch_add(&handles, 1);
  return NULL;
}

static void all_at_once(int count) {
  pthread_t threads[THREADS_MAX];

  atomic_store(&ready, 0);
  atomic_store(&handles, 0);
  atomic_store(&go, 0);
  for (int i = 0; i < count; i++)
    if (pthread_create(&threads[i], NULL, make, NULL))
      exit(2);
  while (atomic_load(&ready) < count)
    (void)sched_yield();
  atomic_store(&go, 1);
  for (int i = 0; i < count; i++)
    (void)pthread_join(threads[i], NULL);
  printf("%d handles\n", atomic_load(&handles));
}

static int perform_by_the_other(const char *url) {
  void *library = dlopen("libcurl-gnutls.so.4", RTLD_NOW);
  CURL *(*init)(void);
  CURLcode (*setopt)(CURL *, CURLoption, ...);
  CURLcode (*perform)(CURL *);
  CURL *curl;

  if (!library)
    return 101;
  *(void **)&init = dlsym(library, "curl_easy_init");
  *(void **)&setopt = dlsym(library, "curl_easy_setopt");
  *(void **)&perform = dlsym(library, "curl_easy_perform");
  curl = init();
  if (!curl || setopt(curl, CURLOPT_URL, url))
    return 102;
  return (int)perform(curl);
}

int main(int argc, char **argv) {
  int count = argc > 2 ? atoi(argv[1]) : 0;

  if (!count || count > THREADS_MAX || curl_global_init(CURL_GLOBAL_DEFAULT))
    return 2;
  all_at_once(count);
  return perform_by_the_other(argv[2]);
}
