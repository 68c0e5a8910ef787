/* Passes bytes between a client and a target, with the plan's faults. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* POLLRDHUP */
#endif
#include "relay.h"

#include "log.h"
#include "net.h"
#include "text.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FOREVER INT64_MAX
#define BUFFER_SIZE REQUEST_HEAD_MAX

/* One direction. */
struct flow {
  int from, to;
  struct fault fault;
  struct pair rate;
  int64_t stalled_until; /* 0: running */
  uint64_t bytes;        /* passed on */
  bool is_ended;         /* FROM ended and TO was told */
  uint64_t id;
  size_t start, end;
  char buffer[BUFFER_SIZE];
};

enum flow_state { FLOW_RUNS, FLOW_LOST, FLOW_CLOSE, FLOW_RESET };

/* The fault at the current byte, once everything before it was passed on. */
static enum flow_state meet_fault(struct flow *flow) {
  struct fault *fault = &flow->fault;

  if (flow->bytes == fault->stall_at) {
    flow->stalled_until = fault->stall_ms == STALL_FOREVER
                              ? FOREVER
                              : text_now_ms() + fault->stall_ms;
    fault->stall_at = AT_NEVER;
    return FLOW_RUNS;
  }
  if (fault->cut != CUT_NONE && flow->bytes == fault->cut_at &&
      !flow->stalled_until)
    return fault->cut == CUT_CLOSE ? FLOW_CLOSE : FLOW_RESET;
  return FLOW_RUNS;
}

/* How many bytes may be passed on before the next fault or pause. */
static size_t allowed(const struct flow *flow) {
  uint64_t size = flow->end - flow->start;

  if (flow->rate.first && flow->rate.first < size)
    size = flow->rate.first;
  if (flow->fault.stall_at - flow->bytes < size)
    size = flow->fault.stall_at - flow->bytes;
  if (flow->fault.cut != CUT_NONE && flow->fault.cut_at - flow->bytes < size)
    size = flow->fault.cut_at - flow->bytes;
  return (size_t)size;
}

/* Changes the byte that is to be changed, if it is here. */
static void flip(struct flow *flow) {
  uint64_t ahead = flow->fault.flip_at - flow->bytes;

  if (flow->fault.flip_at < flow->bytes || ahead >= flow->end - flow->start)
    return;
  flow->buffer[flow->start + ahead] ^= 1;
  flow->fault.flip_at = AT_NEVER;
}

static enum flow_state flow_write(struct flow *flow) {
  size_t size = allowed(flow);
  ssize_t sent = send(flow->to, flow->buffer + flow->start, size,
                      MSG_NOSIGNAL | MSG_DONTWAIT);

  if (sent < 0)
    return errno == EAGAIN || errno == EINTR ? FLOW_RUNS : FLOW_LOST;
  flow->start += (size_t)sent;
  flow->bytes += (uint64_t)sent;
  if (flow->id)
    log_sent(flow->id, (uint64_t)sent);
  if (flow->rate.first)
    flow->stalled_until = text_now_ms() + (int64_t)flow->rate.second;
  return FLOW_RUNS;
}

static enum flow_state flow_read(struct flow *flow) {
  ssize_t got =
      recv(flow->from, flow->buffer, sizeof flow->buffer, MSG_DONTWAIT);

  if (got < 0)
    return errno == EAGAIN || errno == EINTR ? FLOW_RUNS : FLOW_LOST;
  if (got == 0) {
    flow->is_ended = true;
    shutdown(flow->to, SHUT_WR);
  }
  flow->start = 0;
  flow->end = (size_t)got;
  flip(flow);
  return FLOW_RUNS;
}

/* What FLOW waits for, added to the two pollers (client, target order does
   not matter: each is found by its descriptor). */
static void want(struct flow *flow, struct pollfd *pollers, int64_t now,
                 int64_t *timeout) {
  struct pollfd *from = &pollers[pollers[0].fd == flow->from ? 0 : 1];
  struct pollfd *to = &pollers[pollers[0].fd == flow->to ? 0 : 1];

  if (flow->is_ended)
    return;
  if (flow->stalled_until) {
    from->events |= POLLRDHUP;
    to->events |= POLLRDHUP;
    if (flow->stalled_until != FOREVER &&
        (*timeout < 0 || flow->stalled_until - now < *timeout))
      *timeout = flow->stalled_until > now ? flow->stalled_until - now : 0;
  } else if (flow->start < flow->end) {
    to->events |= POLLOUT;
  } else {
    from->events |= POLLIN;
  }
}

/* Moves what can be moved without waiting. */
static enum flow_state step_flow(struct flow *flow,
                                 const struct pollfd *pollers) {
  const struct pollfd *from = &pollers[pollers[0].fd == flow->from ? 0 : 1];
  const struct pollfd *to = &pollers[pollers[0].fd == flow->to ? 0 : 1];
  enum flow_state state = FLOW_RUNS;

  if (flow->stalled_until && flow->stalled_until <= text_now_ms())
    flow->stalled_until = 0;
  if (flow->is_ended || flow->stalled_until)
    return FLOW_RUNS;
  if (flow->start < flow->end && (to->revents & (POLLOUT | POLLERR)))
    state = flow_write(flow);
  else if (flow->start == flow->end &&
           (from->revents & (POLLIN | POLLHUP | POLLERR)))
    state = flow_read(flow);
  return state == FLOW_RUNS ? meet_fault(flow) : state;
}

/* One wait and what came of it. */
static enum flow_state turn(struct flow *flows, struct pollfd *pollers) {
  int64_t now = text_now_ms();
  int64_t timeout = -1;
  enum flow_state state = FLOW_RUNS;

  pollers[0].events = pollers[1].events = 0;
  for (int i = 0; i < 2; i++)
    want(&flows[i], pollers, now, &timeout);
  if (poll(pollers, 2, (int)timeout) < 0)
    return errno == EINTR ? FLOW_RUNS : FLOW_LOST;
  for (int i = 0; i < 2; i++)
    if ((pollers[i].events & POLLRDHUP) && (pollers[i].revents & POLLRDHUP) &&
        !(pollers[i].revents & POLLIN))
      return FLOW_LOST;
  for (int i = 0; i < 2 && state == FLOW_RUNS; i++)
    state = step_flow(&flows[i], pollers);
  return state;
}

static void flow_begin(struct flow *flow, int from, int to,
                       const struct fault *fault) {
  flow->from = from;
  flow->to = to;
  flow->fault = *fault;
}

enum relay_end relay_run(struct relay *relay) {
  struct flow *flows = calloc(2, sizeof *flows);
  struct pollfd pollers[2] = {{.fd = relay->client}, {.fd = relay->target}};
  enum flow_state state = FLOW_RUNS;

  if (!flows || relay->early_size > BUFFER_SIZE)
    abort();
  flow_begin(&flows[0], relay->client, relay->target, &relay->step->up);
  flow_begin(&flows[1], relay->target, relay->client, &relay->step->down);
  if (relay->early_size)
    memcpy(flows[0].buffer, relay->early, relay->early_size);
  flows[0].end = relay->early_size;
  flows[1].rate = relay->step->rate;
  flows[1].id = relay->id;
  for (int i = 0; i < 2 && state == FLOW_RUNS; i++)
    state = meet_fault(&flows[i]);
  while (state == FLOW_RUNS && !(flows[0].is_ended && flows[1].is_ended))
    state = turn(flows, pollers);
  relay->up_bytes = flows[0].bytes;
  relay->down_bytes = flows[1].bytes;
  if (state == FLOW_RESET)
    net_arm_reset(relay->target);
  close(relay->target);
  free(flows);
  if (state == FLOW_CLOSE)
    return RELAY_CLOSE;
  return state == FLOW_RESET ? RELAY_RESET : RELAY_DONE;
}
