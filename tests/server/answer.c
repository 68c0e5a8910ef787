/* What a step of the plan answers: status, headers and body. */
#include "answer.h"

#include "auth.h"
#include "entity.h"
#include "log.h"
#include "net.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *reason_of(int status) {
  static const struct {
    int status;
    const char *reason;
  } reasons[] = {
      {200, "OK"},
      {201, "Created"},
      {204, "No Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {407, "Proxy Authentication Required"},
      {408, "Request Timeout"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {416, "Range Not Satisfiable"},
      {417, "Expectation Failed"},
      {425, "Too Early"},
      {429, "Too Many Requests"},
      {500, "Internal Server Error"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {599, "Bad Plan"},
  };

  for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
    if (reasons[i].status == status)
      return reasons[i].reason;
  return "Planned";
}

/* "Name~Value" items as header lines. */
static void write_items(FILE *out, const char *const *items) {
  for (size_t i = 0; i < STEP_LIST_MAX && items[i]; i++) {
    const char *tilde = strchr(items[i], '~');

    fprintf(out, "%.*s: %s\r\n", (int)(tilde - items[i]), items[i], tilde + 1);
  }
}

/* Retry-After: seconds, "date+N" and "date-N" from now, or any text. */
static void write_retry_after(FILE *out, const char *value) {
  char date[TEXT_DATE_SIZE];

  if (strncmp(value, "date", 4) == 0 && (value[4] == '+' || value[4] == '-')) {
    text_date(date, time(NULL) + strtoll(value + 4, NULL, 10));
    value = date;
  }
  fprintf(out, "Retry-After: %s\r\n", value);
}

static void write_location(FILE *out, const struct answer *answer) {
  const struct step *step = answer->step;
  int status = answer->status;
  bool is_redirect =
      (status >= 301 && status <= 303) || status == 307 || status == 308;

  if (step->to)
    fprintf(out, "Location: /%s\r\n", step->to);
  else if (step->location)
    fprintf(out, "Location: %s\r\n", step->location);
  else if (step->next || (is_redirect && !step->noloc))
    fprintf(out, "Location: %s\r\n", answer->request->target);
}

static void write_framing(FILE *out, const struct entity *entity,
                          enum framing framing, uint64_t size) {
  if (entity->status == 204 || entity->status == 304)
    return;
  if (framing == FRAMING_CHUNKED)
    fputs("Transfer-Encoding: chunked\r\n", out);
  else if (framing == FRAMING_LENGTH)
    fprintf(out, "Content-Length: %" PRIu64 "\r\n", size);
}

/* The whole header block; the caller frees it. */
static char *build_head(const struct answer *answer,
                        const struct entity *entity, enum framing framing,
                        bool keep) {
  const struct step *step = answer->step;
  bool is_connect = strcmp(answer->request->method, "CONNECT") == 0;
  char date[TEXT_DATE_SIZE];
  char *head = NULL;
  size_t size;
  FILE *out = open_memstream(&head, &size);

  if (!out)
    abort();
  if (step->info && !answer->error)
    fprintf(out, "HTTP/1.1 %d Interim\r\nX-Interim: yes\r\n\r\n",
            (int)step->info);
  fprintf(out, "HTTP/1.%d %d %s\r\n", step->http10 ? 0 : 1, entity->status,
          reason_of(entity->status));
  text_date(date, time(NULL));
  if (!step->nodate)
    fprintf(out, "Date: %s\r\n", date);
  entity_write_headers(out, entity);
  write_framing(out, entity, framing, entity->body.size);
  if (step->retry_after && entity->status == step->status)
    write_retry_after(out, step->retry_after);
  write_location(out, answer);
  if (answer->challenge)
    auth_challenge(out, answer->challenge, is_connect);
  write_items(out, step->headers);
  if (!keep && !step->drop && framing != FRAMING_EOF)
    fputs("Connection: close\r\n", out);
  fputs("\r\n", out);
  if (fclose(out))
    abort();
  return head;
}

static enum framing choose_framing(const struct answer *answer) {
  bool is_10 = answer->step->http10 ||
               strcmp(answer->request->version, "HTTP/1.0") == 0;

  if (answer->step->eof || (is_10 && answer->step->chunk))
    return FRAMING_EOF;
  return answer->step->chunk ? FRAMING_CHUNKED : FRAMING_LENGTH;
}

/* Whether the connection stays open, as both sides have it. */
static bool may_keep(const struct answer *answer, enum framing framing) {
  const struct step *step = answer->step;
  const char *header = request_header(answer->request, "Connection");

  return framing != FRAMING_EOF && !step->connclose && !step->drop &&
         !step->http10 && !answer->has_unread &&
         strcmp(answer->request->version, "HTTP/1.0") != 0 &&
         !(header && text_list_has(header, "close"));
}

/* A fault behind the body's end would never happen: the plan is wrong. */
static bool is_fault_reachable(const struct fault *fault, uint64_t size) {
  return (fault->cut == CUT_NONE || fault->cut_at <= size ||
          fault->cut_at == AT_HEAD) &&
         (fault->stall_at <= size || fault->stall_at == AT_NEVER);
}

/* The trailer lines; the caller frees them. */
static char *build_trailers(const struct step *step) {
  char *trailers = NULL;
  size_t size;
  FILE *out = open_memstream(&trailers, &size);

  if (!out)
    abort();
  write_items(out, step->trailers);
  if (fclose(out))
    abort();
  return trailers;
}

/* Sends ENTITY; without its body where the protocol has none. */
static enum delivered send_entity(const struct answer *answer,
                                  const struct entity *entity, bool *keep) {
  const struct step *step = answer->step;
  enum framing framing = choose_framing(answer);
  bool has_body = strcmp(answer->request->method, "HEAD") != 0 &&
                  entity->status != 204 && entity->status != 304;
  struct body none = {0};
  struct delivery delivery = {.fd = answer->connection->fd,
                              .id = answer->id,
                              .body = has_body ? &entity->body : &none,
                              .chunk = step->chunk,
                              .rate = entity->rate,
                              .fault = step->down};
  enum delivered result;
  char *trailers;
  char *head;

  if (answer->error)
    delivery.fault = (struct fault){.stall_at = AT_NEVER};
  if (!is_fault_reachable(&delivery.fault, delivery.body->size)) {
    struct answer bad = *answer;

    bad.error = "the plan's fault lies behind the end of the body";
    return answer_send(&bad, keep);
  }
  *keep = may_keep(answer, framing);
  head = build_head(answer, entity, framing, *keep);
  trailers = build_trailers(step);
  delivery.head = head;
  delivery.trailers = trailers;
  delivery.framing = has_body ? framing : FRAMING_LENGTH;
  log_status(answer->id, entity->status);
  result = deliver(&delivery);
  free(head);
  free(trailers);
  return result;
}

enum delivered answer_send(const struct answer *answer, bool *keep) {
  static const struct step plain = {.size = SIZE_UNSET};
  struct answer effective = *answer;
  struct entity entity;
  enum delivered result;

  if (answer->error) {
    fprintf(stderr, "faulty: 599 for key '%s': %s\n", answer->key,
            answer->error);
    effective.step = &plain;
    effective.status = 599;
    effective.challenge = NULL;
  }
  if (!entity_build(&entity, &effective)) {
    effective.error = "gzip and multipart bodies are at most 64M";
    return answer_send(&effective, keep);
  }
  result = send_entity(&effective, &entity, keep);
  entity_free(&entity);
  return result;
}
