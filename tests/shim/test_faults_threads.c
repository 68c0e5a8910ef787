/* test_faults_threads.c - failures on purpose in many threads at once, each
 * with a handle of its own. */
#define _GNU_SOURCE
#include "setup.h"

#include <pthread.h>

#define THREADS 8
#define CALLS 15

struct worker {
  pthread_t thread;
  char key[24];
  int good, failed;
};

static void *work(void *data) {
  struct worker *worker = data;

  for (int i = 0; i < CALLS; i++) {
    CURL *curl = handle_for(worker->key, "200:size=3000");
    long status = 0;
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK && status == 200)
      worker->good++;
    else
      worker->failed++;
    curl_easy_cleanup(curl);
  }
  return NULL;
}

/* Each call comes through: its first two attempts fail. */
static void each_call_has_its_own(void **state) {
  struct worker workers[THREADS] = {{.good = 0}};
  int before = count_descriptors();

  (void)state;
  for (int i = 0; i < THREADS; i++) {
    snprintf(workers[i].key, sizeof workers[i].key, "thread%d", i);
    assert_int_equal(
        pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
  }
  for (int i = 0; i < THREADS; i++)
    pthread_join(workers[i].thread, NULL);
  for (int i = 0; i < THREADS; i++) {
    assert_int_equal(workers[i].good, CALLS);
    assert_int_equal(workers[i].failed, 0);
    assert_int_equal(server_count(workers[i].key), CALLS);
  }
  assert_int_equal(count_descriptors(), before);
  assert_int_equal(log_count("transfers fail on purpose"), 1);
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(each_call_has_its_own),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {
      "CURLRETRY_BASE_DELAY=2ms", "CURLRETRY_BUDGET=off",
      "CURLRETRY_FAULTS=503:first=1,reset:50%:first=2,dns:first=2,delay=5ms:"
      "20%",
      NULL};
  static const struct setup setup = {policy, tests, NULL};

  return setup_main(argc, argv, &setup);
}
