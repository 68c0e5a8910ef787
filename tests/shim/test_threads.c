/* test_threads.c - many threads perform, each on its own handles; the process
 * forks meanwhile, and the children perform too. */
#define _GNU_SOURCE
#include "setup.h"

#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 8
#define ROUNDS 12
#define FORKS 12

struct worker {
  pthread_t thread;
  int number;
  int failures;
  int calls;
};

static atomic_int is_over;

struct sink {
  long long got;
};

static size_t into_sink(char *bytes, size_t size, size_t count, void *data) {
  struct sink *sink = data;

  (void)bytes;
  sink->got += (long long)(size * count);
  return size * count;
}

/* One call that needs a retry; whether it ended well. */
static bool retried_call(CURL *curl, const char *key) {
  static const char plan[] = "503,rst,200:size=1000:chunked";
  struct sink sink = {0};

  curl_easy_setopt(curl, CURLOPT_URL, url_of(key, plan).text);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, into_sink);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &sink);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  return curl_easy_perform(curl) == CURLE_OK && sink.got == 1000;
}

static void *work(void *data) {
  struct worker *worker = data;
  CURL *kept = curl_easy_init();

  for (int i = 0; i < ROUNDS; i++) {
    CURL *curl = i % 2 ? curl_easy_duphandle(kept) : curl_easy_init();
    char key[32];
    snprintf(key, sizeof key, "t%d-%d", worker->number, i);
    worker->failures += !retried_call(curl, key);
    curl_easy_cleanup(curl);
    snprintf(key, sizeof key, "k%d-%d", worker->number, i);
    worker->failures += !retried_call(kept, key);
    worker->calls += 2;
  }
  curl_easy_cleanup(kept);
  return NULL;
}

static void start(struct worker *workers, int first,
                  void *(*function)(void *)) {
  for (int i = 0; i < THREADS; i++) {
    workers[i] = (struct worker){.number = first + i};
    if (pthread_create(&workers[i].thread, NULL, function, &workers[i]))
      fail_msg("no thread");
  }
}

static void calls_of_many_threads_are_all_retried(void **state) {
  struct worker workers[THREADS];
  char key[32];

  (void)state;
  start(workers, 0, work);
  for (int i = 0; i < THREADS; i++)
    pthread_join(workers[i].thread, NULL);
  for (int i = 0; i < THREADS; i++) {
    assert_int_equal(workers[i].failures, 0);
    for (int j = 0; j < ROUNDS; j++) {
      snprintf(key, sizeof key, "t%d-%d", i, j);
      assert_int_equal(server_count(key), 3);
      snprintf(key, sizeof key, "k%d-%d", i, j);
      assert_in_range(server_count(key), 3, 4); /* libcurl's own repeat */
    }
  }
}

static void *work_until_over(void *data) {
  struct worker *worker = data;

  while (!atomic_load(&is_over)) {
    CURL *curl = curl_easy_init();
    char key[32];
    snprintf(key, sizeof key, "f%d-%d", worker->number, worker->calls++);
    worker->failures += !retried_call(curl, key);
    curl_easy_cleanup(curl);
    if (worker->calls > 200)
      usleep(50000); /* a slow machine; ports and the log are finite */
  }
  return NULL;
}

/* In the child: new handles are retried, whatever other threads did at the
 * moment of the fork. */
static _Noreturn void be_child(int number) {
  char key[32];
  CURL *curl;

  alarm((unsigned)(30 * patience()));
  curl = curl_easy_init();
  snprintf(key, sizeof key, "c%d", number);
  if (!retried_call(curl, key))
    _exit(1);
  curl_easy_cleanup(curl);
  _exit(0);
}

static void fork_while_others_perform_leaves_a_usable_child(void **state) {
  struct worker workers[THREADS];
  int statuses[FORKS];
  size_t requests[FORKS];

  (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  skip(); /* their allocators' locks (gcc 12) are kept over a fork */
#endif
  if (is_under_valgrind())
    skip(); /* what other threads' stacks point to is lost in the child */
  atomic_store(&is_over, 0);
  start(workers, 100, work_until_over);
  for (int i = 0; i < FORKS; i++) {
    char key[32];
    pid_t pid = fork();
    if (!pid)
      be_child(i);
    waitpid(pid, &statuses[i], 0);
    snprintf(key, sizeof key, "c%d", i);
    requests[i] = server_count(key); /* before the server forgets it */
  }
  atomic_store(&is_over, 1);
  for (int i = 0; i < THREADS; i++)
    pthread_join(workers[i].thread, NULL);
  for (int i = 0; i < FORKS; i++) {
    assert_int_equal(statuses[i], 0);
    assert_int_equal(requests[i], 3);
  }
  for (int i = 0; i < THREADS; i++) {
    assert_int_equal(workers[i].failures, 0);
    assert_true(workers[i].calls > 0);
  }
}

static int first_object(struct dl_phdr_info *info, size_t size, void *data) {
  (void)info;
  (void)size;
  (void)data;
  return 1;
}

/* As the unwinder of many programs does. glibc's lock for it stays as it is
 * in the child of a fork. */
static void *walk_until_over(void *data) {
  struct worker *worker = data;

  while (!atomic_load(&is_over)) {
    dl_iterate_phdr(first_object, NULL);
    worker->calls++;
  }
  return NULL;
}

static void fork_while_others_walk_the_objects_leaves_one(void **state) {
  struct worker workers[THREADS];
  int status;

  (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  skip(); /* their allocators' locks (gcc 12) are kept over a fork */
#endif
  if (is_under_valgrind())
    skip(); /* too slow to meet the moment */
  atomic_store(&is_over, 0);
  start(workers, 200, walk_until_over);
  for (int i = 0; i < 100; i++) {
    pid_t pid = fork();
    if (!pid) {
      alarm((unsigned)(30 * patience()));
      curl_easy_cleanup(curl_easy_init());
      _exit(0);
    }
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
  }
  atomic_store(&is_over, 1);
  for (int i = 0; i < THREADS; i++) {
    pthread_join(workers[i].thread, NULL);
    assert_true(workers[i].calls > 0);
  }
}

struct forker {
  CURL *curl;
  int status;
  long long got;
};

static size_t fork_in_callback(char *bytes, size_t size, size_t count,
                               void *data) {
  struct forker *forker = data;

  (void)bytes;
  if (!forker->got) {
    pid_t pid = fork();
    if (!pid)
      be_child(1000);
    waitpid(pid, &forker->status, 0);
  }
  forker->got += (long long)(size * count);
  return size * count;
}

static void fork_in_a_callback_leaves_both_usable(void **state) {
  static const char *const plans[] = {"503,200:size=1000",
                                      "503,200:size=1000:chunked"};

  (void)state;
  for (size_t i = 0; i < COUNT(plans); i++) {
    struct forker forker = {.status = -1};
    CURL *curl = handle_for(i ? "fork1" : "fork0", plans[i]);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, fork_in_callback);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &forker);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    assert_int_equal(forker.status, 0);
    assert_int_equal(forker.got, 1000);
    assert_int_equal(server_count(i ? "fork1" : "fork0"), 2);
    curl_easy_cleanup(curl);
  }
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(calls_of_many_threads_are_all_retried),
      cmocka_unit_test(fork_while_others_perform_leaves_a_usable_child),
      cmocka_unit_test(fork_while_others_walk_the_objects_leaves_one),
      cmocka_unit_test(fork_in_a_callback_leaves_both_usable),
  };

  curl_global_init(CURL_GLOBAL_ALL);
  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=1ms",
                                       "CURLRETRY_BUDGET=off", NULL};
  static const struct setup setup = {policy, tests, NULL};

  return setup_main(argc, argv, &setup);
}
