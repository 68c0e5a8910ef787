/* journal.h - events of a response in their order, with the getinfo of their
 * hop. Written and read one piece at a time.
 */
#ifndef CURLRETRY_JOURNAL_H
#define CURLRETRY_JOURNAL_H

#include "exchange/way.h"
#include "host/spool.h"
#include "libcurl/info.h"
#include "program/callback.h"

#include <string.h>

/* What stands before an event's bytes, in the spool. Behind them is a zero, as
 * behind libcurl's own lines and pieces: many programs take a line for a
 * string, or write the zero themselves, where the next record would begin. */
struct journal_record {
  uint32_t length;
  uint32_t kind;
};

/* What a record needs of it. */
static inline size_t journal_record_size(size_t length) {
  return sizeof(struct journal_record) + length + 1;
}

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
  bool lacks_mark; /* there was no memory for one */
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

/* Where there is no room in the memory at hand. */
bool journal_append_elsewhere(struct journal *journal,
                              const struct event *event, size_t length);

/* Append the first `length` bytes of an event. False: they can't be kept, and
 * nothing is changed. Inline, as what reads it: each header line comes by. */
static inline bool journal_append(struct journal *journal,
                                  const struct event *event, size_t length) {
  const struct journal_record record = {(uint32_t)length,
                                        (uint32_t)event->kind};
  unsigned char *room =
      spool_room(&journal->spool, journal_record_size(length));

  if (!room)
    return journal_append_elsewhere(journal, event, length);
  memcpy(room, &record, sizeof(record));
  memcpy(room + sizeof(record), event->bytes, length);
  room[sizeof(record) + length] = 0;
  return true;
}

/* Room for the headers of a retry, which takes the same way as the attempt
 * before it: as much as `like`, that one's, has. False: there is no memory. */
bool journal_reserve(struct journal *journal, const struct journal *like);

/* The events since the last mark belong to the hop that `view` tells of; its
 * URL is copied. `identity`: the hop's. False: without memory for it they are
 * read with the view of a later hop, by no retry known as shown, and
 * journal_move_rest() doesn't know them. */
bool journal_mark(struct journal *journal, const struct info_view *view,
                  uint64_t identity);

/* What came since the last mark, if there is one, is of its hop, too. */
void journal_extend_last(struct journal *journal);

/* Whether the last mark is at its end: nothing came since. */
bool journal_ends_with_mark(const struct journal *journal);

/* What is there is about to be read for `attempt`: what an earlier one showed
 * of the marked blocks is left out. `way` must outlive the journal's use. */
void journal_read(struct journal *journal, struct way *way, unsigned attempt);

/* The last mark's block turned out to be the answer: it is read, known or
 * not. */
void journal_keep_last(struct journal *journal);

/* What is left of a block that was read in part, by one that paused, goes to
 * `rest`. False: not all of it, for lack of memory, then or at its mark; no
 * byte is lost. */
bool journal_move_rest(struct journal *journal, struct journal *rest);

/* Where there are marks, or a record that is large, partly read, or not in
 * memory. */
int journal_peek_elsewhere(struct journal *journal, struct event *piece);

/* The next piece: a header line whole, of a body at most CURL_MAX_WRITE_SIZE
 * bytes, and a zero behind it. Good until the next append. 1: there it is; 0:
 * none is left; -1: it can't be read back. */
static inline int journal_peek(struct journal *journal, struct event *piece) {
  const struct spool *spool = &journal->spool;
  const unsigned char *at = spool->memory + journal->cursor;
  int64_t left = (int64_t)spool->in_memory - journal->cursor;
  struct journal_record record;
  struct event other; /* so that the piece of most needn't lie in memory */
  int there;

  if (left >= (int64_t)sizeof(record) && !journal->part &&
      journal->mark_at >= journal->mark_count) {
    memcpy(&record, at, sizeof(record));
    left -= (int64_t)journal_record_size(record.length);
    if (left >= 0 && record.length <= CURL_MAX_WRITE_SIZE) {
      journal->length = record.length;
      *piece = (struct event){(enum event_kind)record.kind,
                              (char *)(uintptr_t)(at + sizeof(record)),
                              record.length};
      return 1;
    }
  }
  there = journal_peek_elsewhere(journal, &other);
  if (there > 0)
    *piece = other;
  return there;
}

/* The mark of the record at the cursor; NULL: none. */
struct journal_mark *journal_mark_here(struct journal *journal);

/* What getinfo is to say of that piece's hop; NULL: as it does now. */
static inline const struct info_view *journal_view(struct journal *journal) {
  struct journal_mark *mark = journal->mark_at < journal->mark_count
                                  ? journal_mark_here(journal)
                                  : NULL;

  return mark ? &mark->view : NULL;
}

/* The piece, of `length` bytes, is done with. */
static inline void journal_take(struct journal *journal, size_t length) {
  size_t part = journal->part + length;

  if (part < journal->length) {
    journal->part = part;
    return;
  }
  journal->cursor += (int64_t)journal_record_size(journal->length);
  journal->part = 0;
}

static inline bool journal_is_empty(const struct journal *journal) {
  return journal->cursor >= spool_size(&journal->spool);
}

/* Forget everything; some memory is kept for the next use. */
void journal_clear(struct journal *journal);

void journal_free(struct journal *journal);

#endif
