/* test_stack.c - threads have small stacks (16 KiB and less in musl's old
 * days): how much deeper a transfer goes with the shim than without it, in a
 * thread whose stack is painted before. */
#define _GNU_SOURCE
#include "setup.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK (512u << 10)
#define PAINT 0xa5
#define DEEPER 4096 /* bytes, at most */
#define PAGE 4096

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

static void take(size_t sort) {
  plan = sorts[sort].steps;
  is_upload = sorts[sort].is_upload;
  is_multi = sorts[sort].is_multi;
}

/* A first transfer looks up names, in libc's and the loader's functions. */
static void warm_up(void) {
  plan = "200";
  is_upload = is_multi = false;
  (void)transfer((void *)(uintptr_t) "first");
}

static void print_depths(FILE *out) {
  warm_up();
  for (size_t i = 0; i < COUNT(sorts); i++) {
    char key[32];
    take(i);
    snprintf(key, sizeof key, "%s-w", sorts[i].key);
    (void)depth_of(key, plan);
    fprintf(out, "%zu\n", depth_of(sorts[i].key, plan));
  }
}

/* Whether a thread with such a stack does it; its end is a guard page. */
static bool fits(size_t sort, const char *key, size_t size) {
  pid_t pid = fork();
  pthread_attr_t attributes;
  pthread_t thread;
  int status = 1;

  if (!pid) {
    curl_global_init(CURL_GLOBAL_ALL);
    take(sort);
    pthread_attr_init(&attributes);
    if (!pthread_attr_setstacksize(&attributes, size) &&
        !pthread_create(&thread, &attributes, transfer,
                        (void *)(uintptr_t)key))
      status = pthread_join(thread, NULL);
    _exit(status);
  }
  waitpid(pid, &status, 0);
  return status == 0;
}

/* With the shim there are as many requests as the plan has steps. */
static bool is_retried(size_t sort, const char *key) {
  size_t steps = 1;

  for (const char *at = sorts[sort].steps; *at; at++)
    steps += *at == ',';
  return !dlsym(RTLD_DEFAULT, "curlretry_active") ||
         server_count(key) == steps;
}

static void print_least(FILE *out) {
  for (size_t i = 0; i < COUNT(sorts); i++) {
    size_t size = (size_t)sysconf(_SC_THREAD_STACK_MIN);
    char key[64];
    for (; size < STACK; size += PAGE) {
      snprintf(key, sizeof key, "%s-%zu", sorts[i].key, size);
      if (fits(i, key, size))
        break;
    }
    fprintf(out, "%zu\n", is_retried(i, key) ? size : 0);
  }
}

static void child(const char *name, FILE *out) {
  if (strstr(name, "least"))
    print_least(out);
  else
    print_depths(out);
}

static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms",
                                     "CURLRETRY_HOLD_BYTES=64K", NULL};

static const char *const talking[] = {
    "CURLRETRY_BASE_DELAY=5ms",      "CURLRETRY_HOLD_BYTES=64K",
    "CURLRETRY_LOG_LEVEL=debug",     "CURLRETRY_TRACE=./trace",
    "CURLRETRY_SNAPSHOT_MEMORY=off", NULL};

/* What the children print for each sort. */
static void compare(const char *ours, const char *theirs,
                    const char *const *variables, const char *what) {
  char *with = run_child(CHILD_SHIMMED, ours, variables, NULL);
  char *without = run_child(CHILD_UNSHIMMED, theirs, variables, NULL);
  char *at[2] = {with, without};

  for (size_t i = 0; i < COUNT(sorts); i++) {
    long mine = strtol(at[0], &at[0], 10), bare = strtol(at[1], &at[1], 10);
    print_message("%s, %s: %ld, without the shim %ld\n", sorts[i].key, what,
                  mine, bare);
    assert_true(mine > 1000 && bare > 1000 && bare < (long)STACK);
    if (patience() == 1) /* the sanitizers' frames are others */
      assert_true(mine - bare <= DEEPER);
  }
  free(with);
  free(without);
}

static void transfers_go_little_deeper(void **state) {
  (void)state;
  compare("with", "without", policy, "depth");
}

static void transfers_with_logs_go_little_deeper(void **state) {
  (void)state;
  compare("talking", "silent", talking, "depth with logs");
}

/* Really run in the smallest stack that libcurl itself can do with, or in one
 * page more. */
static void smallest_stacks_are_enough(void **state) {
  (void)state;
  if (patience() > 1)
    skip();
  compare("least-with", "least-without", policy, "least stack");
  compare("least-talking", "least-silent", talking, "least stack with logs");
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(transfers_go_little_deeper),
      cmocka_unit_test(transfers_with_logs_go_little_deeper),
      cmocka_unit_test(smallest_stacks_are_enough),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const struct setup setup = {policy, tests, child};

  /* a stack below the pointer is no memory to it */
  if (is_under_valgrind()) {
    printf("1..0 # SKIP not under valgrind\n");
    return 0;
  }
  return setup_main(argc, argv, &setup);
}
