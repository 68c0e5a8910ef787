/* test_journal_way.c - what of a journal is read by which attempt: each block
 * once. */
#include "unit_test.h"

#include "exchange/journal.h"

static struct way way;

static int begin(void **unused) {
  (void)unused;
  way_begin(&way);
  return 0;
}

static void write_lines(struct journal *journal, const char *lines) {
  for (; *lines; lines++) {
    struct event line = {EVENT_HEADER, (char *)(uintptr_t)lines, 1};
    assert_true(journal_append(journal, &line, 1));
  }
}

static void write_block(struct journal *journal, const char *lines,
                        uint64_t identity) {
  static const struct info_view view;

  write_lines(journal, lines);
  (void)journal_mark(journal, &view, identity);
}

/* The next `most` lines. */
static void read_lines(struct journal *journal, unsigned attempt, size_t most,
                       const char *expected) {
  struct event piece;
  char text[64];
  size_t n = 0;

  journal_read(journal, &way, attempt);
  while (n < most && journal_peek(journal, &piece) > 0) {
    text[n++] = *piece.bytes;
    journal_take(journal, piece.length);
  }
  text[n] = 0;
  assert_string_equal(text, expected);
}

static void check(unsigned attempt, const char *one, uint64_t identity,
                  const char *two, size_t most, const char *expected) {
  struct journal journal;

  journal_init(&journal, "/tmp");
  write_block(&journal, one, identity);
  write_lines(&journal, two);
  read_lines(&journal, attempt, most, expected);
  journal_free(&journal);
}

static void a_known_block_is_read_once(void **unused) {
  (void)unused;
  check(1, "ab", 1, "", 9, "ab");
  check(2, "ab", 1, "xy", 9, "xy");
  check(3, "abc", 1, "xy", 9, "xy");
}

static void another_block_is_read(void **unused) {
  (void)unused;
  check(1, "ab", 1, "", 9, "ab");
  check(2, "cd", 2, "", 9, "cd");
  check(3, "ab", 1, "x", 9, "x");
  check(3, "cd", 2, "x", 9, "x");
}

static void equal_blocks_of_one_attempt_are_all_read(void **unused) {
  (void)unused;
  check(1, "ab", 1, "", 9, "ab");
  check(1, "cd", 1, "", 9, "cd");
  check(2, "ab", 1, "", 9, "");
  check(2, "cd", 1, "", 9, "");
  check(2, "ef", 1, "", 9, "ef");
}

/* Also where the next attempt doesn't meet it again. */
static void what_a_pause_left_of_a_block_goes_on(void **unused) {
  struct journal journal, rest;

  (void)unused;
  journal_init(&journal, "/tmp");
  journal_init(&rest, "/tmp");
  write_block(&journal, "abcd", 1);
  write_block(&journal, "ef", 2);
  (void)journal_move_rest(&journal, &rest);
  assert_true(journal_is_empty(&rest)); /* nothing was read */
  read_lines(&journal, 1, 2, "ab");
  (void)journal_move_rest(&journal, &rest);
  read_lines(&rest, 2, 9, "cd");
  check(2, "abcd", 1, "x", 9, "x"); /* it is known */
  check(2, "ef", 2, "x", 9, "efx"); /* and this one new */
  (void)journal_move_rest(&journal, &rest);
  assert_true(journal_is_empty(&rest));
  journal_free(&journal);
  journal_free(&rest);
}

/* Half a block was shown, and then the next answer. */
static void a_rest_without_room_stays_where_it_is(void **unused) {
  struct journal journal, rest;

  (void)unused;
  journal_init(&journal, "/tmp");
  journal_init(&rest, "/tmp");
  spool_limit(&rest.spool, 0, 0);
  write_block(&journal, "abcd", 1);
  read_lines(&journal, 1, 2, "ab");
  assert_false(journal_move_rest(&journal, &rest));
  assert_true(journal_is_empty(&rest));
  read_lines(&journal, 1, 9, "cd");
  journal_clear(&journal);
  write_block(&journal, "abcd", 3);
  journal.lacks_mark = true; /* nor is anything known of such a block */
  assert_true(journal_move_rest(&journal, &rest));
  read_lines(&journal, 1, 2, "ab");
  assert_false(journal_move_rest(&journal, &rest));
  read_lines(&journal, 1, 9, "cd");
  assert_true(journal_move_rest(&journal, &rest));
  journal_free(&journal);
  journal_free(&rest);
}

static void the_answer_is_read_known_or_not(void **unused) {
  struct journal journal;

  (void)unused;
  check(1, "ab", 1, "", 9, "ab");
  journal_init(&journal, "/tmp");
  write_block(&journal, "ab", 1);
  journal_keep_last(&journal);
  read_lines(&journal, 2, 9, "ab");
  journal_free(&journal);
}

static void what_is_beyond_memory_is_shown_again(void **unused) {
  (void)unused;
  for (uint64_t i = 0; i < WAY_BLOCKS + 3; i++)
    check(1, "a", i, "", 9, "a");
  for (uint64_t i = 0; i < WAY_BLOCKS + 3; i++)
    check(2, "a", i, "", 9, i < WAY_BLOCKS ? "" : "a");
}

static void a_retry_has_room_for_the_same_way(void **state) {
  struct journal first, second;
  const unsigned char *memory;
  const struct journal_mark *marks;

  (void)state;
  journal_init(&first, "/tmp");
  journal_init(&second, "/tmp");
  for (int i = 0; i < 300; i++)
    write_block(&first, "abcdefg", 1);
  assert_true(journal_reserve(&second, &first));
  memory = second.spool.memory;
  marks = second.marks;
  for (int i = 0; i < 300; i++)
    write_lines(&second, "abcdefg");
  assert_true(journal_mark(&second, &(struct info_view){.status = 302}, 1));
  assert_ptr_equal(second.spool.memory, memory);
  assert_ptr_equal(second.marks, marks);
  journal_free(&first);
  journal_free(&second);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(a_known_block_is_read_once, begin),
      cmocka_unit_test_setup(another_block_is_read, begin),
      cmocka_unit_test_setup(equal_blocks_of_one_attempt_are_all_read, begin),
      cmocka_unit_test_setup(what_a_pause_left_of_a_block_goes_on, begin),
      cmocka_unit_test_setup(a_rest_without_room_stays_where_it_is, begin),
      cmocka_unit_test_setup(the_answer_is_read_known_or_not, begin),
      cmocka_unit_test_setup(what_is_beyond_memory_is_shown_again, begin),
      cmocka_unit_test(a_retry_has_room_for_the_same_way),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
