/* test_journal.c - what is held comes back as it was: every event in its
 * order, of its kind, in pieces as libcurl would make them, with the getinfo
 * of its hop; in memory, in the file and across the border. */
#include "exchange_test.h"

#include "exchange/journal.h"

#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#define MEMORY (2 * 1024 * 1024) /* what is held before the file is used */
#define HEAD 8                   /* bytes that each event takes besides, */
#define EXTRA (HEAD + 1)         /* with the zero behind it */
#define MOST CURL_MAX_WRITE_SIZE
#define LONGEST (3 * MOST) /* a header line; libcurl's limit is 100 KiB */

/* The events of a test are cut out of these, one after the other. */
static char bytes[MEMORY + 16 * LONGEST];

struct fixture {
  struct journal journal;
  size_t written;
  size_t read;
};

struct piece {
  enum event_kind kind;
  size_t length;
};

static void begin(struct fixture *f, const char *folder) {
  memset(f, 0, sizeof *f);
  journal_init(&f->journal, folder);
}

static bool append(struct fixture *f, enum event_kind kind, size_t length) {
  /* only the first bytes of an event may be meant */
  const struct event event = {kind, bytes + f->written, length + 1};

  assert_true(f->written + length <= sizeof bytes);
  if (!journal_append(&f->journal, &event, length))
    return false;
  f->written += length;
  return true;
}

/* What comes next, without taking it. */
static void assert_next(struct fixture *f, enum event_kind kind,
                        size_t length) {
  struct event piece = {0};

  assert_int_equal(journal_peek(&f->journal, &piece), 1);
  assert_int_equal(piece.kind, kind);
  assert_int_equal(piece.length, length);
  assert_non_null(piece.bytes);
  assert_memory_equal(piece.bytes, bytes + f->read, length);
  if (length == f->journal.length - f->journal.part)
    assert_int_equal(piece.bytes[length], 0);
  assert_false(journal_is_empty(&f->journal));
}

static void take(struct fixture *f, size_t length) {
  journal_take(&f->journal, length);
  f->read += length;
}

static void assert_taken(struct fixture *f, enum event_kind kind,
                         size_t length) {
  assert_next(f, kind, length);
  take(f, length);
}

static void assert_end(struct fixture *f) {
  struct event piece;

  assert_int_equal(f->read, f->written);
  assert_true(journal_is_empty(&f->journal));
  assert_int_equal(journal_peek(&f->journal, &piece), 0);
}

/* A header line that leaves so much room in memory. */
static void fill_up(struct fixture *f, size_t room) {
  assert_true(append(f, EVENT_HEADER, MEMORY - EXTRA - room));
}

/* --- order, kinds, pieces --------------------------------------------------
 */

static void events_come_back_in_order_with_their_kinds(void **state) {
  (void)state;
  static const struct piece events[] = {
      {EVENT_COPY, 17},  {EVENT_HEADER, 17},   {EVENT_COPY, 0},
      {EVENT_HEADER, 0}, {EVENT_BODY, 0},      {EVENT_BODY, 1},
      {EVENT_HEADER, 2}, {EVENT_BODY, MOST},   {EVENT_BODY, 0},
      {EVENT_COPY, 3},   {EVENT_HEADER, 5000}, {EVENT_BODY, 700}};
  struct fixture f;

  begin(&f, "/tmp");
  assert_end(&f);
  for (size_t i = 0; i < COUNT(events); i++)
    assert_true(append(&f, events[i].kind, events[i].length));
  for (size_t i = 0; i < COUNT(events); i++)
    assert_taken(&f, events[i].kind, events[i].length);
  assert_end(&f);
  journal_free(&f.journal);
}

static void only_header_lines_are_longer_than_a_write(void **state) {
  (void)state;
  static const struct {
    struct piece event;
    size_t pieces[4];
  } rows[] = {
      {{EVENT_BODY, MOST - 1}, {MOST - 1}},
      {{EVENT_BODY, MOST}, {MOST}},
      {{EVENT_BODY, MOST + 1}, {MOST, 1}},
      {{EVENT_BODY, 2 * MOST}, {MOST, MOST}},
      {{EVENT_BODY, 3 * MOST - 5}, {MOST, MOST, MOST - 5}},
      {{EVENT_COPY, MOST + 7}, {MOST, 7}},
      {{EVENT_HEADER, MOST}, {MOST}},
      {{EVENT_HEADER, MOST + 1}, {MOST + 1}},
      {{EVENT_HEADER, LONGEST}, {LONGEST}},
  };
  struct fixture f;

  begin(&f, "/tmp");
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_true(append(&f, rows[i].event.kind, rows[i].event.length));
    assert_true(append(&f, EVENT_BODY, 0));
  }
  for (size_t i = 0; i < COUNT(rows); i++) {
    for (size_t k = 0; rows[i].pieces[k]; k++)
      assert_taken(&f, rows[i].event.kind, rows[i].pieces[k]);
    assert_taken(&f, EVENT_BODY, 0);
  }
  assert_end(&f);
  journal_free(&f.journal);
}

static void a_piece_may_be_taken_in_parts(void **state) {
  (void)state;
  struct fixture f;

  begin(&f, "/tmp");
  assert_true(append(&f, EVENT_BODY, 2 * MOST + 1));
  assert_true(append(&f, EVENT_HEADER, MOST + 10));
  assert_next(&f, EVENT_BODY, MOST);
  assert_next(&f, EVENT_BODY, MOST); /* looking takes nothing */
  take(&f, 1);
  assert_taken(&f, EVENT_BODY, MOST);
  assert_next(&f, EVENT_BODY, MOST);
  take(&f, MOST - 1);
  assert_taken(&f, EVENT_BODY, 1);
  assert_next(&f, EVENT_HEADER, MOST + 10);
  take(&f, 4);
  assert_taken(&f, EVENT_HEADER, MOST + 6);
  assert_end(&f);
  journal_free(&f.journal);
}

static void what_is_appended_while_reading_comes_after(void **state) {
  (void)state;
  struct fixture f;

  begin(&f, "/tmp");
  assert_true(append(&f, EVENT_BODY, 10));
  assert_next(&f, EVENT_BODY, 10);
  take(&f, 4);
  assert_true(append(&f, EVENT_COPY, 3 * MOST)); /* its memory moves */
  assert_taken(&f, EVENT_BODY, 6);
  for (int i = 0; i < 3; i++)
    assert_taken(&f, EVENT_COPY, MOST);
  assert_end(&f);
  assert_true(append(&f, EVENT_BODY, 1));
  assert_taken(&f, EVENT_BODY, 1);
  assert_end(&f);
  journal_free(&f.journal);
}

/* --- the file --------------------------------------------------------------
 */

/* Across the border: its head, its bytes, or both lie on two sides. */
static void an_event_may_lie_partly_in_the_file(void **state) {
  (void)state;
  static const size_t rooms[] = {0,     1,         HEAD - 1,     HEAD,
                                 EXTRA, EXTRA + 1, 19,           20,
                                 21,    22,        EXTRA + MOST, LONGEST};
  static const size_t lengths[] = {0, 12, MOST, MOST + 1, LONGEST};
  struct fixture f;

  for (size_t i = 0; i < COUNT(rooms) * COUNT(lengths); i++) {
    size_t room = rooms[i % COUNT(rooms)], most;
    size_t length = lengths[i / COUNT(rooms)], left = length;
    begin(&f, "/tmp");
    fill_up(&f, room);
    assert_int_equal(f.journal.spool.in_memory, MEMORY - room);
    assert_true(append(&f, EVENT_BODY, length));
    assert_true(append(&f, EVENT_HEADER, LONGEST));
    assert_true(append(&f, EVENT_BODY, 0));
    assert_int_equal(spool_size(&f.journal.spool),
                     MEMORY - room + 3 * EXTRA + length + LONGEST);
    assert_int_equal(f.journal.spool.in_memory, MEMORY);
    assert_taken(&f, EVENT_HEADER, MEMORY - EXTRA - room);
    do {
      most = left < MOST ? left : MOST;
      assert_taken(&f, EVENT_BODY, most);
      left -= most;
    } while (left);
    assert_taken(&f, EVENT_HEADER, LONGEST);
    assert_taken(&f, EVENT_BODY, 0);
    assert_end(&f);
    assert_int_equal(f.journal.scratch_size, LONGEST + 1); /* used again */
    journal_free(&f.journal);
  }
}

/* Memory is full up to the head of an event, whose bytes are in the file, as
 * is the event after it; the file then loses its last byte. */
static int lose_the_file(struct fixture *f) {
  int file;

  fill_up(f, HEAD);
  assert_true(append(f, EVENT_BODY, 100));
  assert_true(append(f, EVENT_BODY, 100));
  assert_taken(f, EVENT_HEADER, MEMORY - EXTRA - HEAD);
  assert_next(f, EVENT_BODY, 100);
  file = f->journal.spool.file.number;
  assert_int_equal(ftruncate(file, EXTRA + 200), 0);
  return file;
}

/* Whose are the others, then? Not one of them is taken for ours. */
static void a_file_that_lost_a_byte_has_none(void **state) {
  (void)state;
  struct event piece;
  struct fixture f;

  for (int i = 0; i < 2; i++) {
    int file;
    begin(&f, "/tmp");
    file = lose_the_file(&f);
    if (i)
      take(&f, 100);
    assert_int_equal(journal_peek(&f.journal, &piece), -1); /* bytes; head */
    assert_false(journal_is_empty(&f.journal));
    assert_false(append(&f, EVENT_BODY, 1));
    assert_int_equal(journal_peek(&f.journal, &piece), -1);
    journal_free(&f.journal);
    assert_int_equal(close(file), 0); /* it was not the journal's to close */
  }
}

static void what_lies_in_memory_outlives_the_file(void **state) {
  (void)state;
  struct event piece;
  struct fixture f;
  int file;

  begin(&f, "/tmp");
  fill_up(&f, EXTRA + 50 + HEAD);
  assert_true(append(&f, EVENT_COPY, 50));
  assert_true(append(&f, EVENT_BODY, 100));
  file = f.journal.spool.file.number;
  assert_int_equal(ftruncate(file, 0), 0);
  assert_taken(&f, EVENT_HEADER, MEMORY - 2 * EXTRA - 50 - HEAD);
  assert_taken(&f, EVENT_COPY, 50);
  assert_int_equal(journal_peek(&f.journal, &piece), -1);
  journal_clear(&f.journal);
  f.read = f.written = 0;
  fill_up(&f, 0); /* the next events get another file */
  assert_true(append(&f, EVENT_BODY, 100));
  assert_int_not_equal(f.journal.spool.file.number, file);
  assert_taken(&f, EVENT_HEADER, MEMORY - EXTRA);
  assert_taken(&f, EVENT_BODY, 100);
  assert_end(&f);
  journal_free(&f.journal);
  assert_int_equal(close(file), 0);
}

/* --- what can't be kept ----------------------------------------------------
 */

/* The event is refused, and not a byte more is held than before. */
static void assert_refused(struct fixture *f, enum event_kind kind,
                           size_t length) {
  int64_t size = spool_size(&f->journal.spool);

  assert_false(append(f, kind, length));
  assert_int_equal(spool_size(&f->journal.spool), size);
}

static void without_a_file_only_what_fits_is_kept(void **state) {
  (void)state;
  static const struct {
    size_t room, fits; /* SIZE_MAX: nothing, an empty event neither */
  } rows[] = {{0, SIZE_MAX},  {EXTRA - 1, SIZE_MAX}, {EXTRA, 0},
              {EXTRA + 1, 1}, {EXTRA + 100, 100},    {EXTRA + MOST, MOST}};
  struct fixture f;

  for (size_t i = 0; i < COUNT(rows); i++) {
    begin(&f, "/no/such/folder");
    fill_up(&f, rows[i].room);
    assert_refused(&f, EVENT_BODY, rows[i].fits + 1);
    assert_refused(&f, EVENT_COPY, LONGEST);
    if (rows[i].fits != SIZE_MAX)
      assert_true(append(&f, EVENT_BODY, rows[i].fits));
    assert_refused(&f, EVENT_BODY, 0);
    assert_taken(&f, EVENT_HEADER, MEMORY - EXTRA - rows[i].room);
    if (rows[i].fits != SIZE_MAX)
      assert_taken(&f, EVENT_BODY, rows[i].fits);
    assert_end(&f);
    journal_free(&f.journal);
  }
}

static void a_file_that_may_not_grow_leaves_what_was_kept(void **state) {
  (void)state;
  struct rlimit limit, was;
  struct fixture f;

  begin(&f, "/tmp");
  fill_up(&f, 3);
  assert_true(append(&f, EVENT_BODY, 1000));
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
  limit = (struct rlimit){EXTRA - 3 + 1000 + EXTRA + 400, was.rlim_max};
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  bool is_too_much_kept = append(&f, EVENT_BODY, 401);
  bool is_rest_kept = append(&f, EVENT_HEADER, 400);
  bool is_nothing_kept = append(&f, EVENT_BODY, 0);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
  assert_false(is_too_much_kept);
  assert_true(is_rest_kept);
  assert_false(is_nothing_kept);
  assert_true(append(&f, EVENT_BODY, 401));
  assert_taken(&f, EVENT_HEADER, MEMORY - EXTRA - 3);
  assert_taken(&f, EVENT_BODY, 1000);
  assert_taken(&f, EVENT_HEADER, 400);
  assert_taken(&f, EVENT_BODY, 401);
  assert_end(&f);
  journal_free(&f.journal);
}

int main(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(events_come_back_in_order_with_their_kinds),
      cmocka_unit_test(only_header_lines_are_longer_than_a_write),
      cmocka_unit_test(a_piece_may_be_taken_in_parts),
      cmocka_unit_test(what_is_appended_while_reading_comes_after),
      cmocka_unit_test(an_event_may_lie_partly_in_the_file),
      cmocka_unit_test(a_file_that_lost_a_byte_has_none),
      cmocka_unit_test(what_lies_in_memory_outlives_the_file),
      cmocka_unit_test(without_a_file_only_what_fits_is_kept),
      cmocka_unit_test(a_file_that_may_not_grow_leaves_what_was_kept),
  };

  fill(bytes, sizeof bytes);
  return cmocka_run_group_tests(all, NULL, NULL);
}
