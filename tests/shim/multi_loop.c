/* The loops around curl_multi_perform(). */
#define _GNU_SOURCE
#include "multi_loop.h"

#include "multi_socket.h"

#include <string.h>
#include <sys/select.h>
#include <unistd.h>

void drive_complain(struct drive *drive, const char *trouble) {
  if (!drive->trouble)
    drive->trouble = trouble;
  drive->is_over = true;
}

CURLMcode drive_add(struct drive *drive, CURL *curl) {
  drive->running = -1;
  return curl_multi_add_handle(drive->multi, curl);
}

CURLMcode drive_remove(struct drive *drive, CURL *curl) {
  drive->running = -1;
  return curl_multi_remove_handle(drive->multi, curl);
}

void drive_turn(struct drive *drive, CURLMcode code) {
  if (code != CURLM_OK)
    drive_complain(drive, curl_multi_strerror(code));
  if (!drive->is_over)
    drive->is_over = drive->turn(drive);
}

int drive_left(const struct drive *drive) {
  long long left = drive->until - now_ms();

  return drive->is_over || left <= 0 ? 0 : (int)left;
}

void drive_open(struct drive *drive, const struct loop *loop,
                bool (*turn)(struct drive *drive), void *data) {
  memset(drive, 0, sizeof *drive);
  drive->loop = loop;
  drive->turn = turn;
  drive->data = data;
  drive->running = -1;
  drive->multi = curl_multi_init();
  if (loop->open)
    loop->open(drive);
}

static bool run(struct drive *drive, long ms) {
  drive->until = now_ms() + ms;
  drive->is_over = drive->trouble != NULL;
  drive_turn(drive, CURLM_OK); /* messages from before */
  if (!drive->is_over)
    drive->loop->run(drive);
  return drive->is_over;
}

long drive_slowly(long ms) {
  if (patience() == 1)
    return ms;
  return is_under_valgrind() ? 4 * ms : 2 * ms;
}

bool drive_for(struct drive *drive, long ms) {
  return run(drive, drive_slowly(ms));
}

/* What takes so long hangs. */
bool drive_end(struct drive *drive) {
  if (!run(drive, 60000L + 5000L * patience()))
    drive_complain(drive, "it doesn't end");
  return !drive->trouble;
}

void drive_close(struct drive *drive) {
  curl_multi_cleanup(drive->multi);
  drive->multi = NULL;
  if (drive->loop->close)
    drive->loop->close(drive);
}

/* --- the loops -------------------------------------------------------------
 */

/* `wait` sleeps for at most `left` ms. */
static void run_around(struct drive *drive,
                       void (*wait)(struct drive *drive, int left)) {
  int left;

  for (;;) {
    drive_turn(drive, curl_multi_perform(drive->multi, &drive->running));
    left = drive_left(drive);
    if (!left)
      break;
    wait(drive, left);
    drive->wakeups++;
  }
}

static void check(struct drive *drive, CURLMcode code) {
  if (code != CURLM_OK)
    drive_complain(drive, curl_multi_strerror(code));
}

static void wait_by_poll(struct drive *drive, int left) {
  check(drive, curl_multi_poll(drive->multi, NULL, 0, left, NULL));
}

/* As PHP's curl_multi_select(): no sleep where there is nothing to wait for.
 */
static void wait_by_wait(struct drive *drive, int left) {
  int ready = -1;

  check(drive, curl_multi_wait(drive->multi, NULL, 0, left, &ready));
  if (ready < 0)
    drive_complain(drive, "curl_multi_wait() says no number");
}

static void wait_by_select(struct drive *drive, long ms) {
  struct timeval timeout = {ms / 1000, ms % 1000 * 1000};
  fd_set in, out, other;
  int most = -2;

  FD_ZERO(&in);
  FD_ZERO(&out);
  FD_ZERO(&other);
  check(drive, curl_multi_fdset(drive->multi, &in, &out, &other, &most));
  if (most < -1)
    drive_complain(drive, "curl_multi_fdset() says no number");
  else if (select(most + 1, &in, &out, &other, &timeout) < 0)
    drive_complain(drive, "select() fails");
}

static void wait_by_timeout(struct drive *drive, int left) {
  long ms = -2;

  check(drive, curl_multi_timeout(drive->multi, &ms));
  if (ms < -1)
    drive_complain(drive, "curl_multi_timeout() says no number");
  wait_by_select(drive, ms < 0 || ms > left ? left : ms);
}

/* Never asks libcurl how long. */
static void wait_for_fixed_time(struct drive *drive, int left) {
  wait_by_select(drive, left < 250 ? left : 250);
}

static void wait_by_clock(struct drive *drive, int left) {
  (void)drive;
  (void)left;
  usleep(2000);
}

static void run_poll(struct drive *drive) { run_around(drive, wait_by_poll); }

static void run_wait(struct drive *drive) { run_around(drive, wait_by_wait); }

static void run_select(struct drive *drive) {
  run_around(drive, wait_by_timeout);
}

static void run_fixed(struct drive *drive) {
  run_around(drive, wait_for_fixed_time);
}

static void run_clock(struct drive *drive) {
  run_around(drive, wait_by_clock);
}

const struct loop loops[LOOPS] = {
    {"poll", false, NULL, run_poll, NULL},
    {"wait", false, NULL, run_wait, NULL},
    {"select", false, NULL, run_select, NULL},
    {"select-fixed", false, NULL, run_fixed, NULL},
    {"clock", true, NULL, run_clock, NULL},
    {"epoll", false, epoll_open, epoll_run, epoll_close},
    {"socket-all", false, epoll_open, epoll_run_all, epoll_close},
    {"libevent", false, event_open, event_run, event_close},
    {"glib", false, glib_open, glib_run, glib_close},
};

const struct loop *loop_named(const char *name) {
  for (size_t i = 0; i < LOOPS; i++)
    if (!strcmp(loops[i].name, name))
      return &loops[i];
  return NULL;
}
