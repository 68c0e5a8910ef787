/* test_journal_hops.c - each event is read with the getinfo of its own hop;
 * a journal that was cleared is as a new one, and asks for no memory while
 * responses are small. */
#include "exchange_test.h"

#include "exchange/journal.h"

#include <stdio.h>

#define MEMORY (2 * 1024 * 1024) /* what is held before the file is used */
#define KEPT (64 * 1024)         /* at most kept for the next use */

static char bytes[MEMORY];
static struct way way; /* test_journal_way.c: here all blocks are new */

/* An empty journal, read for the first attempt of a call. */
static void begin(struct journal *journal) {
  way_begin(&way);
  journal_init(journal, "/tmp");
  journal_read(journal, &way, 1);
}

static void append(struct journal *journal, size_t length) {
  const struct event event = {EVENT_HEADER, bytes, length};

  assert_true(journal_append(journal, &event, length));
}

static void mark(struct journal *journal, long status, const char *url) {
  const struct info_view view = {
      .status = status, .has_status = true, .url = url, .scheme = "https"};

  (void)journal_mark(journal, &view, 0);
}

/* The next piece, and the status it is read with; 0: as of now. */
static void assert_next(struct journal *journal, size_t length, long status,
                        const char *url) {
  struct event piece = {0};
  const struct info_view *view;

  assert_int_equal(journal_peek(journal, &piece), 1);
  assert_int_equal(piece.length, length);
  view = journal_view(journal);
  if (!status) {
    assert_null(view);
  } else {
    assert_non_null(view);
    assert_int_equal(view->status, status);
    assert_true(view->has_status);
    assert_string_equal(view->scheme, "https");
    if (url)
      assert_string_equal(view->url, url);
    else
      assert_null(view->url);
  }
  journal_take(journal, piece.length);
}

/* --- hops ------------------------------------------------------------------
 */

static void each_event_has_the_view_of_its_hop(void **state) {
  (void)state;
  char url[] = "https://a.example/one";
  struct journal journal;

  begin(&journal);
  assert_null(journal_view(&journal));
  append(&journal, 10);
  append(&journal, 0);
  mark(&journal, 301, url);
  memcpy(url, "gone", 4); /* it was copied */
  append(&journal, 12);
  mark(&journal, 302, NULL);
  append(&journal, 3);
  append(&journal, 4);
  assert_next(&journal, 10, 301, "https://a.example/one");
  assert_next(&journal, 0, 301, "https://a.example/one");
  assert_next(&journal, 12, 302, NULL);
  assert_next(&journal, 3, 0, NULL);
  mark(&journal, 200, "https://c.example/"); /* while it is read */
  assert_next(&journal, 4, 200, "https://c.example/");
  assert_true(journal_is_empty(&journal));
  assert_null(journal_view(&journal));
  journal_free(&journal);
}

static void a_part_of_an_event_stays_in_its_hop(void **state) {
  (void)state;
  struct event piece = {0};
  struct journal journal;

  begin(&journal);
  append(&journal, 10);
  mark(&journal, 301, NULL);
  append(&journal, 20);
  assert_int_equal(journal_peek(&journal, &piece), 1);
  journal_take(&journal, 9);
  assert_int_equal(journal_view(&journal)->status, 301);
  assert_next(&journal, 1, 301, NULL);
  assert_next(&journal, 20, 0, NULL);
  journal_free(&journal);
}

/* Nothing is shown of a hop without a header callback: its mark is skipped. */
static void a_hop_without_events_has_no_part_in_others(void **state) {
  (void)state;
  struct journal journal;

  begin(&journal);
  mark(&journal, 100, "https://x.example/");
  append(&journal, 1);
  mark(&journal, 301, NULL);
  mark(&journal, 302, NULL);
  mark(&journal, 303, NULL);
  append(&journal, 2);
  mark(&journal, 404, NULL);
  assert_next(&journal, 1, 301, NULL);
  assert_next(&journal, 2, 404, NULL);
  journal_free(&journal);
}

static void there_may_be_any_number_of_hops(void **state) {
  (void)state;
  enum { HOPS = 200 };
  char url[64];
  struct journal journal;

  begin(&journal);
  for (long i = 0; i < HOPS; i++) {
    append(&journal, (size_t)i);
    snprintf(url, sizeof url, "https://a.example/%ld", i);
    mark(&journal, 300 + i, url);
  }
  for (long i = 0; i < HOPS; i++) {
    snprintf(url, sizeof url, "https://a.example/%ld", i);
    assert_next(&journal, (size_t)i, 300 + i, url);
  }
  journal_free(&journal);
}

static void a_hop_in_the_file_ends_there(void **state) {
  (void)state;
  struct journal journal;

  begin(&journal);
  append(&journal, MEMORY - 20);
  append(&journal, 100);
  mark(&journal, 301, NULL);
  append(&journal, 200);
  mark(&journal, 302, NULL);
  append(&journal, 300);
  assert_next(&journal, MEMORY - 20, 301, NULL);
  assert_next(&journal, 100, 301, NULL);
  assert_next(&journal, 200, 302, NULL);
  assert_next(&journal, 300, 0, NULL);
  journal_free(&journal);
}

/* --- the next use ----------------------------------------------------------
 */

static void a_cleared_journal_is_as_a_new_one(void **state) {
  (void)state;
  struct event piece = {0};
  struct journal journal;

  begin(&journal);
  for (int i = 0; i < 3; i++) {
    append(&journal, MEMORY - 100);
    append(&journal, 200);
    mark(&journal, 500, "https://a.example/");
    append(&journal, 300);
    assert_true(journal.spool.file.number >= 0);
    assert_next(&journal, MEMORY - 100, 500, "https://a.example/");
    assert_next(&journal, 200, 500, "https://a.example/");
    assert_int_equal(journal_peek(&journal, &piece), 1);
    journal_take(&journal, 7); /* it is left in the middle */
    journal_clear(&journal);
    assert_true(journal_is_empty(&journal));
    assert_int_equal(journal_peek(&journal, &piece), 0);
    assert_int_equal(journal.spool.file.number, -1);
    assert_int_equal(journal.spool.capacity, 0);
    append(&journal, 8);
    assert_next(&journal, 8, 0, NULL);
    append(&journal, 9);
    mark(&journal, 204, NULL);
    append(&journal, 10);
    assert_next(&journal, 9, 204, NULL);
    assert_next(&journal, 10, 0, NULL);
    journal_clear(&journal);
  }
  journal_free(&journal);
}

/* Neither while it is held nor when it is read. */
static void the_next_small_response_finds_its_memory(void **state) {
  (void)state;
  const void *memory = NULL;
  struct journal journal;

  begin(&journal);
  assert_null(journal.spool.memory);
  for (int i = 0; i < 100; i++) {
    for (size_t line = 0; line < 9; line++)
      append(&journal, 20 + line);
    append(&journal, KEPT - 9 * (9 + 24) - 9);
    if (i)
      assert_ptr_equal(journal.spool.memory, memory);
    memory = journal.spool.memory;
    for (size_t line = 0; line < 9; line++)
      assert_next(&journal, 20 + line, 0, NULL);
    assert_next(&journal, KEPT - 9 * (9 + 24) - 9, 0, NULL);
    journal_clear(&journal);
    assert_ptr_equal(journal.spool.memory, memory);
  }
  assert_null(journal.scratch);
  assert_null(journal.marks);
  append(&journal, KEPT - 8); /* a larger one's isn't kept */
  journal_clear(&journal);
  assert_null(journal.spool.memory);
  journal_free(&journal);
}

int main(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(each_event_has_the_view_of_its_hop),
      cmocka_unit_test(a_part_of_an_event_stays_in_its_hop),
      cmocka_unit_test(a_hop_without_events_has_no_part_in_others),
      cmocka_unit_test(there_may_be_any_number_of_hops),
      cmocka_unit_test(a_hop_in_the_file_ends_there),
      cmocka_unit_test(a_cleared_journal_is_as_a_new_one),
      cmocka_unit_test(the_next_small_response_finds_its_memory),
  };

  fill(bytes, sizeof bytes);
  return cmocka_run_group_tests(all, NULL, NULL);
}
