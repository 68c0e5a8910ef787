/* storm MODE SECONDS ROUNDS URL: the same round again and again, each in a
 * child of its own that alarm() ends if it hangs; stops after ROUNDS, or when
 * SECONDS have passed and there were 50. Says how many rounds there were and
 * what the first bad one ended with. A perform is of
 * URL-WHO-NUMBER/503,200:body=ok; number 0 stays a 503.
 *
 *   fork    a thread performs, retrying, while main forks; the child
 *           performs, on a handle of its own or on one made before
 *   leave   main returns while threads are in perform
 *   atexit  an atexit() handler performs
 */
#include <curl/curl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HANG_SECONDS 20
#define THREADS 3
#define FEWEST 50

struct body {
  char text[8];
  size_t size;
};

static const char *base;
static atomic_bool is_over;
static atomic_int started;
static unsigned round_number;
static CURL *inherited;

static size_t keep(char *data, size_t size, size_t count, void *user) {
  struct body *body = user;

  if (size * count > sizeof(body->text) - body->size)
    return 0;
  memcpy(body->text + body->size, data, size * count);
  body->size += size * count;
  return size * count;
}

/* 0: retried, and the whole body came. */
static int perform(CURL *curl, const char *who, unsigned number) {
  struct body body = {{0}, 0};
  char url[256];
  CURLcode code;

  (void)snprintf(url, sizeof(url), "%s-%s-%u/503:wait=2%s", base, who, number,
                 number ? ",200:body=ok" : "");
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
  code = curl_easy_perform(curl);
  if (code)
    return 40 + (int)code;
  return body.size == 2 && !memcmp(body.text, "ok", 2) ? 0 : 9;
}

static int perform_once(const char *who, unsigned number) {
  CURL *curl = curl_easy_init();
  int result = curl ? perform(curl, who, number) : 8;

  curl_easy_cleanup(curl);
  return result;
}

/* --- the rounds' children --------------------------------------------------
 */

static int child_of_fork(void) {
  if (round_number % 2)
    return perform_once("child", round_number);
  return perform(inherited, "child", round_number);
}

static void *keep_performing(void *user) {
  CURL *curl = curl_easy_init();
  unsigned number = 1;
  int *result = user;

  atomic_fetch_add(&started, 1);
  while (!atomic_load(&is_over) && !*result)
    *result = perform(curl, "thread", number++);
  curl_easy_cleanup(curl);
  return NULL;
}

static void *perform_until_the_end(void *unused) {
  (void)unused;
  atomic_fetch_add(&started, 1);
  for (;;)
    (void)perform_once("leaving", 0);
  return NULL;
}

/* The more rounds, the more places in perform at which exit() begins. */
static int child_of_leave(void) {
  struct timespec pause = {0, (long)(round_number % 97) * 100000};

  for (int i = 0; i < THREADS; i++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, perform_until_the_end, NULL))
      return 7;
  }
  while (atomic_load(&started) < THREADS)
    (void)sched_yield();
  (void)nanosleep(&pause, NULL);
  return 0;
}

static void perform_at_exit(void) {
  int result = perform_once("atexit", round_number);

  if (result)
    _exit(result);
}

static int child_of_atexit(void) {
  (void)atexit(perform_at_exit);
  return perform_once("before", round_number);
}

/* --- the driver ------------------------------------------------------------
 */

static int run_round(int (*child)(void)) {
  int status = 0;
  pid_t pid = fork();

  if (pid == 0) {
    alarm(HANG_SECONDS);
    exit(child());
  }
  if (pid < 0 || waitpid(pid, &status, 0) != pid)
    return -1;
  return status;
}

static int run_rounds(unsigned rounds, int seconds, int (*child)(void)) {
  time_t end = time(NULL) + seconds;
  int status = 0;

  while (round_number < rounds &&
         (round_number < FEWEST || time(NULL) < end) && !status) {
    round_number++;
    status = run_round(child);
  }
  if (WIFSIGNALED(status))
    printf("round %u: signal %d\n", round_number, WTERMSIG(status));
  else if (status)
    printf("round %u: exit status %d\n", round_number, WEXITSTATUS(status));
  return status;
}

static int fork_storm(unsigned rounds, int seconds) {
  pthread_t thread;
  int result = 0, status;

  inherited = curl_easy_init();
  if (pthread_create(&thread, NULL, keep_performing, &result))
    return 7;
  while (!atomic_load(&started))
    (void)sched_yield();
  status = run_rounds(rounds, seconds, child_of_fork);
  atomic_store(&is_over, true);
  (void)pthread_join(thread, NULL);
  if (result)
    printf("the thread: %d\n", result);
  return status || result;
}

int main(int argc, char **argv) {
  unsigned rounds;
  int seconds, status = 2;

  if (argc != 5 || curl_global_init(CURL_GLOBAL_DEFAULT))
    return 2;
  (void)setvbuf(stdout, NULL, _IONBF, 0);
  seconds = atoi(argv[2]);
  rounds = (unsigned)atoi(argv[3]);
  base = argv[4];
  if (!strcmp(argv[1], "fork"))
    status = fork_storm(rounds, seconds);
  else if (!strcmp(argv[1], "leave"))
    status = run_rounds(rounds, seconds, child_of_leave);
  else if (!strcmp(argv[1], "atexit"))
    status = run_rounds(rounds, seconds, child_of_atexit);
  printf("%u rounds\n", round_number);
  return status != 0;
}
