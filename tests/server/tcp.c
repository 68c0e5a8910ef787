/* The raw TCP proxy: one step of the plan per accepted connection. */
#include "tcp.h"

#include "net.h"
#include "relay.h"
#include "text.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static struct {
  const char *target;
  uint16_t target_port;
  struct plan *plan;
  struct chaos chaos;
  bool is_drawn;
  FILE *log;
} setup;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t accepted;

bool tcp_setup(const char *target, uint16_t target_port, const char *plan,
               const char *log_file) {
  char error[PLAN_ERROR_SIZE];

  setup.target = target;
  setup.target_port = target_port;
  setup.plan = plan_parse(plan, error);
  if (!setup.plan) {
    fprintf(stderr, "faulty: %s\n", error);
    return false;
  }
  if (log_file) {
    setup.log = fopen(log_file, "ae");
    if (!setup.log) {
      perror(log_file);
      return false;
    }
    setvbuf(setup.log, NULL, _IOLBF, BUFSIZ);
  }
  return true;
}

void tcp_draw(const struct chaos *chaos) {
  setup.chaos = *chaos;
  setup.is_drawn = true;
}

/* One line, written before the client can see the connection's end. */
static void write_log(uint64_t number, const struct relay *relay,
                      const char *ended, int64_t at_ms) {
  if (!setup.log)
    return;
  pthread_mutex_lock(&lock);
  fprintf(setup.log, "{\"connection\": %" PRIu64 ", \"step\": ", number);
  text_json(setup.log, relay->step->text);
  fprintf(setup.log,
          ", \"up\": %" PRIu64 ", \"down\": %" PRIu64
          ", \"ended\": \"%s\", \"time_ms\": %" PRId64 "}\n",
          relay->up_bytes, relay->down_bytes, ended, at_ms);
  pthread_mutex_unlock(&lock);
}

/* Relays by the step; returns the word for the log. */
static const char *pass(struct relay *relay, enum relay_end *end) {
  relay->target = net_connect(setup.target, setup.target_port);
  if (relay->target < 0) {
    *end = RELAY_RESET;
    return "refused";
  }
  *end = relay_run(relay);
  if (*end == RELAY_DONE)
    return "done";
  return *end == RELAY_CLOSE ? "close" : "rst";
}

void tcp_serve(int fd) {
  struct relay relay = {.client = fd};
  enum relay_end end = RELAY_DONE;
  int64_t at_ms = text_now_ms();
  const char *ended = "hang";
  struct plan *drawn = NULL;
  uint64_t number;

  pthread_mutex_lock(&lock);
  number = ++accepted;
  pthread_mutex_unlock(&lock);
  if (setup.is_drawn)
    drawn = chaos_draw(&setup.chaos, number - 1);
  relay.step = plan_step(drawn ? drawn : setup.plan, number - 1);
  if (relay.step->wait_ms)
    net_wait_gone(fd, (int64_t)relay.step->wait_ms);
  if (relay.step->action == STEP_CLOSE) {
    end = RELAY_CLOSE;
    ended = "close";
  } else if (relay.step->action == STEP_RESET) {
    end = RELAY_RESET;
    ended = "rst";
  } else if (relay.step->action == STEP_HANG) {
    net_wait_gone(fd, -1);
  } else {
    ended = pass(&relay, &end);
  }
  write_log(number, &relay, ended, at_ms);
  plan_free(drawn);
  if (end == RELAY_RESET) {
    net_settle(fd);
    net_arm_reset(fd);
  } else if (end == RELAY_CLOSE) {
    net_finish(fd);
  }
  close(fd);
}
