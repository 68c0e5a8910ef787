/* tally.c - see tally.h. */
#include "tally.h"

#include "text.h"

#include <string.h>

void tally_begin(struct tally *tally, enum by by, bool has_calls) {
  memset(tally, 0, sizeof *tally);
  rows_begin(&tally->rows, by);
  tally->from_ms = tally->to_ms = UNKNOWN;
  tally->calls = has_calls ? calls_begin() : NULL;
}

static void add_note(struct tally *tally, const struct record *record) {
  if (strcmp(record->level, "error") != 0 &&
      strcmp(record->level, "warn") != 0)
    return;
  for (size_t i = 0; i < tally->note_count; i++) {
    if (strcmp(tally->notes[i].text, record->text) == 0) {
      tally->notes[i].count++;
      return;
    }
  }
  if (tally->note_count == NOTES_MAX) {
    tally->notes_left++;
    return;
  }
  tally->notes[tally->note_count++] =
      (struct note){text_keep(record->level), text_keep(record->text), 1};
}

static void move_series(struct tally *tally, const struct timeline *before) {
  for (size_t i = 0; i < tally->rows.count; i++)
    series_move(&tally->rows.list[i]->failures, before, &tally->timeline);
  series_move(&tally->rows.other.failures, before, &tally->timeline);
}

static void add_to_timeline(struct tally *tally, struct row *row,
                            const struct record *record) {
  struct timeline before = tally->timeline;
  int64_t at_ms = (int64_t)record->at_ms;
  if (timeline_cover(&tally->timeline, at_ms))
    move_series(tally, &before);
  if (record->event == EVENT_ATTEMPT && record->retry_class != CLASS_NONE)
    series_add(&row->failures, &tally->timeline, at_ms);
}

void tally_add(struct tally *tally, const struct record *record) {
  if (record->event == EVENT_NOTE) {
    add_note(tally, record);
    return;
  }
  struct row *row = rows_find(&tally->rows, record);
  counts_add(&row->counts, record);
  counts_add(&tally->total, record);
  if (!(tally->from_ms <= record->at_ms))
    tally->from_ms = record->at_ms;
  if (!(tally->to_ms >= record->at_ms))
    tally->to_ms = record->at_ms;
  if (record->event == EVENT_ATTEMPT)
    peers_add(&row->peers, record);
  if (tally->calls == NULL)
    return;
  add_to_timeline(tally, row, record);
  calls_add(tally->calls, record, row->key);
}
