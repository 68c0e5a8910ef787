/* left WAY URL: six threads, one after the other, leave curl_easy_perform()
 * without a return, and what runs then frees the handle. Says how many
 * descriptors the last five left open, and whether all handles were freed.
 *
 *   cancel     cancelled 300 ms after its request was sent
 *   progress   the same, while the progress callback sleeps
 *   write      the same, while the write callback sleeps
 *   exit       the write callback calls pthread_exit()
 *   key        cancelled; a thread-specific key's destructor frees the handle
 *   dup        cancelled; the handler duplicates, resets, frees both
 *   again      cancelled; the handler performs once more on the handle
 */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SLEEP_MS 300

static const char *way, *url;
static pthread_key_t key;
static atomic_int connections; /* opened less closed */
static atomic_int requests;    /* sent */

static int is_way(const char *name) { return !strcmp(way, name); }

static size_t on_body(char *bytes, size_t size, size_t count, void *unused) {
  (void)bytes, (void)unused;
  if (is_way("write"))
    (void)usleep(10 * SLEEP_MS * 1000);
  if (is_way("exit"))
    pthread_exit(NULL);
  return size * count;
}

static int on_progress(void *unused, curl_off_t a, curl_off_t b, curl_off_t c,
                       curl_off_t d) {
  (void)unused, (void)a, (void)c, (void)d;
  if (b > 0)
    (void)usleep(10 * SLEEP_MS * 1000);
  return 0;
}

static int on_close(void *unused, curl_socket_t socket) {
  (void)unused;
  atomic_fetch_sub(&connections, 1);
  return close(socket);
}

static int on_socket(void *unused, curl_socket_t socket, curlsocktype type) {
  (void)unused, (void)socket, (void)type;
  atomic_fetch_add(&connections, 1);
  return CURL_SOCKOPT_OK;
}

static int on_debug(CURL *curl, curl_infotype what, char *bytes, size_t size,
                    void *unused) {
  (void)curl, (void)bytes, (void)size, (void)unused;
  if (what == CURLINFO_HEADER_OUT)
    atomic_fetch_add(&requests, 1);
  return 0;
}

static void release(void *curl) {
  CURL *copy;

  if (is_way("again"))
    printf("again %d\n", (int)curl_easy_perform(curl));
  if (is_way("dup")) {
    copy = curl_easy_duphandle(curl);
    curl_easy_reset(curl);
    curl_easy_cleanup(copy);
  }
  curl_easy_cleanup(curl);
}

static void *perform(void *unused) {
  CURL *curl = curl_easy_init();

  (void)unused;
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, on_socket);
  curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, on_close);
  curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, on_debug);
  curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
  if (is_way("progress")) {
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  }
  if (is_way("key")) {
    (void)pthread_setspecific(key, curl);
    (void)curl_easy_perform(curl);
    return NULL;
  }
  pthread_cleanup_push(release, curl);
  (void)curl_easy_perform(curl);
  pthread_cleanup_pop(1);
  return NULL;
}

static int descriptors(void) {
  DIR *folder = opendir("/proc/self/fd");
  int count = 0;

  while (folder && readdir(folder))
    count++;
  if (folder)
    (void)closedir(folder);
  return count;
}

/* Until the thread's request is sent: on a busy machine it may take long. */
static void wait_for(int request) {
  for (int i = 0; i < 1000 && atomic_load(&requests) < request; i++)
    (void)usleep(10000);
  (void)usleep(SLEEP_MS * 1000);
}

int main(int argc, char **argv) {
  int first = 0;

  if (argc != 3 || pthread_key_create(&key, release))
    return 2;
  way = argv[1];
  url = argv[2];
  (void)curl_global_init(CURL_GLOBAL_ALL);
  for (int i = 0; i < 6; i++) {
    int request = atomic_load(&requests) + 1;
    pthread_t thread;
    if (pthread_create(&thread, NULL, perform, NULL))
      return 2;
    wait_for(request);
    (void)pthread_cancel(thread);
    (void)pthread_join(thread, NULL);
    if (!i)
      first = descriptors();
  }
  printf("%d descriptors, %d connections\n", descriptors() - first,
         atomic_load(&connections));
  return 0;
}
