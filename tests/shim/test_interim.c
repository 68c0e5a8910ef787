/* test_interim.c - an upload that pauses until it sees an interim response
 * gets it, once, before or after the pause; what fails then is still
 * retried. */
#define _GNU_SOURCE
#include "setup.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BODY 10

/* --- a server ------------------------------------------------------------ */

struct server {
  int fd;
  int port;
  int status;   /* of the interim response */
  int delay_ms; /* before it */
  int failures; /* answered 503 */
  int requests;
  int bodies;
  pthread_t thread;
};

static bool read_headers(int fd) {
  char text[4096];
  size_t used = 0;

  while (used < sizeof text - 1 && read(fd, text + used, 1) == 1) {
    text[++used] = 0;
    if (used >= 4 && !strcmp(text + used - 4, "\r\n\r\n"))
      return true;
  }
  return false;
}

static void say(int fd, const char *text) {
  if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
    return;
}

static void serve(struct server *server, int fd) {
  char text[128], body[BODY];
  ssize_t length = 0, n;

  if (!read_headers(fd))
    return;
  server->requests++;
  usleep((useconds_t)server->delay_ms * 1000);
  snprintf(text, sizeof text, "HTTP/1.1 %d Interim\r\nX-Number: %d\r\n\r\n",
           server->status, server->requests);
  say(fd, text);
  while (length < BODY &&
         (n = read(fd, body + length, (size_t)(BODY - length))) > 0)
    length += n;
  server->bodies += length == BODY;
  say(fd,
      server->requests <= server->failures
          ? "HTTP/1.1 503 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
          : "HTTP/1.1 201 Made\r\nConnection: close\r\nContent-Length: "
            "0\r\n\r\n");
}

static void *run(void *data) {
  struct server *server = data;
  int fd;

  while ((fd = accept(server->fd, NULL, NULL)) >= 0) {
    serve(server, fd);
    shutdown(fd, SHUT_WR);
    while (read(fd, (char[64]){0}, 64) > 0)
      ;
    close(fd);
  }
  return NULL;
}

static void start(struct server *server) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t size = sizeof address;

  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(server->fd, (struct sockaddr *)&address, size), 0);
  assert_int_equal(listen(server->fd, 8), 0);
  getsockname(server->fd, (struct sockaddr *)&address, &size);
  server->port = ntohs(address.sin_port);
  assert_int_equal(pthread_create(&server->thread, NULL, run, server), 0);
}

static void stop(struct server *server) {
  shutdown(server->fd, SHUT_RDWR);
  pthread_join(server->thread, NULL);
  close(server->fd);
}

/* --- a program ----------------------------------------------------------- */

enum waking { IN_HEADER, IN_PROGRESS };

struct waiter {
  CURL *curl;
  enum waking waking;
  int status; /* waits for this */
  int seen;   /* how often it came */
  int finals;
  bool is_paused;
  size_t left;
};

static size_t give(char *buffer, size_t size, size_t count, void *data) {
  struct waiter *waiter = data;
  size_t length = waiter->left < size * count ? waiter->left : size * count;

  waiter->is_paused = !waiter->seen;
  if (waiter->is_paused)
    return CURL_READFUNC_PAUSE;
  memset(buffer, 'x', length);
  waiter->left -= length;
  return length;
}

static void wake(struct waiter *waiter) {
  if (!waiter->seen || !waiter->is_paused)
    return;
  waiter->is_paused = false;
  curl_easy_pause(waiter->curl, CURLPAUSE_CONT);
}

static size_t watch(char *bytes, size_t size, size_t count, void *data) {
  struct waiter *waiter = data;
  char line[32];
  int status = 0;

  snprintf(line, sizeof line, "%.*s", (int)(size * count), bytes);
  if (sscanf(line, "HTTP/1.1 %d", &status) == 1 && status >= 200)
    waiter->finals++;
  if (status && status == waiter->status)
    waiter->seen++;
  if (waiter->waking == IN_HEADER)
    wake(waiter);
  return size * count;
}

static int on_progress(void *data, curl_off_t a, curl_off_t b, curl_off_t c,
                       curl_off_t d) {
  struct waiter *waiter = data;

  (void)a, (void)b, (void)c, (void)d;
  if (waiter->waking == IN_PROGRESS)
    wake(waiter);
  return 0;
}

static CURLcode perform(struct waiter *waiter, const struct server *server,
                        const char *expect) {
  struct curl_slist *list = curl_slist_append(NULL, expect);
  CURLcode code;
  char url[64];

  waiter->left = BODY;
  waiter->status = server->status;
  snprintf(url, sizeof url, "http://127.0.0.1:%d/", server->port);
  waiter->curl = curl_easy_init();
  curl_easy_setopt(waiter->curl, CURLOPT_URL, url);
  curl_easy_setopt(waiter->curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(waiter->curl, CURLOPT_INFILESIZE, (long)BODY);
  curl_easy_setopt(waiter->curl, CURLOPT_READFUNCTION, give);
  curl_easy_setopt(waiter->curl, CURLOPT_READDATA, waiter);
  curl_easy_setopt(waiter->curl, CURLOPT_HEADERFUNCTION, watch);
  curl_easy_setopt(waiter->curl, CURLOPT_HEADERDATA, waiter);
  curl_easy_setopt(waiter->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(waiter->curl, CURLOPT_XFERINFODATA, waiter);
  curl_easy_setopt(waiter->curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(waiter->curl, CURLOPT_HTTPHEADER, list);
  curl_easy_setopt(waiter->curl, CURLOPT_WRITEFUNCTION, take_all);
  curl_easy_setopt(waiter->curl, CURLOPT_TIMEOUT, 60L);
  code = curl_easy_perform(waiter->curl);
  curl_easy_cleanup(waiter->curl);
  curl_slist_free_all(list);
  return code;
}

/* --- the tests ----------------------------------------------------------- */

static void check(int status, int delay_ms, const char *expect) {
  for (int failures = 0; failures < 3; failures += 2)
    for (int waking = IN_HEADER; waking <= IN_PROGRESS; waking++) {
      struct server server = {
          .status = status, .delay_ms = delay_ms, .failures = failures};
      struct waiter waiter = {.waking = (enum waking)waking};
      CURLcode code;
      start(&server);
      code = perform(&waiter, &server, expect);
      stop(&server);
      if (code || waiter.seen != 1 || waiter.finals != 1 ||
          server.requests != failures + 1 || server.bodies != failures + 1)
        fail_msg("%d, %d failures, waking %d: code %d, seen %d, %d finals, "
                 "%d requests, %d bodies",
                 status, failures, waking, (int)code, waiter.seen,
                 waiter.finals, server.requests, server.bodies);
    }
}

static const int statuses[] = {100, 102, 103, 104};

static void interim_after_the_pause_is_seen_once(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(statuses); i++)
    check(statuses[i], 100, "Expect:");
}

/* libcurl asks for the body when it has come. */
static void interim_before_the_pause_is_seen_once(void **state) {
  (void)state;
  check(100, 0, "Expect: 100-continue");
}

/* --- and an answer that is handed over after its transfer ---------------- */

static size_t note_status(char *bytes, size_t size, size_t count, void *data) {
  char *text = data;

  if (!strncmp(bytes, "HTTP/1.1 ", 9))
    strncat(text, bytes + 9, 4);
  return size * count;
}

struct uploader {
  CURL *curl;
  char seen[200];
  bool has_paused;
  bool has_ended;
};

static size_t pause_upload_once(char *bytes, size_t size, size_t count,
                                void *data) {
  struct uploader *uploader = data;

  (void)size, (void)count;
  if (!uploader->has_paused) {
    uploader->has_paused = true;
    return CURL_READFUNC_PAUSE;
  }
  if (uploader->has_ended)
    return 0;
  uploader->has_ended = true;
  *bytes = 'x';
  return 1;
}

static int upload_goes_on(void *data, curl_off_t a, curl_off_t b, curl_off_t c,
                          curl_off_t d) {
  struct uploader *uploader = data;

  (void)a, (void)b, (void)c, (void)d;
  if (uploader->has_paused)
    curl_easy_pause(uploader->curl, CURLPAUSE_CONT);
  return 0;
}

static void interim_is_seen_once_however_the_answer_is_framed(void **state) {
  static const char *const plans[] = {"503,200:chunked", "503,200:eof",
                                      "503,502,200:chunked", "503,200",
                                      "503,404:chunked"};

  (void)state;
  for (size_t i = 0; i < COUNT(plans); i++) {
    struct curl_slist *headers =
        curl_slist_append(NULL, "Expect: 100-continue");
    struct uploader uploader = {.has_paused = false};
    char key[16];
    snprintf(key, sizeof key, "interim%zu", i);
    uploader.curl = handle_for(key, plans[i]);
    curl_easy_setopt(uploader.curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(uploader.curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(uploader.curl, CURLOPT_INFILESIZE, 1L);
    curl_easy_setopt(uploader.curl, CURLOPT_READFUNCTION, pause_upload_once);
    curl_easy_setopt(uploader.curl, CURLOPT_READDATA, &uploader);
    curl_easy_setopt(uploader.curl, CURLOPT_HEADERFUNCTION, note_status);
    curl_easy_setopt(uploader.curl, CURLOPT_HEADERDATA, uploader.seen);
    curl_easy_setopt(uploader.curl, CURLOPT_XFERINFOFUNCTION, upload_goes_on);
    curl_easy_setopt(uploader.curl, CURLOPT_XFERINFODATA, &uploader);
    curl_easy_setopt(uploader.curl, CURLOPT_NOPROGRESS, 0L);
    assert_int_equal(curl_easy_perform(uploader.curl), CURLE_OK);
    if (strcmp(uploader.seen, i < 4 ? "100 200 " : "100 404 ") != 0)
      fail_msg("%s: '%s'", plans[i], uploader.seen);
    curl_easy_cleanup(uploader.curl);
    curl_slist_free_all(headers);
  }
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(interim_after_the_pause_is_seen_once),
      cmocka_unit_test(interim_before_the_pause_is_seen_once),
      cmocka_unit_test(interim_is_seen_once_however_the_answer_is_framed),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms",
                                       "CURLRETRY_BUDGET=off", NULL};
  static const struct setup setup = {policy, tests, NULL};

  return setup_main(argc, argv, &setup);
}
