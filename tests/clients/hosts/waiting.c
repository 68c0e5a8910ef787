/* What may happen while the shim waits between two attempts.
 *
 *   waiting itimer URL         SIGALRM every millisecond
 *   waiting restart URL        the same, with SA_RESTART
 *   waiting cancel LOG URL URL the performing thread is cancelled when the
 *                              shim's log has a line; then the second URL
 *   waiting closed URL         descriptors 0 to 2 were closed, and 2 is a
 *                              socket: its peer must get nothing
 *
 * The exit status is the CURLcode; 100 and more: a failed expectation.
 */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t signals;

static void count(int number) {
  (void)number;
  signals++;
}

static size_t swallow(char *data, size_t size, size_t number, void *user) {
  (void)data;
  (void)user;
  return size * number;
}

static int perform(CURL *curl, const char *url) {
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, swallow);
  return (int)curl_easy_perform(curl);
}

static int perform_once(const char *url) {
  CURL *curl = curl_easy_init();
  int code = perform(curl, url);

  curl_easy_cleanup(curl);
  return code;
}

static int under_timer(int flags, const char *url) {
  struct itimerval timer = {{0, 1000}, {0, 1000}};
  struct sigaction action;
  int code;

  memset(&action, 0, sizeof(action));
  action.sa_handler = count;
  action.sa_flags = flags;
  if (sigaction(SIGALRM, &action, NULL) || setitimer(0, &timer, NULL))
    return 100;
  code = perform_once(url);
  if (!code && signals < 50)
    return 101;
  return code;
}

static CURL *shared;

static void *perform_shared(void *url) {
  (void)perform(shared, url);
  return NULL;
}

/* Cancelled while it waits, so at most 10 s after the log's first line. */
static int cancelled(const char *log, char *first, const char *second) {
  const struct timespec pause = {0, 1000000};
  struct timespec end;
  struct stat status;
  pthread_t thread;
  void *result = NULL;

  shared = curl_easy_init();
  if (pthread_create(&thread, NULL, perform_shared, first))
    return 100;
  for (int i = 0; i < 10000 && (stat(log, &status) || !status.st_size); i++)
    (void)nanosleep(&pause, NULL);
  if (pthread_cancel(thread))
    return 101;
  (void)clock_gettime(CLOCK_REALTIME, &end);
  end.tv_sec += 10;
  if (pthread_timedjoin_np(thread, &result, &end))
    return 102;
  if (result != PTHREAD_CANCELED)
    return 103;
  curl_easy_cleanup(shared);
  return perform_once(second);
}

static int with_closed_descriptors(const char *url) {
  char bytes[64];
  int pair[2];
  int code;

  for (int i = 0; i < 3; i++)
    (void)close(i);
  if (open("/dev/null", O_RDWR) != 0 || open("/dev/null", O_RDWR) != 1 ||
      socketpair(AF_UNIX, SOCK_STREAM, 0, pair) || pair[0] != 2)
    return 100;
  code = perform_once(url);
  if (recv(pair[1], bytes, sizeof(bytes), MSG_DONTWAIT) != -1 ||
      (errno != EAGAIN && errno != EWOULDBLOCK))
    return 101;
  return code;
}

int main(int argc, char **argv) {
  const char *mode = argc > 2 ? argv[1] : "";

  if (!strcmp(mode, "itimer"))
    return under_timer(0, argv[2]);
  if (!strcmp(mode, "restart"))
    return under_timer(SA_RESTART, argv[2]);
  if (!strcmp(mode, "cancel") && argc == 5)
    return cancelled(argv[2], argv[3], argv[4]);
  if (!strcmp(mode, "closed"))
    return with_closed_descriptors(argv[2]);
  return 120;
}
