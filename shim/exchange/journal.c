/* A record is its head, its bytes and a zero, one after the other in the
 * spool. */
#include "exchange/journal.h"

#include <stdlib.h>
#include <string.h>

#define JOURNAL_MEMORY (2 * 1024 * 1024) /* then the file */
#define JOURNAL_KEEP (64 * 1024)         /* kept between calls */
#define MARKS_FIRST 4

void journal_init(struct journal *journal, const char *folder) {
  memset(journal, 0, sizeof(*journal));
  spool_init(&journal->spool, folder);
  journal_limit(journal, true);
}

void journal_limit(struct journal *journal, bool has_disk) {
  spool_limit(&journal->spool, has_disk ? JOURNAL_MEMORY : INT64_MAX,
              has_disk ? INT64_MAX : 0);
}

bool journal_append_elsewhere(struct journal *journal,
                              const struct event *event, size_t length) {
  const struct journal_record record = {(uint32_t)length,
                                        (uint32_t)event->kind};
  struct spool *spool = &journal->spool;
  size_t done = sizeof(record);

  if (length > UINT32_MAX || spool_append(spool, &record, sizeof(record)))
    return false;
  if (!length || !spool_append(spool, event->bytes, length)) {
    done += length;
    if (!spool_append(spool, "", 1))
      return true;
  }
  spool_drop(spool, done);
  return false;
}

/* Room for another mark. */
static bool grow(struct journal *journal) {
  size_t capacity = journal->mark_capacity * 2 + MARKS_FIRST;
  struct journal_mark *marks;

  if (journal->mark_count < journal->mark_capacity)
    return true;
  marks = realloc(journal->marks, capacity * sizeof(*marks));
  if (!marks)
    return false;
  journal->marks = marks;
  journal->mark_capacity = capacity;
  return true;
}

bool journal_reserve(struct journal *journal, const struct journal *like) {
  size_t size = like->spool.capacity;

  return spool_reserve(&journal->spool,
                       size < JOURNAL_KEEP ? size : JOURNAL_KEEP) &&
         grow(journal);
}

bool journal_mark(struct journal *journal, const struct info_view *view,
                  uint64_t identity) {
  struct journal_mark *mark;

  if (!grow(journal)) {
    journal->lacks_mark = true;
    return false;
  }
  mark = &journal->marks[journal->mark_count++];
  mark->end = spool_size(&journal->spool);
  mark->view = *view;
  mark->url = view->url ? strdup(view->url) : NULL;
  mark->view.url = mark->url;
  mark->identity = identity;
  mark->is_met = mark->is_answer = false;
  return true;
}

void journal_extend_last(struct journal *journal) {
  if (journal->mark_count)
    journal->marks[journal->mark_count - 1].end = spool_size(&journal->spool);
}

bool journal_ends_with_mark(const struct journal *journal) {
  return journal->mark_count && journal->marks[journal->mark_count - 1].end ==
                                    spool_size(&journal->spool);
}

void journal_read(struct journal *journal, struct way *way, unsigned attempt) {
  journal->way = way;
  journal->attempt = attempt;
}

void journal_keep_last(struct journal *journal) {
  if (journal->mark_count)
    journal->marks[journal->mark_count - 1].is_answer = true;
}

/* `length` bytes at `offset`, some of which lie in the file, or the zero.
 * NULL: they can't be read back. */
static char *fetch(struct journal *journal, int64_t offset, size_t length) {
  if (length >= journal->scratch_size) {
    char *scratch = realloc(journal->scratch, length + 1);
    if (!scratch)
      return NULL;
    journal->scratch = scratch;
    journal->scratch_size = length + 1;
  }
  if (spool_read(&journal->spool, offset, journal->scratch, length) !=
      (int64_t)length)
    return NULL;
  journal->scratch[length] = 0;
  return journal->scratch;
}

/* The bytes at `offset`: in place where they lie in memory, and one more. */
static inline char *look(struct journal *journal, int64_t offset,
                         size_t length) {
  size_t available;
  const unsigned char *view = spool_view(&journal->spool, offset, &available);

  if (view && available > length)
    return (char *)(uintptr_t)view;
  return fetch(journal, offset, length);
}

static bool read_head(struct journal *journal, struct journal_record *record) {
  const char *head = look(journal, journal->cursor, sizeof(*record));

  if (head)
    memcpy(record, head, sizeof(*record));
  return head != NULL;
}

struct journal_mark *journal_mark_here(struct journal *journal) {
  struct journal_mark *mark;

  for (; journal->mark_at < journal->mark_count; journal->mark_at++) {
    mark = &journal->marks[journal->mark_at];
    if (journal->cursor < mark->end && !mark->is_met && !mark->is_answer &&
        way_knows(journal->way, mark->identity, journal->attempt))
      journal->cursor = mark->end;
    mark->is_met = true;
    if (journal->cursor < mark->end)
      return mark;
  }
  return NULL;
}

int journal_peek_elsewhere(struct journal *journal, struct event *piece) {
  struct journal_record record;

  (void)journal_mark_here(journal);
  if (journal_is_empty(journal))
    return 0;
  if (!read_head(journal, &record))
    return -1;
  journal->length = record.length;
  piece->kind = (enum event_kind)record.kind;
  piece->length = record.length - journal->part;
  if (piece->length > CURL_MAX_WRITE_SIZE && piece->kind != EVENT_HEADER)
    piece->length = CURL_MAX_WRITE_SIZE;
  piece->bytes = look(
      journal, journal->cursor + (int64_t)(sizeof(record) + journal->part),
      piece->length);
  return piece->bytes ? 1 : -1;
}

bool journal_move_rest(struct journal *journal, struct journal *rest) {
  const struct journal_mark *mark;
  struct event piece;

  if (journal->lacks_mark)
    return !journal->cursor || journal_is_empty(journal);
  if (journal->mark_at == journal->mark_count)
    return true;
  mark = journal->marks + journal->mark_at;
  if (!mark->is_met || journal->cursor >= mark->end)
    return true;
  while (journal->cursor < mark->end && journal_peek(journal, &piece) > 0) {
    if (!journal_append(rest, &piece, piece.length))
      return false;
    journal_take(journal, piece.length);
  }
  if (!journal_mark(rest, &mark->view, mark->identity))
    return false;
  journal_keep_last(rest);
  return true;
}

static void drop_marks(struct journal *journal) {
  for (size_t i = 0; i < journal->mark_count; i++)
    free(journal->marks[i].url);
  journal->mark_count = 0;
  journal->mark_at = 0;
}

void journal_clear(struct journal *journal) {
  if (journal->mark_count)
    drop_marks(journal);
  spool_clear(&journal->spool, JOURNAL_KEEP);
  journal->cursor = 0;
  journal->part = 0;
  journal->lacks_mark = false;
}

void journal_free(struct journal *journal) {
  drop_marks(journal);
  free(journal->marks);
  free(journal->scratch);
  spool_clear(&journal->spool, 0);
  memset(journal, 0, sizeof(*journal));
  journal->spool.file = descriptor_none();
}
