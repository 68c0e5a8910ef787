/* The body of an answer and the headers that describe it. */
#include "entity.h"

#include "range.h"
#include "text.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BOUNDARY "faulty-boundary"
#define SIZE_DEFAULT 1000
#define EVENT_SIZE 14
#define EVENTS_MAX 999999

/* COUNT events of EVENT_SIZE bytes each. */
static struct body events_body(uint64_t count) {
  struct body body;
  char *text;

  if (count > EVENTS_MAX)
    count = EVENTS_MAX;
  text = malloc(count * EVENT_SIZE + 1);
  if (!text)
    abort();
  for (uint64_t i = 0; i < count; i++)
    snprintf(text + i * EVENT_SIZE, EVENT_SIZE + 1, "data: %06u\n\n",
             (unsigned)(i + 1) % 1000000);
  body = body_copied(text, count * EVENT_SIZE);
  free(text);
  return body;
}

static struct body choose_body(const struct answer *answer) {
  const struct step *step = answer->step;
  bool is_success = answer->status >= 200 && answer->status < 300;
  const char *seed = step->seed ? step->seed : answer->key;
  uint64_t size = step->size == SIZE_UNSET ? SIZE_DEFAULT : step->size;
  char text[PLAN_ERROR_SIZE];

  if (answer->error)
    snprintf(text, sizeof text, "%s\n", answer->error);
  else
    snprintf(text, sizeof text, "%d planned\n", answer->status);
  if (step->body && !answer->error)
    return body_copied(step->body, strlen(step->body));
  if (step->events.first)
    return events_body(step->events.first);
  if (answer->error || answer->status != step->status ||
      (!is_success && step->size == SIZE_UNSET))
    return body_copied(text, strlen(text));
  if (!step->vary)
    return body_generated(seed, size);
  snprintf(text, sizeof text, "%.100s#%" PRIu64, seed, answer->turn);
  return body_generated(text, size);
}

/* ETag and Last-Modified. */
static void set_validators(struct entity *entity,
                           const struct answer *answer) {
  static atomic_llong base; /* one for all answers */
  long long none = 0;
  const struct step *step = answer->step;
  const char *tag = step->etag ? step->etag : step->weak_etag;

  atomic_compare_exchange_strong(&base, &none, time(NULL));
  if (tag && strcmp(tag, "vary") == 0)
    snprintf(entity->tag, sizeof entity->tag, "%s\"%.100s-%" PRIu64 "\"",
             step->etag ? "" : "W/", answer->key, answer->turn);
  else if (tag)
    snprintf(entity->tag, sizeof entity->tag, "%s\"%.200s\"",
             step->etag ? "" : "W/", tag);
  if (step->modified && strcmp(step->modified, "now") == 0)
    text_date(entity->modified, time(NULL));
  else if (step->modified)
    text_date(entity->modified, base - strtoll(step->modified, NULL, 10));
}

/* RFC 9110 13.1.5: a strong tag or the exact date; none given is a match. */
static bool if_range_matches(const struct entity *entity,
                             const struct request *request) {
  const char *value = request_header(request, "If-Range");

  if (!value)
    return true;
  if (*value == '"')
    return strcmp(value, entity->tag) == 0;
  return entity->modified[0] && strcmp(value, entity->modified) == 0;
}

/* Narrows ENTITY to what the request's Range asks for. */
static bool apply_ranges(struct entity *entity, const struct answer *answer) {
  const char *header = request_header(answer->request, "Range");
  struct range ranges[RANGES_MAX];
  struct body parts;
  size_t count;

  if (!header || !if_range_matches(entity, answer->request))
    return true;
  switch (range_parse(header, entity->body.size, ranges, &count)) {
  case RANGE_IGNORED:
    return true;
  case RANGE_UNSATISFIABLE:
    snprintf(entity->content_range, sizeof entity->content_range,
             "bytes */%" PRIu64, entity->body.size);
    entity->status = 416;
    body_free(&entity->body);
    return true;
  case RANGE_PARTIAL:
    break;
  }
  entity->status = 206;
  if (count == 1 && !answer->step->multipart) {
    snprintf(entity->content_range, sizeof entity->content_range,
             "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, ranges[0].first,
             ranges[0].last, entity->body.size);
    entity->body.first = ranges[0].first;
    entity->body.size = ranges[0].last - ranges[0].first + 1;
    return true;
  }
  if (!range_multipart(&entity->body, ranges, count, BOUNDARY, &parts))
    return false;
  body_free(&entity->body);
  entity->body = parts;
  entity->type = "multipart/byteranges; boundary=" BOUNDARY;
  return true;
}

bool entity_build(struct entity *entity, const struct answer *answer) {
  const struct step *step = answer->step;

  *entity = (struct entity){.status = answer->status, .rate = step->rate};
  entity->body = choose_body(answer);
  entity->type = step->type ? step->type : "application/octet-stream";
  if (answer->error)
    entity->type = "text/plain";
  if (step->events.first) {
    entity->rate = (struct pair){EVENT_SIZE, step->events.second};
    if (!step->type)
      entity->type = "text/event-stream";
  }
  if (step->gzip) {
    entity->is_gzip = true;
    if (!body_gzip(&entity->body))
      return false;
  }
  set_validators(entity, answer);
  if (step->ranges || step->noranges)
    entity->accept_ranges = step->ranges ? "bytes" : "none";
  if (step->ranges && answer->status == 200 &&
      strcmp(answer->request->method, "GET") == 0 &&
      !apply_ranges(entity, answer))
    return false;
  if (step->content_range)
    snprintf(entity->content_range, sizeof entity->content_range, "%s",
             step->content_range);
  return true;
}

void entity_write_headers(FILE *out, const struct entity *entity) {
  if (entity->status != 204 && entity->status != 304)
    fprintf(out, "Content-Type: %s\r\n", entity->type);
  if (entity->is_gzip)
    fputs("Content-Encoding: gzip\r\n", out);
  if (entity->tag[0])
    fprintf(out, "ETag: %s\r\n", entity->tag);
  if (entity->modified[0])
    fprintf(out, "Last-Modified: %s\r\n", entity->modified);
  if (entity->accept_ranges)
    fprintf(out, "Accept-Ranges: %s\r\n", entity->accept_ranges);
  if (entity->content_range[0])
    fprintf(out, "Content-Range: %s\r\n", entity->content_range);
}

void entity_free(struct entity *entity) { body_free(&entity->body); }
