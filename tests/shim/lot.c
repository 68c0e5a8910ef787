/* Drawing a transfer. The cuts of a plan add up to less than the body, so
 * that each lies inside of what is sent, be it all or the rest of it. */
#define _GNU_SOURCE
#include "lot.h"

#include <stdlib.h>
#include <string.h>

/* Word `index` of a generated body, as tests/server/body.c has it. */
static unsigned long long word_at(unsigned long long seed,
                                  unsigned long long index) {
  unsigned long long word = seed + (index + 1) * 0x9e3779b97f4a7c15ULL;

  word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9ULL;
  word = (word ^ (word >> 27)) * 0x94d049bb133111ebULL;
  return word ^ (word >> 31);
}

/* 0 ... below - 1 */
static unsigned below(struct lot *lot, long long limit) {
  if (limit <= 1)
    return 0;
  lot->state = word_at(lot->state, 1);
  return (unsigned)((lot->state >> 20) % (unsigned long long)limit);
}

static bool chance(struct lot *lot, unsigned percent) {
  return below(lot, 100) < percent;
}

__attribute__((format(printf, 2, 3))) static void
add(struct lot *lot, const char *format, ...) {
  char *at = lot->plan + lot->plan_used;
  size_t room = sizeof lot->plan - lot->plan_used;
  va_list arguments;

  va_start(arguments, format);
  lot->plan_used += (size_t)vsnprintf(at, room, format, arguments);
  va_end(arguments);
  if (lot->plan_used >= sizeof lot->plan)
    fail_msg("the plan is too long");
}

/* Sizes where something changes: nothing, libcurl's and our buffers, the
 * policies' HOLD_BYTES. */
static long long draw_size(struct lot *lot) {
  static const int edges[] = {0, 1, 2048, 4096, 16384, 20480, 65536, 102400};

  switch (below(lot, 10)) {
  case 0:
    return below(lot, 20);
  case 1:
  case 2:
  case 3: {
    int edge = edges[below(lot, COUNT(edges))] + (int)below(lot, 5) - 2;
    return edge > 0 ? edge : 0;
  }
  case 4:
    return below(lot, 1200000);
  default:
    return below(lot, 200000);
  }
}

/* Where a body breaks, at most `most` bytes into it. */
static long long draw_cut(struct lot *lot, long long most) {
  static const int edges[] = {0, 1, 4095, 4096, 4097, 16384, 20480, 65536};
  long long cut = below(lot, most + 1);

  if (chance(lot, 30))
    cut = edges[below(lot, COUNT(edges))];
  if (chance(lot, 10))
    cut = most - below(lot, 3);
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

  lot->validator = validators[below(lot, COUNT(validators))];
  lot->has_validator = !strncmp(lot->validator, ":etag", 5);
  lot->ranges = ranges[below(lot, COUNT(ranges))];
}

/* The answer with a version, without faults. True: it ends with the
 * connection, so that a close can't be told from its end. */
static bool add_answer(struct lot *lot, int version) {
  unsigned framing = below(lot, 10);

  add(lot, "200:size=%lld:seed=s%uv%d:hdr=X-Version~%d", lot->sizes[version],
      lot->number, version, version);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
  add(lot, lot->validator, version);
#pragma GCC diagnostic pop
  add(lot, "%s%s%s", lot->ranges, lot->is_gzip ? ":gzip" : "",
      chance(lot, 8) ? ":info=103" : "");
  if (framing < 4)
    add(lot, ":chunked=%u", 1 + below(lot, chance(lot, 50) ? 30000 : 900));
  else if (framing == 4)
    add(lot, ":eof");
  return framing == 4;
}

/* A step that fails; `*left`: bytes that cuts may still use up. */
static void add_failure(struct lot *lot, int version, long long *left) {
  static const char *const short_ones[] = {
      "503", "503:connclose", "429", "rst", "close", "502:rst@3"};
  bool ends_with_connection;
  long long cut;

  if (lot->has_redirects)
    add(lot, "302:next,");
  if (*left <= 0 || chance(lot, 30)) {
    add(lot, "%s,", short_ones[below(lot, COUNT(short_ones))]);
    return;
  }
  ends_with_connection = add_answer(lot, version);
  if (chance(lot, 10)) {
    add(lot, ":rst@head,");
    return;
  }
  cut = draw_cut(lot, *left);
  *left -= cut;
  add(lot, ":%s@%lld,",
      ends_with_connection || chance(lot, 50) ? "rst" : "close", cut);
}

static void draw_habit(struct lot *lot) {
  static const enum habit habits[] = {HABIT_NONE,         HABIT_NONE,
                                      HABIT_NONE,         HABIT_PAUSE_BODY,
                                      HABIT_PAUSE_BODY,   HABIT_PAUSE_CALL,
                                      HABIT_PAUSE_HEADER, HABIT_SHORT_BODY,
                                      HABIT_SHORT_HEADER, HABIT_ABORT};

  lot->habit = habits[below(lot, COUNT(habits))];
  lot->habit_at = draw_cut(lot, lot->sizes[1]);
  if (lot->habit == HABIT_PAUSE_HEADER || lot->habit == HABIT_SHORT_HEADER)
    lot->habit_at = below(lot, 8);
  lot->habit_times = 1 + (int)below(lot, 3);
  lot->has_progress = chance(lot, 50);
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

void lot_draw(struct lot *lot, unsigned long long seed, unsigned number,
              bool resumes) {
  bool has_versions;
  unsigned failures;
  long long left;

  memset(lot, 0, sizeof *lot);
  lot->state = word_at(seed, number);
  lot->number = number;
  snprintf(lot->key, sizeof lot->key, "lot%u", number);
  lot->sizes[1] = lot->sizes[2] = draw_size(lot);
  has_versions = chance(lot, 30);
  if (has_versions && chance(lot, 50))
    lot->sizes[2] = draw_size(lot);
  left = lot->sizes[1] < lot->sizes[2] ? lot->sizes[1] : lot->sizes[2];
  left--; /* a break at the end would be none */
  lot->is_gzip = chance(lot, 25);
  lot->has_redirects = chance(lot, 12);
  draw_validator(lot);
  /* a date of its own for each answer makes a version of each */
  lot->must_succeed =
      resumes && !has_versions && strcmp(lot->validator, ":lm=now") != 0;
  failures = below(lot, 5);
  for (unsigned i = 0; i < failures; i++)
    add_failure(lot, has_versions && chance(lot, 40) ? 2 : 1, &left);
  if (lot->has_redirects)
    add(lot, "302:next,");
  if (chance(lot, 6)) {
    static const char *const ends[] = {"404", "503", "416"};
    add(lot, "%s", ends[below(lot, COUNT(ends))]);
    lot->must_succeed = false;
  } else {
    add_answer(lot, has_versions && chance(lot, 40) ? 2 : 1);
  }
  draw_habit(lot);
}

const char *lot_habit(const struct lot *lot) {
  static const char *const names[HABITS] = {
      "takes everything",   "pauses",     "calls easy_pause",
      "pauses at a header", "takes less", "takes less of a header",
      "aborts by progress",
  };

  return names[lot->habit];
}
