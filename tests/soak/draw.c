/* What a transfer is like. */
#include "soak.h"

#include <string.h>

unsigned draw_below(struct job *job, unsigned limit) {
  uint64_t word = job->state += 0x9e3779b97f4a7c15U;

  word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9U;
  word = (word ^ (word >> 27)) * 0x94d049bb133111ebU;
  word ^= word >> 31;
  return limit ? (unsigned)((word >> 16) % limit) : 0;
}

static void draw_server(struct job *job) {
  unsigned left = draw_below(job, world.weights);
  size_t at = 0;

  while (left >= world.servers[at].weight)
    left -= world.servers[at++].weight;
  job->server = &world.servers[at];
}

/* Bodies are in order of their size: the small ones are much more usual. */
static void draw_body(struct job *job) {
  unsigned count = (unsigned)world.body_count;
  unsigned a = draw_below(job, count), b = draw_below(job, count);

  job->body = &world.bodies[a < b ? a : b];
}

static void draw_operation(struct job *job) {
  static const enum operation usual[] = {OP_GET,  OP_GET,   OP_GET, OP_GET,
                                         OP_GET,  OP_RANGE, OP_PUT, OP_PUT,
                                         OP_POST, OP_POST};
  unsigned at = draw_below(job, 10);

  job->operation = usual[at];
  if (job->server->scheme != SCHEME_HTTP) {
    job->operation = at < 6 ? OP_GET : OP_PUT;
    return;
  }
  if (job->operation == OP_GET && draw_below(job, 6) == 0)
    job->operation = OP_GZIP;
  if (job->operation == OP_GET && draw_below(job, 12) == 0)
    job->operation = OP_HEAD;
  if (job->operation == OP_RANGE && !job->body->size)
    job->operation = OP_GET;
}

static void draw_source(struct job *job) {
  static const enum source sources[] = {
      SOURCE_READ, SOURCE_READ, SOURCE_CHUNKS, SOURCE_SEEK, SOURCE_FILE};

  job->source = sources[draw_below(job, COUNT(sources))];
  if (job->operation == OP_POST && draw_below(job, 2))
    job->source = SOURCE_FIELDS;
}

void job_draw(struct job *job, unsigned number) {
  CURL *curl = job->curl;
  unsigned size;

  memset(job, 0, sizeof *job);
  job->curl = curl;
  job->number = number;
  job->state = world.seed * 0x100000001b3U + number;
  for (const char *at = world.name; *at; at++)
    job->state = (job->state ^ (unsigned char)*at) * 0x100000001b3U;
  snprintf(job->id, sizeof job->id, "%s.%u", world.name, number);
  draw_server(job);
  draw_body(job);
  draw_operation(job);
  if (job->operation == OP_PUT || job->operation == OP_POST)
    draw_source(job);
  size = (unsigned)job->body->size;
  job->last = size;
  if (job->operation == OP_RANGE) {
    job->first = draw_below(job, size);
    job->last = job->first + 1 + draw_below(job, size - (unsigned)job->first);
  }
  job->pause_at = SIZE_MAX;
  if (draw_below(job, 30) == 0)
    job->pause_at = draw_below(job, size + 1);
  if (draw_below(job, 60) == 0)
    job->give_up_ms = 1 + draw_below(job, 60);
  if (draw_below(job, 4) == 0)
    job->timeout_ms = 12000;
}
