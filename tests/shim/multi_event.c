/* The loop of libevent. */
#define _GNU_SOURCE
#include "multi_socket.h"

#include <event2/event.h>
#include <stdlib.h>

struct base {
  struct event_base *base;
  struct event *timer;
  struct event *limit; /* the loop's own end */
};

static struct timeval time_of(long ms) {
  return (struct timeval){ms / 1000, ms % 1000 * 1000};
}

static void on_ready(evutil_socket_t socket, short what, void *data) {
  socket_act(data, socket,
             (what & EV_READ ? CURL_CSELECT_IN : 0) |
                 (what & EV_WRITE ? CURL_CSELECT_OUT : 0));
}

static void on_time(evutil_socket_t socket, short what, void *data) {
  (void)socket;
  (void)what;
  socket_act(data, CURL_SOCKET_TIMEOUT, 0);
}

static void on_limit(evutil_socket_t socket, short what, void *data) {
  (void)socket;
  (void)what;
  (void)data;
}

static int on_socket(CURL *curl, curl_socket_t socket, int what, void *data,
                     void *assigned) {
  struct drive *drive = data;
  struct base *own = drive->own;
  struct event *event = assigned;
  short events = EV_PERSIST;

  (void)curl;
  if (event)
    event_free(event);
  event = NULL;
  if (what & CURL_POLL_IN)
    events |= EV_READ;
  if (what & CURL_POLL_OUT)
    events |= EV_WRITE;
  if (what != CURL_POLL_REMOVE) {
    event = event_new(own->base, socket, events, on_ready, drive);
    event_add(event, NULL);
  }
  curl_multi_assign(drive->multi, socket, event);
  return 0;
}

static int on_timer(CURLM *multi, long ms, void *data) {
  struct drive *drive = data;
  struct base *own = drive->own;
  struct timeval time = time_of(ms);

  (void)multi;
  drive->timer_calls++;
  if (ms < 0)
    evtimer_del(own->timer);
  else
    evtimer_add(own->timer, &time);
  return 0;
}

void event_open(struct drive *drive) {
  struct base *own = calloc(1, sizeof *own);

  drive->own = own;
  own->base = event_base_new();
  own->timer = evtimer_new(own->base, on_time, drive);
  own->limit = evtimer_new(own->base, on_limit, NULL);
  socket_listen(drive, on_socket, on_timer);
}

void event_close(struct drive *drive) {
  struct base *own = drive->own;

  event_free(own->timer);
  event_free(own->limit);
  event_base_free(own->base);
  free(own);
}

void event_run(struct drive *drive) {
  struct base *own = drive->own;
  int left;

  while ((left = drive_left(drive)) > 0) {
    struct timeval time = time_of(left);
    evtimer_add(own->limit, &time);
    if (event_base_loop(own->base, EVLOOP_ONCE) < 0)
      drive_complain(drive, "event_base_loop() fails");
    drive->wakeups++;
  }
  evtimer_del(own->limit);
}
