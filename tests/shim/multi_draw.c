/* A plan has the failures first, so that each request but the last has to be
 * repeated, by whom ever. */
#define _GNU_SOURCE
#include "multi_draw.h"

#include "upload.h"

#include <stdlib.h>
#include <string.h>

static unsigned below(unsigned long long *state, unsigned limit) {
  *state = upload_word(*state, 1);
  return (unsigned)((*state >> 20) % limit);
}

/* One that fails, with a comma. */
static void draw_failure(const struct batch *batch, unsigned long long *state,
                         const char *tail, char *step, size_t size) {
  static const char *const short_ones[] = {"503", "429:ra=0", "rst", "503"};
  unsigned kind = below(state, 8);
  unsigned cut = below(state, 20000);

  if (kind < COUNT(short_ones))
    snprintf(step, size, "%s,", short_ones[kind]);
  else if (kind == 4 && !batch->is_quick)
    snprintf(step, size, "429:ra=1,");
  else
    snprintf(step, size, "BODY%s:%s@%u,", tail, kind < 6 ? "close" : "rst",
             cut);
}

/* How many requests it takes. */
static unsigned draw_plan(const struct batch *batch, unsigned long long *state,
                          char *plan, size_t size) {
  static const char *const tails[] = {"", ":chunked", ":chunked=700",
                                      ":etag=v:ranges",
                                      ":chunked:etag=v:ranges"};
  static const unsigned failures_of[] = {0, 1, 1, 1, 2, 2};
  const char *tail = tails[below(state, COUNT(tails))];
  unsigned failures = failures_of[below(state, COUNT(failures_of))];
  const char *faults = getenv("RANDOM_FAULTS");
  size_t used = 0;

  if (faults && !strcmp(faults, "0"))
    failures = 0;
  for (unsigned i = 0; i < failures; i++) {
    draw_failure(batch, state, tail, plan + used, size - used);
    used += strlen(plan + used);
  }
  snprintf(plan + used, size - used, "BODY%s", tail);
  return failures + 1;
}

static unsigned draw(const struct batch *batch, unsigned number,
                     struct transfer *transfer) {
  unsigned long long state = upload_word(batch->seed, number);
  char key[32], plan[256];
  unsigned steps = draw_plan(batch, &state, plan, sizeof plan);

  snprintf(key, sizeof key, "%s%u", batch->name, number);
  /* cuts lie inside of it, also when two of them are resumed */
  transfer_begin(transfer, key, plan, 40001 + below(&state, 30000));
  transfer->stays = below(&state, 4) == 0;
  return steps;
}

static void complain(struct batch *batch, const struct transfer *transfer,
                     const char *trouble, size_t requests) {
  if (!*batch->trouble)
    snprintf(batch->trouble, sizeof batch->trouble,
             "%s: %s: %s (%lld bytes, code %d, %zu requests)", transfer->key,
             transfer->plan, trouble, transfer->got, (int)transfer->code,
             requests);
}

static void add_trouble(struct batch *batch, const char *trouble) {
  size_t used = strlen(batch->trouble);

  snprintf(batch->trouble + used, sizeof batch->trouble - used, " (%s)",
           trouble);
}

static void check(struct batch *batch, const struct transfer *transfer,
                  unsigned steps) {
  const char *trouble = transfer_trouble(transfer);
  size_t requests = server_count(transfer->key);

  if (!trouble && requests != steps)
    trouble = "another number of requests";
  if (trouble)
    complain(batch, transfer, trouble, requests);
}

bool batch_run(struct batch *batch, struct drive *drive) {
  struct transfer *transfers = calloc(batch->count, sizeof *transfers);
  unsigned *steps = calloc(batch->count, sizeof *steps);
  struct crowd crowd = {transfers, batch->count, batch->reads_late};

  drive->data = &crowd;
  curl_multi_setopt(drive->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                    batch->connections);
  for (unsigned i = 0; i < batch->count; i++)
    steps[i] = draw(batch, i, &transfers[i]);
  crowd_add(drive);
  (void)drive_end(drive);
  for (unsigned i = 0; i < batch->count; i++)
    check(batch, &transfers[i], steps[i]);
  if (drive->trouble)
    add_trouble(batch, drive->trouble);
  for (unsigned i = 0; i < batch->count; i++) {
    if (transfers[i].stays)
      drive_remove(drive, transfers[i].curl);
    transfer_end(&transfers[i]);
  }
  free(steps);
  free(transfers);
  drive->data = NULL;
  return !*batch->trouble;
}
