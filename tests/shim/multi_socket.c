/* The loops on epoll, with curl_multi_socket_action() and _socket_all(). */
#define _GNU_SOURCE
#include "multi_socket.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

struct epoll {
  int file;
  long long due; /* of the timer; -1: none */
};

void (*loop_hook)(bool is_timer);

void socket_listen(struct drive *drive, curl_socket_callback on_socket,
                   curl_multi_timer_callback on_timer) {
  curl_multi_setopt(drive->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(drive->multi, CURLMOPT_SOCKETDATA, drive);
  curl_multi_setopt(drive->multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(drive->multi, CURLMOPT_TIMERDATA, drive);
}

void socket_act(struct drive *drive, curl_socket_t socket, int events) {
  int running = -1;
  CURLMcode code =
      curl_multi_socket_action(drive->multi, socket, events, &running);

  drive->running = running;
  drive_turn(drive, code);
}

/* What libcurl assigned to the socket tells a new one from a known one. */
static int on_socket(CURL *curl, curl_socket_t socket, int what, void *data,
                     void *assigned) {
  struct drive *drive = data;
  struct epoll *own = drive->own;
  struct epoll_event event = {.data.fd = socket};

  (void)curl;
  if (loop_hook)
    loop_hook(false);
  if (what & CURL_POLL_IN)
    event.events |= EPOLLIN;
  if (what & CURL_POLL_OUT)
    event.events |= EPOLLOUT;
  if (what == CURL_POLL_REMOVE) {
    if (!assigned)
      drive_complain(drive, "a socket removed that was never there");
    epoll_ctl(own->file, EPOLL_CTL_DEL, socket, NULL);
    curl_multi_assign(drive->multi, socket, NULL);
    return 0;
  }
  if (epoll_ctl(own->file, assigned ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket,
                &event))
    drive_complain(drive, "epoll_ctl() fails");
  if (!assigned && curl_multi_assign(drive->multi, socket, own) != CURLM_OK)
    drive_complain(drive, "curl_multi_assign() fails in the callback");
  return 0;
}

static int on_timer(CURLM *multi, long ms, void *data) {
  struct drive *drive = data;
  struct epoll *own = drive->own;

  if (loop_hook)
    loop_hook(true);
  if (multi != drive->multi)
    drive_complain(drive, "the timer of another multi");
  drive->timer_calls++;
  own->due = ms < 0 ? -1 : now_ms() + ms;
  return 0;
}

void epoll_open(struct drive *drive) {
  struct epoll *own = calloc(1, sizeof *own);

  own->file = epoll_create1(EPOLL_CLOEXEC);
  own->due = -1;
  drive->own = own;
  socket_listen(drive, on_socket, on_timer);
}

void epoll_close(struct drive *drive) {
  struct epoll *own = drive->own;

  close(own->file);
  free(own);
}

/* Waits for `events`, at most so many; returns how many came. */
static int wait_events(struct drive *drive, struct epoll_event *events,
                       int most) {
  struct epoll *own = drive->own;
  long long wait = drive_left(drive), due = own->due - now_ms();
  int count;

  if (own->due >= 0 && due < wait)
    wait = due < 0 ? 0 : due;
  count = epoll_wait(own->file, events, most, (int)wait);
  drive->wakeups++;
  return count;
}

static bool is_due(struct drive *drive) {
  struct epoll *own = drive->own;

  if (own->due < 0 || now_ms() < own->due)
    return false;
  own->due = -1;
  return true;
}

void epoll_run(struct drive *drive) {
  struct epoll_event events[16];

  while (drive_left(drive)) {
    int count = wait_events(drive, events, COUNT(events));
    for (int i = 0; i < count; i++) {
      unsigned what = events[i].events;
      socket_act(drive, events[i].data.fd,
                 (what & EPOLLIN ? CURL_CSELECT_IN : 0) |
                     (what & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                     (what & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0));
    }
    if (is_due(drive))
      socket_act(drive, CURL_SOCKET_TIMEOUT, 0);
  }
}

/* libcurl tells the time again only where it is told that it has come; so the
 * timer must not be early. */
void epoll_run_all(struct drive *drive) {
  struct epoll *own = drive->own;
  struct epoll_event events[16];

  while (drive_left(drive)) {
    int count = wait_events(drive, events, COUNT(events));
    if (count > 0 || (own->due >= 0 && now_ms() > own->due)) {
      CURLMcode code;
      if (own->due >= 0 && now_ms() > own->due)
        own->due = -1;
      code = curl_multi_socket_all(drive->multi, &drive->running);
      drive_turn(drive, code);
    }
  }
}
