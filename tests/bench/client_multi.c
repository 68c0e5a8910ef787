/* The client's runs through the multi interface, in the two loops there are:
 * curl_multi_perform() and curl_multi_poll(), and curl_multi_socket_action()
 * with epoll. */
#define _GNU_SOURCE
#include "client.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#define EVENTS 64
#define PATIENCE_MS 10000

struct loop {
  CURLM *multi;
  struct result *result;
  int64_t due; /* epoll: when libcurl wants to be called; -1: never */
  int epoll;   /* -1: curl_multi_poll() */
  int running;
};

static int64_t now_ms(void) {
  struct timespec now;

  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void require(bool is_well) {
  if (!is_well)
    exit(3);
}

/* --- curl_multi_poll -------------------------------------------------------
 */

static void drive_poll(struct loop *loop) {
  require(!curl_multi_perform(loop->multi, &loop->running));
  loop->result->drives++;
}

static void wait_poll(struct loop *loop) {
  require(!curl_multi_poll(loop->multi, NULL, 0, PATIENCE_MS, NULL));
}

/* --- epoll -----------------------------------------------------------------
 */

/* A socket that epoll already has is one that libcurl was given data for. */
static int on_watch(CURL *curl, curl_socket_t socket, int what, void *data,
                    void *socket_data) {
  struct loop *loop = data;
  struct epoll_event event = {0, {.fd = socket}};

  (void)curl;
  if (what == CURL_POLL_REMOVE)
    return epoll_ctl(loop->epoll, EPOLL_CTL_DEL, socket, NULL);
  if (what & CURL_POLL_IN)
    event.events |= EPOLLIN;
  if (what & CURL_POLL_OUT)
    event.events |= EPOLLOUT;
  if (socket_data)
    return epoll_ctl(loop->epoll, EPOLL_CTL_MOD, socket, &event);
  (void)curl_multi_assign(loop->multi, socket, loop);
  return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, socket, &event);
}

static int on_timer(CURLM *multi, long timeout, void *data) {
  struct loop *loop = data;

  (void)multi;
  loop->due = timeout < 0 ? -1 : now_ms() + timeout;
  return 0;
}

static void act(struct loop *loop, curl_socket_t socket, int events) {
  require(
      !curl_multi_socket_action(loop->multi, socket, events, &loop->running));
  loop->result->drives++;
}

static void drive_due(struct loop *loop) {
  while (loop->due >= 0 && loop->due <= now_ms()) {
    loop->due = -1;
    act(loop, CURL_SOCKET_TIMEOUT, 0);
  }
}

static void wait_epoll(struct loop *loop) {
  struct epoll_event events[EVENTS];
  int64_t left = loop->due < 0 ? PATIENCE_MS : loop->due - now_ms();
  int count =
      epoll_wait(loop->epoll, events, EVENTS, left < 0 ? 0 : (int)left);

  for (int i = 0; i < count; i++) {
    const uint32_t seen = events[i].events;

    act(loop, events[i].data.fd,
        (seen & EPOLLIN ? CURL_CSELECT_IN : 0) |
            (seen & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
            (seen & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0));
  }
}

/* --- either ----------------------------------------------------------------
 */

static void open_loop(struct loop *loop) {
  loop->multi = curl_multi_init();
  require(loop->multi);
  if (loop->epoll < 0)
    return;
  loop->epoll = epoll_create1(EPOLL_CLOEXEC);
  require(loop->epoll >= 0);
  (void)curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, on_watch);
  (void)curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
  (void)curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, on_timer);
  (void)curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
}

/* Takes those out that have ended; how many. */
static int take_ended(struct loop *loop) {
  CURLMsg *message;
  int left, ended = 0;

  while ((message = curl_multi_info_read(loop->multi, &left))) {
    CURL *curl = message->easy_handle;

    check(curl, message->data.result);
    require(!curl_multi_remove_handle(loop->multi, curl));
    ended++;
  }
  return ended;
}

/* Until so many have ended. */
static void drive(struct loop *loop, int transfers) {
  void (*turn)(struct loop *) = loop->epoll < 0 ? drive_poll : drive_due;
  void (*rest)(struct loop *) = loop->epoll < 0 ? wait_poll : wait_epoll;

  turn(loop);
  while ((transfers -= take_ended(loop)) > 0) {
    rest(loop);
    turn(loop);
  }
}

/* One after the other on one connection. */
static void run_row(struct loop *loop, const char *url, int count) {
  CURL *curl = new_handle(url, loop->result);
  struct clock start = clock_now();

  for (int i = -1; i < count; i++) { /* the first connects */
    if (i == 0)
      start = clock_now();
    set_anew(curl, url, loop->result);
    require(!curl_multi_add_handle(loop->multi, curl));
    drive(loop, 1);
  }
  clock_since(start, loop->result);
  curl_easy_cleanup(curl);
}

/* All at once, each on a connection of its own: with fewer, libcurl 7.88 loses
 * a waiting transfer now and then until curl_multi_poll()'s time is over. The
 * handles are there before, and also those that do nothing, so that a run of
 * few and one of many differ by the transfers alone. */
static void run_crowd(struct loop *loop, const char *url, int count,
                      int handles) {
  CURL **all = calloc((size_t)handles, sizeof(CURL *));
  struct clock start;

  require(all && count <= handles);
  for (int i = 0; i < handles; i++) {
    all[i] = new_handle(url, loop->result);
    set_anew(all[i], url, loop->result);
  }
  start = clock_now();
  for (int i = 0; i < count; i++)
    require(!curl_multi_add_handle(loop->multi, all[i]));
  drive(loop, count);
  clock_since(start, loop->result);
  for (int i = 0; i < handles; i++)
    curl_easy_cleanup(all[i]);
  free(all);
}

bool run_multi(const char *name, const char *url, int count, int handles,
               struct result *result) {
  struct loop loop = {NULL, result, -1, strcmp(name, "epoll") ? -1 : 0, 0};

  if (loop.epoll < 0 && strcmp(name, "poll") != 0)
    return false;
  open_loop(&loop);
  if (handles)
    run_crowd(&loop, url, count, handles);
  else
    run_row(&loop, url, count);
  (void)curl_multi_cleanup(loop.multi);
  return true;
}
