/* test_stack.c - threads have small stacks (16 KiB and less in musl's old
 * days): how much deeper a transfer goes with the shim than without it, in a
 * thread whose stack is painted before. */
#define _GNU_SOURCE
#include "setup.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define STACK (512u << 10)
#define PAINT 0xa5
#define DEEPER 4096 /* bytes, at most */

static size_t read_some(char *buffer, size_t size, size_t count, void *data) {
  int *left = data;

  (void)size, (void)count;
  if (!*left)
    return 0;
  memset(buffer, 'x', 1000);
  --*left;
  return 1000;
}

static const char *plan; /* of the next transfer */
static bool is_upload, is_multi;

static CURLcode perform_in_multi(CURL *curl) {
  CURLM *multi = curl_multi_init();
  CURLcode code = CURLE_FAILED_INIT;
  CURLMsg *message = NULL;
  int running, left;

  curl_multi_add_handle(multi, curl);
  while (!message && !curl_multi_perform(multi, &running)) {
    (void)curl_multi_poll(multi, NULL, 0, 100, NULL);
    message = curl_multi_info_read(multi, &left);
  }
  if (message)
    code = message->data.result;
  curl_multi_remove_handle(multi, curl);
  curl_multi_cleanup(multi);
  return code;
}

static void *transfer(void *key) {
  CURL *curl = handle_for(key, plan);
  int left = 5;

  if (is_upload) {
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_some);
    curl_easy_setopt(curl, CURLOPT_READDATA, &left);
  }
  (void)(is_multi ? perform_in_multi(curl) : curl_easy_perform(curl));
  curl_easy_cleanup(curl);
  return NULL;
}

/* Bytes of the stack that a thread used for it. */
static size_t depth_of(const char *key, const char *steps) {
  unsigned char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  pthread_attr_t attributes;
  pthread_t thread;
  size_t untouched = 0;

  plan = steps;
  memset(stack, PAINT, STACK);
  pthread_attr_init(&attributes);
  pthread_attr_setstack(&attributes, stack, STACK);
  if (!pthread_create(&thread, &attributes, transfer, (void *)(uintptr_t)key))
    pthread_join(thread, NULL);
  pthread_attr_destroy(&attributes);
  while (untouched < STACK && stack[untouched] == PAINT)
    untouched++;
  munmap(stack, STACK);
  return STACK - untouched;
}

static const struct {
  const char *key;
  const char *steps;
  bool is_upload, is_multi;
} sorts[] = {
    {"get", "200:size=20000:etag=a", false, false},
    {"chunked", "200:size=20000:chunked", false, false},
    {"retry", "503,rst,200:size=20000:chunked", false, false},
    {"resume",
     "200:size=99999:etag=a:ranges:rst@90000,"
     "200:size=99999:etag=a:ranges",
     false, false},
    {"put", "503,201", true, false},
    {"multi", "503,200:size=20000:chunked", false, true},
};

/* A first transfer looks up names, in libc's and the loader's functions. */
static void child(const char *name, FILE *out) {
  (void)name;
  plan = "200";
  (void)transfer((void *)(uintptr_t) "first");
  for (size_t i = 0; i < COUNT(sorts); i++) {
    char key[32];
    size_t depth;
    is_upload = sorts[i].is_upload;
    is_multi = sorts[i].is_multi;
    snprintf(key, sizeof key, "%s-w", sorts[i].key);
    (void)depth_of(key, sorts[i].steps);
    snprintf(key, sizeof key, "%s", sorts[i].key);
    depth = depth_of(key, sorts[i].steps);
    fprintf(out, "%zu\n", depth);
  }
}

static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms",
                                     "CURLRETRY_HOLD_BYTES=64K", NULL};

static void transfers_go_little_deeper(void **state) {
  char *with = run_child(CHILD_SHIMMED, "with", policy, NULL);
  char *without = run_child(CHILD_UNSHIMMED, "without", policy, NULL);
  char *at[2] = {with, without};

  (void)state;
  for (size_t i = 0; i < COUNT(sorts); i++) {
    long ours = strtol(at[0], &at[0], 10), bare = strtol(at[1], &at[1], 10);
    print_message("%s: %ld, without the shim %ld\n", sorts[i].key, ours, bare);
    assert_true(ours > 1000 && bare > 1000);
    if (patience() == 1) /* the sanitizers' frames are others */
      assert_true(ours - bare <= DEEPER);
  }
  free(with);
  free(without);
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(transfers_go_little_deeper),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const struct setup setup = {policy, tests, child};

  return setup_main(argc, argv, &setup);
}
