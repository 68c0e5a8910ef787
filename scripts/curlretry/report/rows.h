/* rows.h - the rows of the report, each with the counts of its key.
 *
 * At most ROWS_MAX: when one more comes, the half with the fewest failed and
 * then the fewest calls joins a row "(other)". So memory stays as it is
 * whatever number of URLs a trace holds, and what fails or comes often is
 * seen, if perhaps counted only from its return on.
 */
#ifndef CURLRETRY_ROWS_H
#define CURLRETRY_ROWS_H

#include "counts.h"
#include "timeline.h"

#define ROWS_MAX 8192
#define ROWS_OTHER "(other)"

enum by { BY_HOST, BY_PEER, BY_PROGRAM, BY_URL, BY_HOUR, BY_COUNT };

/* "host" ... */
extern const char *const rows_by_names[BY_COUNT];

struct row {
  char *key;
  uint64_t hash;
  struct counts counts;
  struct peers peers;
  struct series failures; /* over time, where that is asked for */
};

struct rows {
  enum by by;
  struct row **list; /* in no order before rows_sort() */
  size_t count;
  uint64_t joined;  /* rows that became a part of `other` */
  struct row other; /* where its key isn't NULL */
  uint16_t *places; /* by hash: an index into the list, plus 1 */
};

void rows_begin(struct rows *rows, enum by by);

/* The row of an attempt or call, also a new one. Its key, too: the text that
 * the row is named after, until the next record. */
struct row *rows_find(struct rows *rows, const struct record *record);
const char *rows_key(enum by by, const struct record *record);

/* The worst first (most failed calls, rescued ones, failed attempts, calls),
 * hours as they came; what is behind the first `most` joins "(other)". */
void rows_sort(struct rows *rows, size_t most);

/* The row of an index from 0 on, "(other)" last; NULL: there are no more. */
const struct row *rows_at(const struct rows *rows, size_t index);

#endif
