/* Drawing a transfer: a GET, and what all have. The cuts of a plan add up to
 * less than the body, so that each lies inside of what is sent, be it all or
 * the rest of it. */
#define _GNU_SOURCE
#include "lot.h"

#include <stdlib.h>
#include <string.h>

unsigned lot_below(struct lot *lot, long long limit) {
  if (limit <= 1)
    return 0;
  lot->state = upload_word(lot->state, 1);
  return (unsigned)((lot->state >> 20) % (unsigned long long)limit);
}

bool lot_chance(struct lot *lot, unsigned percent) {
  return lot_below(lot, 100) < percent;
}

void lot_add(struct lot *lot, const char *format, ...) {
  char *at = lot->plan + lot->plan_used;
  size_t room = sizeof lot->plan - lot->plan_used;
  va_list arguments;

  va_start(arguments, format);
  lot->plan_used += (size_t)vsnprintf(at, room, format, arguments);
  va_end(arguments);
  if (lot->plan_used >= sizeof lot->plan)
    fail_msg("the plan is too long");
}

/* Something changes at nothing, at libcurl's and our buffers' ends, at the
 * policies' limits. */
long long lot_draw_size(struct lot *lot) {
  static const int edges[] = {0, 1, 2048, 4096, 16384, 20480, 65536, 102400};

  switch (lot_below(lot, 10)) {
  case 0:
    return lot_below(lot, 20);
  case 1:
  case 2:
  case 3: {
    int edge =
        edges[lot_below(lot, COUNT(edges))] + (int)lot_below(lot, 5) - 2;
    return edge > 0 ? edge : 0;
  }
  case 4:
    return lot_below(lot, 1200000);
  default:
    return lot_below(lot, 200000);
  }
}

long long lot_draw_cut(struct lot *lot, long long most) {
  static const int edges[] = {0, 1, 4095, 4096, 4097, 16384, 20480, 65536};
  long long cut = lot_below(lot, most + 1);

  if (lot_chance(lot, 30))
    cut = edges[lot_below(lot, COUNT(edges))];
  if (lot_chance(lot, 10))
    cut = most - lot_below(lot, 3);
  if (cut > most)
    cut = most;
  return cut < 0 ? 0 : cut;
}

static void draw_validator(struct lot *lot) {
  static const char *const validators[] = {"",
                                           ":etag=v%d",
                                           ":etag=v%d",
                                           ":wetag=v%d",
                                           ":lm=%d000",
                                           ":lm=now",
                                           ":etag=v%1$d:lm=%1$d000"};
  static const char *const ranges[] = {"", ":ranges", ":ranges", ":ranges",
                                       ":noranges"};

  lot->validator = validators[lot_below(lot, COUNT(validators))];
  lot->has_validator = !strncmp(lot->validator, ":etag", 5);
  lot->ranges = ranges[lot_below(lot, COUNT(ranges))];
}

bool lot_add_answer(struct lot *lot, int version) {
  unsigned framing = lot_below(lot, 10);

  lot_add(lot, "200:size=%lld:seed=s%uv%d:hdr=X-Version~%d",
          lot->sizes[version], lot->number, version, version);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
  lot_add(lot, lot->validator, version);
#pragma GCC diagnostic pop
  lot_add(lot, "%s%s%s", lot->ranges, lot->is_gzip ? ":gzip" : "",
          lot_chance(lot, 8) ? ":info=103" : "");
  if (framing < 4)
    lot_add(lot, ":chunked=%u",
            1 + lot_below(lot, lot_chance(lot, 50) ? 30000 : 900));
  else if (framing == 4)
    lot_add(lot, ":eof");
  return framing == 4;
}

/* A step that fails; `*left`: bytes that cuts may still use up. */
static void add_failure(struct lot *lot, int version, long long *left) {
  static const char *const short_ones[] = {
      "503", "503:connclose", "429", "rst", "close", "502:rst@3"};
  bool ends_with_connection;
  long long cut;

  if (lot->has_redirects)
    lot_add(lot, "302:next,");
  if (*left <= 0 || lot_chance(lot, 30)) {
    lot_add(lot, "%s,", short_ones[lot_below(lot, COUNT(short_ones))]);
    return;
  }
  ends_with_connection = lot_add_answer(lot, version);
  if (lot_chance(lot, 10)) {
    lot_add(lot, ":rst@head,");
    return;
  }
  cut = lot_draw_cut(lot, *left);
  *left -= cut;
  lot->must_succeed &= lot->scene->resumes;
  /* headers alone are continued by a strong tag alone; a few bytes of gzip
     are none yet */
  if (lot->scene->shows_headers && (!cut || lot->is_gzip) &&
      !lot->has_validator)
    lot->must_succeed = false;
  lot_add(lot, ":%s@%lld,",
          ends_with_connection || lot_chance(lot, 50) ? "rst" : "close", cut);
}

void lot_draw_habit(struct lot *lot) {
  static const enum habit habits[] = {HABIT_NONE,         HABIT_NONE,
                                      HABIT_NONE,         HABIT_PAUSE_BODY,
                                      HABIT_PAUSE_BODY,   HABIT_PAUSE_CALL,
                                      HABIT_PAUSE_HEADER, HABIT_SHORT_BODY,
                                      HABIT_SHORT_HEADER, HABIT_ABORT};

  lot->habit = habits[lot_below(lot, COUNT(habits))];
  lot->habit_at = lot_draw_cut(lot, lot->sizes[1]);
  if (lot->habit == HABIT_PAUSE_HEADER || lot->habit == HABIT_SHORT_HEADER)
    lot->habit_at = lot_below(lot, 8);
  lot->habit_times = 1 + (int)lot_below(lot, 3);
  lot->has_progress = lot_chance(lot, 50);
  switch (lot->habit) {
  case HABIT_SHORT_BODY:
  case HABIT_SHORT_HEADER:
  case HABIT_ABORT:
    lot->must_succeed = false;
    break;
  default:
    break;
  }
}

void lot_begin(struct lot *lot, unsigned long long seed, unsigned number,
               const struct lot_scene *scene) {
  memset(lot, 0, sizeof *lot);
  lot->state = upload_word(seed, number);
  lot->number = number;
  lot->scene = scene;
  snprintf(lot->key, sizeof lot->key, "lot%u", number);
  lot->sizes[1] = lot->sizes[2] = lot_draw_size(lot);
}

void lot_draw(struct lot *lot, unsigned long long seed, unsigned number,
              const struct lot_scene *scene) {
  bool has_versions;
  unsigned failures;
  long long left;

  lot_begin(lot, seed, number, scene);
  has_versions = lot_chance(lot, 30);
  if (has_versions && lot_chance(lot, 50))
    lot->sizes[2] = lot_draw_size(lot);
  left = lot->sizes[1] < lot->sizes[2] ? lot->sizes[1] : lot->sizes[2];
  left--; /* a break at the end would be none */
  lot->is_gzip = lot_chance(lot, 25);
  lot->has_redirects = lot_chance(lot, 12);
  draw_validator(lot);
  /* a date of its own for each answer makes a version of each */
  lot->must_succeed = !has_versions && strcmp(lot->validator, ":lm=now") != 0;
  failures = lot_below(lot, 5);
  for (unsigned i = 0; i < failures; i++)
    add_failure(lot, has_versions && lot_chance(lot, 40) ? 2 : 1, &left);
  if (lot->has_redirects)
    lot_add(lot, "302:next,");
  if (lot_chance(lot, 6)) {
    static const char *const ends[] = {"404", "503", "416"};
    lot_add(lot, "%s", ends[lot_below(lot, COUNT(ends))]);
    lot->must_succeed = false;
  } else {
    lot_add_answer(lot, has_versions && lot_chance(lot, 40) ? 2 : 1);
  }
  lot_draw_habit(lot);
}
