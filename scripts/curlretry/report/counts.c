/* counts.c - see counts.h. */
#include "counts.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

static double known(double number) { return isnan(number) ? 0 : number; }

static void add_attempt(struct counts *counts, const struct record *record) {
  counts->attempts++;
  spread_add(&counts->attempt_ms, record->total);
  if (record->retry_class == CLASS_NONE)
    return;
  counts->classes[record->retry_class]++;
  counts->failed_ms += known(record->total);
  counts->injected += record->injected ? 1 : 0;
}

static void add_call(struct counts *counts, const struct record *record) {
  counts->calls++;
  counts->outcomes[record->outcome]++;
  counts->waited_ms += known(record->waited_ms);
  counts->bytes_up += known(record->bytes_up);
  counts->bytes_down += known(record->bytes_down);
  spread_add(&counts->call_ms, record->total_ms);
}

void counts_add(struct counts *counts, const struct record *record) {
  if (record->event == EVENT_ATTEMPT)
    add_attempt(counts, record);
  else
    add_call(counts, record);
}

void counts_merge(struct counts *into, const struct counts *from) {
  into->calls += from->calls;
  for (int i = 0; i < OUTCOME_COUNT; i++)
    into->outcomes[i] += from->outcomes[i];
  into->attempts += from->attempts;
  for (int i = 0; i < CLASS_COUNT; i++)
    into->classes[i] += from->classes[i];
  into->injected += from->injected;
  into->waited_ms += from->waited_ms;
  into->failed_ms += from->failed_ms;
  into->bytes_up += from->bytes_up;
  into->bytes_down += from->bytes_down;
  spread_merge(&into->attempt_ms, &from->attempt_ms);
  spread_merge(&into->call_ms, &from->call_ms);
}

uint64_t counts_failures(const uint64_t *classes) {
  uint64_t failures = 0;
  for (int i = 0; i < CLASS_COUNT; i++)
    failures += classes[i];
  return failures;
}

static struct peer *find(struct peers *peers, const char *name) {
  for (size_t i = 0; i < peers->count; i++) {
    size_t at = (peers->last + i) % peers->count;
    if (strcmp(peers->list[at].name, name) == 0) {
      peers->last = at;
      return &peers->list[at];
    }
  }
  return NULL;
}

static struct peer *make_room(struct peers *peers) {
  if (peers->count < PEERS_MAX)
    return &peers->list[peers->count++];
  for (size_t i = 0; i < PEERS_MAX; i++) {
    struct peer *peer = &peers->list[i];
    if (counts_failures(peer->classes) != 0)
      continue;
    free(peer->name);
    memset(peer, 0, sizeof *peer);
    return peer;
  }
  return NULL;
}

void peers_add(struct peers *peers, const struct record *record) {
  bool is_failure = record->retry_class != CLASS_NONE;
  if (record->peer == NULL)
    return;
  struct peer *peer = find(peers, record->peer);
  if (peer == NULL && (is_failure || peers->count < PEERS_MAX)) {
    peer = make_room(peers);
    if (peer != NULL)
      peer->name = text_keep(record->peer);
  }
  if (peer == NULL)
    return;
  peer->attempts++;
  if (is_failure)
    peer->classes[record->retry_class]++;
}

const struct peer *peers_worst(const struct peers *peers) {
  const struct peer *worst = NULL;
  uint64_t most = 0;
  for (size_t i = 0; i < peers->count; i++) {
    uint64_t failures = counts_failures(peers->list[i].classes);
    if (failures > most) {
      most = failures;
      worst = &peers->list[i];
    }
  }
  return worst;
}

void peers_free(struct peers *peers) {
  for (size_t i = 0; i < peers->count; i++)
    free(peers->list[i].name);
  memset(peers, 0, sizeof *peers);
}
