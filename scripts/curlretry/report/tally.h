/* tally.h - everything that a report says of a trace, as it is read. */
#ifndef CURLRETRY_TALLY_H
#define CURLRETRY_TALLY_H

#include "calls.h"
#include "rows.h"

#define NOTES_MAX 8

struct note {
  char *level, *text;
  uint64_t count;
};

struct tally {
  struct rows rows;
  struct counts total;
  uint64_t lines, torn, foreign;
  double from_ms, to_ms; /* of attempts and calls; UNKNOWN: there are none */

  /* The first few texts of notes of the levels "error" and "warn". */
  struct note notes[NOTES_MAX];
  size_t note_count;
  uint64_t notes_left; /* others of these */

  /* For the page: NULL and unused where none is asked for. */
  struct calls *calls;
  struct timeline timeline;
};

void tally_begin(struct tally *tally, enum by by, bool has_calls);
void tally_add(struct tally *tally, const struct record *record);

#endif
