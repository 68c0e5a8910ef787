/* Serves one HTTP/1.1 client connection by the plans. */
#include "http.h"

#include "answer.h"
#include "auth.h"
#include "control.h"
#include "log.h"
#include "net.h"
#include "relay.h"
#include "stats.h"
#include "text.h"
#include "upload.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum ending {
  ENDING_NONE,  /* the next request may come */
  ENDING_CLOSE, /* FIN */
  ENDING_RESET, /* RST */
  ENDING_GONE   /* the client left */
};

struct exchange {
  struct connection *connection;
  struct request *request;
  char key[256];
  char *inline_plan; /* of the URL, or NULL */
  char *target;      /* what inline_plan points into */
  struct turn turn;
  struct answer answer;
  char error[PLAN_ERROR_SIZE]; /* what is wrong with the plan */
};

/* Splits /KEY/PLAN/... . */
static void split_target(struct exchange *exchange) {
  const char *target = exchange->request->target;
  char *state = NULL;
  char *word;

  if (strcmp(exchange->request->method, "CONNECT") == 0) {
    snprintf(exchange->key, sizeof exchange->key, HTTP_CONNECT_KEY);
    return;
  }
  exchange->target = strdup(target);
  exchange->target[strcspn(exchange->target, "?")] = '\0';
  word = strtok_r(exchange->target, "/", &state);
  if (word)
    text_decode(word);
  snprintf(exchange->key, sizeof exchange->key, "%s", word ? word : "");
  exchange->inline_plan = strtok_r(NULL, "/", &state);
}

/* Answers by a status of our own; the step, if any, is not used. */
static enum ending answer_now(struct exchange *exchange, int status,
                              const char *challenge, const char *error) {
  static const struct step plain = {
      .size = SIZE_UNSET, .down = {.cut_at = AT_NEVER, .stall_at = AT_NEVER}};
  /* libcurl doesn't repeat a 417 that announces the close. */
  static const struct step unannounced = {
      .size = SIZE_UNSET,
      .drop = true,
      .down = {.cut_at = AT_NEVER, .stall_at = AT_NEVER}};
  bool keep = false;

  exchange->answer.step = status == 417 ? &unannounced : &plain;
  exchange->answer.status = status;
  exchange->answer.challenge = challenge;
  exchange->answer.error = error;
  if (answer_send(&exchange->answer, &keep) != DELIVERED_WHOLE)
    return ENDING_GONE;
  return keep ? ENDING_NONE : ENDING_CLOSE;
}

static void open_log(struct exchange *exchange, const char *step,
                     uint64_t turn) {
  exchange->answer.id = log_open(exchange->connection, exchange->request,
                                 exchange->key, step, turn);
  stats_begin(exchange->connection->fd);
}

/* Options that refuse a request without using up the step. */
static bool is_refused(struct exchange *exchange, enum ending *ending) {
  const struct step *step = exchange->turn.step;
  const struct request *request = exchange->request;
  bool is_connect = strcmp(request->method, "CONNECT") == 0;
  static const struct step unread = {
      .nohash = true, .up = {.cut_at = AT_NEVER, .stall_at = AT_NEVER}};

  if (step->expect && request_header(request, "Expect")) {
    plans_give_back(&exchange->turn);
    open_log(exchange, "expect=417", 0);
    exchange->answer.has_unread = true;
    *ending = answer_now(exchange, 417, NULL, NULL);
    return true;
  }
  if (step->auth && !auth_accepts(request, step->auth, is_connect)) {
    plans_give_back(&exchange->turn);
    open_log(exchange, step->auth, 0);
    if (request_header(request, "Expect"))
      exchange->answer.has_unread = true;
    else if (upload_read(exchange->connection, request, &unread,
                         exchange->answer.id) != UPLOAD_WHOLE)
      *ending = ENDING_GONE;
    if (*ending == ENDING_NONE)
      *ending = answer_now(exchange, is_connect ? 407 : 401, step->auth, NULL);
    return true;
  }
  return false;
}

/* Reads the request's body; true when the step may go on to its answer. */
static bool take_upload(struct exchange *exchange, enum ending *ending) {
  const struct step *step = exchange->turn.step;
  static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
  const char *expect = request_header(exchange->request, "Expect");

  if (step->early) {
    exchange->answer.has_unread = upload_is_announced(exchange->request);
    return true;
  }
  if (expect && text_list_has(expect, "100-continue") && !step->nocontinue)
    net_send(exchange->connection->fd, go_on, sizeof go_on - 1, 0);
  switch (upload_read(exchange->connection, exchange->request, step,
                      exchange->answer.id)) {
  case UPLOAD_WHOLE:
    return true;
  case UPLOAD_CLOSE:
    exchange->answer.has_unread = true;
    *ending = ENDING_CLOSE;
    return false;
  case UPLOAD_RESET:
    *ending = ENDING_RESET;
    return false;
  case UPLOAD_SHORT:
    *ending = answer_now(exchange, 599, NULL,
                         "the request's body ended before the plan's fault");
    return false;
  case UPLOAD_LOST:
    break;
  }
  *ending = ENDING_GONE;
  return false;
}

/* Answers a CONNECT with 200 and relays until an end. */
static enum ending open_tunnel(struct exchange *exchange) {
  static const char answer[] = "HTTP/1.1 200 Connection established\r\n\r\n";
  struct connection *connection = exchange->connection;
  const char *colon = strrchr(exchange->request->target, ':');
  struct relay relay = {.client = connection->fd,
                        .id = exchange->answer.id,
                        .step = exchange->turn.step,
                        .early = connection->buffer + connection->start,
                        .early_size = connection->end - connection->start};
  uint64_t port;

  if (!colon || !text_number(colon + 1, &port) || port > UINT16_MAX)
    return answer_now(exchange, 400, NULL, NULL);
  /* Whatever the host's name: nothing here ever leaves the machine. */
  relay.target = net_connect(NULL, (uint16_t)port);
  if (relay.target < 0)
    return answer_now(exchange, 502, NULL, NULL);
  log_status(exchange->answer.id, 200);
  stats_end(connection->fd);
  net_send(connection->fd, answer, sizeof answer - 1, 0);
  switch (relay_run(&relay)) {
  case RELAY_DONE:
    break;
  case RELAY_CLOSE:
    exchange->answer.has_unread = true;
    break;
  case RELAY_RESET:
    return ENDING_RESET;
  }
  return ENDING_CLOSE;
}

/* Acts out the step after the request was read. */
static enum ending act(struct exchange *exchange) {
  const struct step *step = exchange->turn.step;
  int fd = exchange->connection->fd;
  bool keep = false;

  if (step->wait_ms && net_wait_gone(fd, (int64_t)step->wait_ms))
    return ENDING_GONE;
  switch (step->action) {
  case STEP_CLOSE:
    return ENDING_CLOSE;
  case STEP_RESET:
    return ENDING_RESET;
  case STEP_HANG:
    net_wait_gone(fd, -1);
    return ENDING_GONE;
  case STEP_ANSWER:
    break;
  }
  if (step->status == 200 && strcmp(exchange->request->method, "CONNECT") == 0)
    return open_tunnel(exchange);
  exchange->answer.step = step;
  exchange->answer.status = step->status;
  exchange->answer.challenge = step->challenge;
  if (step->challenge && strcmp(exchange->request->method, "CONNECT") == 0)
    exchange->answer.status = 407;
  switch (answer_send(&exchange->answer, &keep)) {
  case DELIVERED_WHOLE:
    return keep ? ENDING_NONE : ENDING_CLOSE;
  case DELIVERED_CLOSE:
    return ENDING_CLOSE;
  case DELIVERED_RESET:
    return ENDING_RESET;
  case DELIVERED_LOST:
    break;
  }
  return ENDING_GONE;
}

/* One request, from its headers to the end of its answer. */
static enum ending handle(struct exchange *exchange) {
  enum ending ending = ENDING_NONE;

  exchange->answer = (struct answer){.connection = exchange->connection,
                                     .request = exchange->request,
                                     .key = exchange->key};
  if (!plans_take(exchange->key, exchange->inline_plan, &exchange->turn,
                  exchange->error)) {
    open_log(exchange, "599", 0);
    exchange->answer.has_unread = upload_is_announced(exchange->request);
    return answer_now(exchange, 599, NULL, exchange->error);
  }
  if (is_refused(exchange, &ending))
    return ending;
  exchange->answer.turn = exchange->turn.number;
  open_log(exchange, exchange->turn.step->text, exchange->turn.number);
  if (!take_upload(exchange, &ending))
    return ending;
  return act(exchange);
}

/* Counts the request and handles it. */
static enum ending serve_request(struct exchange *exchange) {
  struct connection *connection = exchange->connection;
  enum ending ending;

  if (connection->number == 0)
    connection->number = stats_connection(connection->fd);
  connection->requests++;
  split_target(exchange);
  ending = handle(exchange);
  stats_end(connection->fd);
  if (ending == ENDING_RESET) {
    net_settle(connection->fd);
    net_arm_reset(connection->fd);
  } else if (ending == ENDING_CLOSE && exchange->answer.has_unread) {
    net_finish(connection->fd);
  }
  free(exchange->target);
  return ending;
}

void http_serve(int fd) {
  struct connection *connection = calloc(1, sizeof *connection);
  struct request *request = calloc(1, sizeof *request);
  enum ending ending = ENDING_NONE;

  if (!connection || !request)
    abort();
  connection->fd = fd;
  while (ending == ENDING_NONE) {
    struct exchange exchange = {.connection = connection, .request = request};
    enum request_result result = request_read(connection, request);

    if (result == REQUEST_BAD)
      fprintf(stderr, "faulty: malformed request\n");
    if (result != REQUEST_READ)
      break;
    if (!control_is_request(request))
      ending = serve_request(&exchange);
    else if (!control_serve(connection, request))
      ending = ENDING_CLOSE;
  }
  if (connection->number)
    stats_disconnect(fd);
  close(fd);
  free(connection);
  free(request);
}
