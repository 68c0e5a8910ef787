/* Steps drawn by lot. They are made as text, so that the log has them. */
#include "chaos.h"

#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN 0x9e3779b97f4a7c15U
#define FAR_BITS 22 /* faults lie within the first 4 MiB */

/* Now and then everything breaks for a while, as when a host restarts. */
#define OUTAGE_EVERY 500
#define OUTAGE_LENGTH 12

bool chaos_parse(const char *text, struct chaos *chaos) {
  char words[64];
  char *state = NULL;
  char *word;

  *chaos = (struct chaos){.percent = 40};
  if (strlen(text) >= sizeof words)
    return false;
  memcpy(words, text, strlen(text) + 1);
  word = strtok_r(words, "~", &state);
  if (!word || !text_number(word, &chaos->seed))
    return false;
  word = strtok_r(NULL, "~", &state);
  if (!word)
    return true;
  if (!text_number(word, &chaos->percent) || chaos->percent > 100)
    return false;
  word = strtok_r(NULL, "~", &state);
  chaos->has_flips = word && strcmp(word, "flips") == 0;
  chaos->has_resets = word && strcmp(word, "resets") == 0;
  return !word || chaos->has_flips || chaos->has_resets;
}

static uint64_t below(uint64_t *state, uint64_t limit) {
  uint64_t word = *state += GOLDEN;

  word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9U;
  word = (word ^ (word >> 27)) * 0x94d049bb133111ebU;
  return ((word ^ (word >> 31)) >> 8) % limit;
}

/* A place, early ones being as usual as late ones. */
static uint64_t place(uint64_t *state) {
  return below(state, (uint64_t)2 << below(state, FAR_BITS));
}

/* A fault's words, by SIZE; its KIND is below 100. */
static void write_fault(char *out, size_t size, uint64_t kind,
                        const struct chaos *chaos, uint64_t *state) {
  uint64_t at = place(state);
  uint64_t ms = 5 + below(state, 150);
  const char *end = chaos->has_resets ? "rst" : "close";

  /* a relay that stalls takes the FIN behind an upload for the client's end */
  if (chaos->has_resets)
    kind %= 62;
  if (kind < 22)
    snprintf(out, size, "rst@%" PRIu64, at);
  else if (kind < 38)
    snprintf(out, size, "%s@%" PRIu64, end, at);
  else if (kind < 52)
    snprintf(out, size, "uprst@%" PRIu64, at);
  else if (kind < 62)
    snprintf(out, size, "up%s@%" PRIu64, end, at);
  else if (kind < 70)
    snprintf(out, size, "stall@%" PRIu64 "=%" PRIu64, at, ms);
  else if (kind < 74)
    snprintf(out, size, "upstall@%" PRIu64 "=%" PRIu64, at, ms);
  else if (kind < 80)
    snprintf(out, size, "pass:wait=%" PRIu64, ms);
  else if (kind < 81)
    snprintf(out, size, "stall@%" PRIu64, at);
  else if (kind < 90)
    snprintf(out, size, "%s", below(state, 2) ? "rst" : end);
  else if (chaos->has_flips)
    snprintf(out, size, "%sflip@%" PRIu64, below(state, 2) ? "up" : "", at);
  else
    snprintf(out, size, "pass:rate=%" PRIu64 "~%" PRIu64,
             20000 + below(state, 50000), 1 + below(state, 4));
}

struct plan *chaos_draw(const struct chaos *chaos, uint64_t number) {
  uint64_t state = (chaos->seed + 1) * GOLDEN + number * 0x100000001b3U;
  char text[64] = "pass";
  char error[PLAN_ERROR_SIZE];
  struct plan *plan;

  if (number % OUTAGE_EVERY >= OUTAGE_EVERY - OUTAGE_LENGTH)
    snprintf(text, sizeof text, "%s",
             below(&state, 2) ? "rst" : (chaos->has_resets ? "rst" : "close"));
  else if (below(&state, 100) < chaos->percent)
    write_fault(text, sizeof text, below(&state, 100), chaos, &state);
  plan = plan_parse(text, error);
  if (!plan) {
    fprintf(stderr, "faulty: %s\n", error);
    abort();
  }
  return plan;
}
