/* journal.h - events of a response in their order, with the getinfo of their
 * hop. Written and read one piece at a time.
 */
#ifndef CURLRETRY_JOURNAL_H
#define CURLRETRY_JOURNAL_H

#include "exchange/way.h"
#include "host/spool.h"
#include "libcurl/info.h"
#include "program/callback.h"

struct journal_mark {
  int64_t end; /* the hop's events end here */
  struct info_view view;
  char *url;         /* owned */
  uint64_t identity; /* of the hop's block */
  bool is_met;       /* reading came to it */
  bool is_answer;    /* to be read, whatever was shown */
};

struct journal {
  struct spool spool;
  int64_t cursor;             /* read up to here: a record's start */
  size_t part;                /* bytes read of the record at `cursor` */
  size_t length;              /* of that record, as journal_peek() found it */
  struct journal_mark *marks; /* owned */
  size_t mark_count;
  size_t mark_capacity;
  size_t mark_at;  /* the mark of the record at `cursor` */
  struct way *way; /* see journal_read() */
  unsigned attempt;
  char *scratch; /* for records that lie in the file; owned */
  size_t scratch_size;
};

/* An empty journal; its file would lie in `folder`, which must outlive it. */
void journal_init(struct journal *journal, const char *folder);

/* Whether what is large may go to a file; to be called while it is empty. */
void journal_limit(struct journal *journal, bool has_disk);

/* Append the first `length` bytes of an event. False: they can't be kept, and
 * nothing is changed. */
bool journal_append(struct journal *journal, const struct event *event,
                    size_t length);

/* The events since the last mark belong to the hop that `view` tells of; its
 * URL is copied. `identity`: the hop's. Without memory for it they are read
 * with the view of a later hop. */
void journal_mark(struct journal *journal, const struct info_view *view,
                  uint64_t identity);

/* What is there is about to be read for `attempt`: what an earlier one showed
 * of the marked blocks is left out. `way` must outlive the journal's use. */
void journal_read(struct journal *journal, struct way *way, unsigned attempt);

/* The last mark's block turned out to be the answer: it is read, known or
 * not. */
void journal_keep_last(struct journal *journal);

/* What is left of a block that was read in part, by one that paused, goes to
 * `rest`. */
void journal_move_rest(struct journal *journal, struct journal *rest);

/* The next piece: a header line whole, of a body at most CURL_MAX_WRITE_SIZE
 * bytes. Good until the next append. 1: there it is; 0: none is left; -1: it
 * can't be read back. */
int journal_peek(struct journal *journal, struct event *piece);

/* What getinfo is to say of that piece's hop; NULL: as it does now. */
const struct info_view *journal_view(struct journal *journal);

/* The piece, of `length` bytes, is done with. */
void journal_take(struct journal *journal, size_t length);

static inline bool journal_is_empty(const struct journal *journal) {
  return journal->cursor >= spool_size(&journal->spool);
}

/* Forget everything; some memory is kept for the next use. */
void journal_clear(struct journal *journal);

void journal_free(struct journal *journal);

#endif
