/* Many at once, in loops around curl_multi_poll() and epoll. */
#define _GNU_SOURCE
#include "soak.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define TICK_MS 20

struct crowd {
  CURLM *multi;
  struct job *jobs;
  unsigned width;
  unsigned next, end; /* numbers */
  unsigned open;      /* jobs that run */
  int epoll;
  long long due; /* when libcurl's timer fires; -1: never */
};

static void begin_next(struct crowd *crowd, struct job *job) {
  if (crowd->next == crowd->end)
    return;
  if (job->curl && draw_below(job, 20) == 0) {
    curl_easy_cleanup(job->curl);
    job->curl = NULL;
  }
  if (!job->curl)
    job->curl = curl_easy_init();
  job_begin(job, crowd->next++);
  if (curl_multi_add_handle(crowd->multi, job->curl))
    job_complain(job, "not-added");
  crowd->open++;
}

static void end(struct crowd *crowd, struct job *job, int code) {
  if (curl_multi_remove_handle(crowd->multi, job->curl))
    job_complain(job, "not-removed");
  job_end(job, code);
  crowd->open--;
  begin_next(crowd, job);
}

/* Messages, and what the program does by itself. */
static void turn(struct crowd *crowd) {
  CURLMsg *message;
  int left;

  while ((message = curl_multi_info_read(crowd->multi, &left))) {
    struct job *job = NULL;
    int code = (int)message->data.result;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&job);
    end(crowd, job, code);
  }
  for (unsigned i = 0; i < crowd->width; i++)
    if (crowd->jobs[i].is_running && job_tick(&crowd->jobs[i]))
      end(crowd, &crowd->jobs[i], -1);
}

/* Numbers are many enough for all. */
static void open_crowd(struct crowd *crowd, unsigned first, unsigned count,
                       unsigned width) {
  *crowd = (struct crowd){.multi = curl_multi_init(),
                          .jobs = calloc(width, sizeof *crowd->jobs),
                          .width = width,
                          .next = first,
                          .end = first + count,
                          .epoll = -1,
                          .due = -1};
  if (!crowd->multi || !crowd->jobs)
    abort();
}

static void begin_all(struct crowd *crowd) {
  for (unsigned i = 0; i < crowd->width; i++)
    begin_next(crowd, &crowd->jobs[i]);
}

static void close_crowd(struct crowd *crowd) {
  for (unsigned i = 0; i < crowd->width; i++)
    curl_easy_cleanup(crowd->jobs[i].curl);
  curl_multi_cleanup(crowd->multi);
  free(crowd->jobs);
}

void poll_run(unsigned first, unsigned count, unsigned width) {
  struct crowd crowd;
  int running;

  open_crowd(&crowd, first, count, width);
  begin_all(&crowd);
  while (crowd.open) {
    if (curl_multi_perform(crowd.multi, &running) ||
        curl_multi_poll(crowd.multi, NULL, 0, TICK_MS, NULL))
      abort();
    turn(&crowd);
  }
  close_crowd(&crowd);
}

/* --- epoll -----------------------------------------------------------------
 */

static int on_socket(CURL *curl, curl_socket_t socket, int what, void *data,
                     void *seen) {
  struct crowd *crowd = data;
  struct epoll_event event = {.data = {.fd = socket}};

  (void)curl;
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(crowd->epoll, EPOLL_CTL_DEL, socket, NULL);
    return 0;
  }
  event.events = (what & CURL_POLL_IN ? EPOLLIN : 0U) |
                 (what & CURL_POLL_OUT ? EPOLLOUT : 0U);
  if (epoll_ctl(crowd->epoll, seen ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket,
                &event))
    epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, socket, &event);
  curl_multi_assign(crowd->multi, socket, crowd);
  return 0;
}

static int on_timer(CURLM *multi, long ms, void *data) {
  struct crowd *crowd = data;

  (void)multi;
  crowd->due = ms < 0 ? -1 : now_ms() + ms;
  return 0;
}

static void act(struct crowd *crowd, curl_socket_t socket, int events) {
  int running;

  if (curl_multi_socket_action(crowd->multi, socket, events, &running))
    abort();
}

static void wait_for_events(struct crowd *crowd) {
  struct epoll_event events[64];
  long long left = crowd->due < 0 ? TICK_MS : crowd->due - now_ms();
  int count;

  if (left > TICK_MS)
    left = TICK_MS;
  count = epoll_wait(crowd->epoll, events, COUNT(events),
                     left < 0 ? 0 : (int)left);
  for (int i = 0; i < count; i++) {
    int bits =
        (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
        (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
        (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
    act(crowd, events[i].data.fd, bits);
  }
  if (crowd->due >= 0 && now_ms() >= crowd->due) {
    crowd->due = -1;
    act(crowd, CURL_SOCKET_TIMEOUT, 0);
  }
}

void epoll_run(unsigned first, unsigned count, unsigned width) {
  struct crowd crowd;

  open_crowd(&crowd, first, count, width);
  crowd.epoll = epoll_create1(EPOLL_CLOEXEC);
  curl_multi_setopt(crowd.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(crowd.multi, CURLMOPT_SOCKETDATA, &crowd);
  curl_multi_setopt(crowd.multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(crowd.multi, CURLMOPT_TIMERDATA, &crowd);
  begin_all(&crowd);
  while (crowd.open) {
    wait_for_events(&crowd);
    turn(&crowd);
  }
  close_crowd(&crowd);
  close(crowd.epoll);
}
