/* rows.c - see rows.h. */
#include "rows.h"

#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACES 32768   /* a power of 2, so many times ROWS_MAX */
#define HOUR_LENGTH 13 /* "2026-11-26T17" */

const char *const rows_by_names[BY_COUNT] = {"host", "peer", "program", "url",
                                             "hour"};

void rows_begin(struct rows *rows, enum by by) {
  size_t size = PLACES * sizeof *rows->places;
  memset(rows, 0, sizeof *rows);
  rows->by = by;
  rows->list = text_room(NULL, (ROWS_MAX + 1) * sizeof(struct row *));
  rows->places = memset(text_room(NULL, size), 0, size);
}

static const char *host_of(const struct record *record) {
  static char proxy[RECORD_TEXT_SIZE];
  if (!record->at_proxy)
    return record->host;
  (void)snprintf(proxy, sizeof proxy, "proxy %s",
                 record->proxy != NULL ? record->proxy : "unknown");
  return proxy;
}

const char *rows_key(enum by by, const struct record *record) {
  static char hour[HOUR_LENGTH + 1];
  switch (by) {
  case BY_PEER:
    return record->peer != NULL ? record->peer : "unknown";
  case BY_PROGRAM:
    return record->program != NULL ? record->program : "unknown";
  case BY_URL:
    return record->url;
  case BY_HOUR:
    return memcpy(hour, record->time, HOUR_LENGTH);
  default:
    return host_of(record);
  }
}

/* FNV-1a */
static uint64_t hash_of(const char *key) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (; *key != '\0'; key++)
    hash = (hash ^ (unsigned char)*key) * 0x100000001b3u;
  return hash ^ hash >> 32;
}

/* Where the key's row is, or would be. */
static uint16_t *place_of(const struct rows *rows, uint64_t hash,
                          const char *key) {
  for (size_t at = hash % PLACES;; at = (at + 1) % PLACES) {
    uint16_t place = rows->places[at];
    if (place == 0)
      return &rows->places[at];
    const struct row *row = rows->list[place - 1];
    if (row->hash == hash && strcmp(row->key, key) == 0)
      return &rows->places[at];
  }
}

static void find_places(struct rows *rows) {
  memset(rows->places, 0, PLACES * sizeof *rows->places);
  for (size_t i = 0; i < rows->count; i++)
    *place_of(rows, rows->list[i]->hash, rows->list[i]->key) =
        (uint16_t)(i + 1);
}

/* Which comes first: less than 0, the first. */
static int compare_counts(uint64_t first, uint64_t second) {
  return first > second ? -1 : first < second;
}

static int compare_rows(const void *first, const void *second) {
  const struct row *one = *(struct row *const *)first;
  const struct row *two = *(struct row *const *)second;
  const struct counts *a = &one->counts;
  const struct counts *b = &two->counts;
  int order =
      compare_counts(a->outcomes[OUTCOME_FAILED], b->outcomes[OUTCOME_FAILED]);
  if (order == 0)
    order = compare_counts(a->outcomes[OUTCOME_RESCUED],
                           b->outcomes[OUTCOME_RESCUED]);
  if (order == 0)
    order = compare_counts(counts_failures(a->classes),
                           counts_failures(b->classes));
  if (order == 0)
    order = compare_counts(a->calls, b->calls);
  return order != 0 ? order : strcmp(one->key, two->key);
}

static int compare_keys(const void *first, const void *second) {
  return strcmp((*(struct row *const *)first)->key,
                (*(struct row *const *)second)->key);
}

static void join(struct rows *rows, struct row *row) {
  if (rows->other.key == NULL)
    rows->other.key = text_keep(ROWS_OTHER);
  counts_merge(&rows->other.counts, &row->counts);
  series_merge(&rows->other.failures, &row->failures);
  rows->joined++;
  spread_free(&row->counts.attempt_ms);
  spread_free(&row->counts.call_ms);
  series_free(&row->failures);
  peers_free(&row->peers);
  free(row->key);
  free(row);
}

static void keep_worst(struct rows *rows, size_t most) {
  qsort(rows->list, rows->count, sizeof(struct row *), compare_rows);
  while (rows->count > most)
    join(rows, rows->list[--rows->count]);
}

struct row *rows_find(struct rows *rows, const struct record *record) {
  const char *key = rows_key(rows->by, record);
  uint64_t hash = hash_of(key);
  uint16_t *place = place_of(rows, hash, key);
  if (*place != 0)
    return rows->list[*place - 1];
  if (rows->count == ROWS_MAX) {
    keep_worst(rows, ROWS_MAX / 2);
    find_places(rows);
    place = place_of(rows, hash, key);
  }
  struct row *row = text_room(NULL, sizeof *row);
  memset(row, 0, sizeof *row);
  row->key = text_keep(key);
  row->hash = hash;
  rows->list[rows->count++] = row;
  *place = (uint16_t)rows->count;
  return row;
}

void rows_sort(struct rows *rows, size_t most) {
  keep_worst(rows, most);
  if (rows->by == BY_HOUR)
    qsort(rows->list, rows->count, sizeof(struct row *), compare_keys);
  find_places(rows);
}

const struct row *rows_at(const struct rows *rows, size_t index) {
  if (index < rows->count)
    return rows->list[index];
  return index == rows->count && rows->other.key != NULL ? &rows->other : NULL;
}
