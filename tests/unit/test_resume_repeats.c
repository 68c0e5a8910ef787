/* test_resume_repeats.c - a repeated body is skipped up to the byte that the
 * program has, whatever its pieces; the bytes prove it, or a strong ETag
 * does. */
#include "resume_test.h"

#define TAG "ETag: \"a\""
#define LENGTH 60000

static char body[LENGTH];
static const struct shadow shadow = {.request = REQUEST_GET};

static const size_t pieces[] = {1, 7, 255, 999, 16384, 20000, LENGTH};
static const size_t delivered[] = {1, 6, 7, 8, 16383, 16384, 16385, 59999};

/* `block` was delivered up to there, broke, and comes again. */
static void begin_again(struct resume *resume, const char *block,
                        size_t length) {
  struct seen seen;

  commit(resume, block, &shadow, body, length);
  resume_prepare(resume);
  see(&seen, block, &shadow);
  assert_true(resume_accepts(resume, &seen.answer, &shadow));
  assert_int_equal(resume->mode, RESUME_SKIP);
}

/* Repeat `again` in pieces of `most` bytes, up to what ends the skipping.
 * How much of it the program has. */
static size_t repeat(struct resume *resume, const char *again, size_t most,
                     enum repetition *result) {
  size_t at = 0, length, head;

  for (;;) {
    length = LENGTH - at < most ? LENGTH - at : most;
    *result = resume_repeats(resume, again + at, length, &head);
    at += head;
    assert_int_equal(resume->skipped, at);
    if (*result != REPEATS_SO_FAR)
      return at;
    assert_int_equal(head, length);
    assert_true(at < LENGTH);
  }
}

/* --- the same bytes --------------------------------------------------------
 */

static void a_repetition_is_skipped_to_the_byte(void **state) {
  (void)state;
  static const char *const blocks[] = {"200 OK", "200 OK|ETag: W/\"a\"",
                                       "200 OK|Accept-Ranges: none|" TAG, ""};

  for (size_t i = 0; i < COUNT(pieces) * COUNT(delivered); i++) {
    size_t most = pieces[i % COUNT(pieces)];
    size_t length = delivered[i / COUNT(pieces)];
    for (size_t k = 0; k < COUNT(blocks); k++) {
      enum repetition result;
      struct resume resume;
      begin_again(&resume, blocks[k], length);
      assert_int_equal(repeat(&resume, body, most, &result), length);
      assert_int_equal(result, REPEATS_TO_THE_END);
      assert_null(resume.mismatch);
      assert_int_equal(resume.delivered, length);
      resume_free(&resume);
    }
  }
}

/* However often it breaks: what a continuation brought counts, and an attempt
 * that broke in its repetition counts for nothing. */
static void a_body_may_break_again_and_again(void **state) {
  (void)state;
  enum repetition result;
  struct resume resume;
  struct seen seen;
  size_t has = 1000, head;

  begin_again(&resume, "200 OK", has);
  for (int i = 0; i < 20; i++) {
    assert_int_equal(resume_repeats(&resume, body, has / 2, &head),
                     REPEATS_SO_FAR);
    resume_prepare(&resume);
    see(&seen, "200 OK", &shadow);
    assert_true(resume_accepts(&resume, &seen.answer, &shadow));
    assert_int_equal(resume.skipped, 0);
    assert_int_equal(repeat(&resume, body, 777, &result), has);
    assert_int_equal(result, REPEATS_TO_THE_END);
    resume_continues(&resume, 5);
    assert_true(resume.was_resumed);
    assert_false(resume.is_resuming);
    assert_int_equal(resume.repeated, 5);
    resume_delivered(&resume, body + has, 1300);
    has += 1300;
    assert_int_equal(resume.delivered, has);
    resume_prepare(&resume);
    assert_int_equal(resume.base, has);
    assert_int_equal(resume.repeated, 0);
  }
  resume_free(&resume);
}

/* --- other bytes -----------------------------------------------------------
 */

static void other_bytes_are_noticed_before_any_is_new(void **state) {
  (void)state;
  static char other[LENGTH];

  for (size_t i = 0; i < COUNT(pieces) * COUNT(delivered); i++) {
    size_t length = delivered[i / COUNT(pieces)];
    const size_t places[] = {0, length / 2, length - 1};
    for (size_t k = 0; k < COUNT(places); k++) {
      enum repetition result;
      struct resume resume;
      memcpy(other, body, LENGTH);
      other[places[k]] ^= 1;
      begin_again(&resume, "200 OK", length);
      (void)repeat(&resume, other, pieces[i % COUNT(pieces)], &result);
      assert_int_equal(result, REPEATS_OTHER_BYTES);
      assert_string_equal(resume.mismatch, "the repeated bytes differ");
      resume_free(&resume);
    }
  }
}

/* What comes after the program's bytes is new to it. */
static void bytes_behind_those_delivered_prove_nothing(void **state) {
  (void)state;
  static char other[LENGTH];

  for (size_t i = 0; i < COUNT(pieces) * COUNT(delivered); i++) {
    size_t length = delivered[i / COUNT(pieces)];
    enum repetition result;
    struct resume resume;
    memcpy(other, body, LENGTH);
    other[length] ^= 1;
    begin_again(&resume, "200 OK", length);
    assert_int_equal(
        repeat(&resume, other, pieces[i % COUNT(pieces)], &result), length);
    assert_int_equal(result, REPEATS_TO_THE_END);
    resume_free(&resume);
  }
}

/* A strong ETag means the same bytes: they cost no hash. */
static void a_strong_tag_is_taken_at_its_word(void **state) {
  (void)state;
  static char other[LENGTH];
  enum repetition result;
  struct resume resume;

  begin_again(&resume, "200 OK|Accept-Ranges: none|" TAG, 5000);
  assert_null(resume.proof);
  assert_int_equal(repeat(&resume, other, 999, &result), 5000);
  assert_int_equal(result, REPEATS_TO_THE_END);
  resume_free(&resume);
}

/* After other bytes the next attempt may meet the first version again. */
static void a_mismatch_leaves_what_was_delivered(void **state) {
  (void)state;
  static char other[LENGTH];
  enum repetition result;
  struct resume resume;
  struct seen seen;

  begin_again(&resume, "200 OK", 5000);
  (void)repeat(&resume, other, 999, &result);
  assert_int_equal(result, REPEATS_OTHER_BYTES);
  resume_prepare(&resume);
  assert_null(resume.mismatch);
  see(&seen, "200 OK", &shadow);
  assert_true(resume_accepts(&resume, &seen.answer, &shadow));
  assert_int_equal(repeat(&resume, body, 999, &result), 5000);
  assert_int_equal(result, REPEATS_TO_THE_END);
  resume_free(&resume);
}

/* --- the end ---------------------------------------------------------------
 */

static void a_continued_body_is_as_long_as_announced(void **state) {
  (void)state;
  static const struct {
    bool was_resumed;
    int64_t length, delivered;
    size_t more;
    bool is_short, is_long; /* now; with so many bytes more */
  } rows[] = {
      {true, 1000, 999, 1, true, false},
      {true, 1000, 999, 2, true, true},
      {true, 1000, 1000, 0, false, false},
      {true, 1000, 1000, 1, false, true},
      {true, 1000, 0, 1000, true, false},
      {true, 1000, 0, 1001, true, true},
      {true, 0, 0, 1, false, true},
      {true, -1, 1000, 1000, false, false},
      {false, 1000, 10, 2000, false, false},
  };

  for (size_t i = 0; i < COUNT(rows); i++) {
    const struct resume resume = {.was_resumed = rows[i].was_resumed,
                                  .length = rows[i].length,
                                  .delivered = rows[i].delivered};
    assert_int_equal(resume_is_short(&resume), rows[i].is_short);
    assert_int_equal(resume_is_long(&resume, rows[i].more), rows[i].is_long);
  }
}

/* CURLOPT_HEADER: the write callback gets a chunked body's trailers, too. */
static void trailers_may_come_as_the_body(void **state) {
  (void)state;
  static const char *const rest[] = {
      "206 Part|Content-Range: bytes 999-999/1000",
      "200 OK|Content-Length: 1000|" TAG};
  struct resume resume;
  struct seen seen;
  char block[128];

  commit(&resume, "200 OK|Content-Length: 1000|" TAG, &shadow, body, 999);
  for (size_t i = 0; i < 2 * 2 * COUNT(rest); i++) {
    const bool includes_header = i & 1, is_chunked = i & 2;
    const struct shadow asking = {.request = REQUEST_GET,
                                  .includes_header = includes_header};
    snprintf(block, sizeof block, "%s%s", rest[i / 4],
             is_chunked ? "|Transfer-Encoding: chunked" : "");
    resume_prepare(&resume);
    see(&seen, block, &asking);
    assert_true(resume_accepts(&resume, &seen.answer, &asking));
    resume_continues(&resume, 0);
    assert_false(resume_is_long(&resume, 1));
    assert_int_equal(!resume_is_long(&resume, 2),
                     includes_header && is_chunked);
  }
  resume_free(&resume);
}

/* HTTP/2 of libcurl before 8.1: what it lost, and the count of bytes that it
 * ended with, are no place to go on from. */
static void
body_that_may_have_a_gap_is_proved_whatever_its_tag(void **unused) {
  static const char right[] = "0123456789", gap[] = "01236789";
  size_t head = 0;

  (void)unused;
  for (int has_gap = 0; has_gap < 2; has_gap++) {
    struct resume resume;
    struct seen seen;
    memset(&resume, 0, sizeof resume);
    resume_begin(&resume);
    see(&seen, "200 OK|Content-Length: 10|ETag: \"a\"", &shadow);
    seen.answer.may_have_gaps = true;
    resume_committed(&resume, &seen.answer, &shadow);
    resume_delivered(&resume, has_gap ? gap : right, 8);
    assert_true(resume_is_possible(&resume));
    resume_prepare(&resume);
    assert_string_equal(resume.range, "");
    assert_int_equal(resume.mode, RESUME_SKIP);
    assert_true(resume_accepts(&resume, &seen.answer, &shadow));
    assert_int_equal(resume_repeats(&resume, right, 10, &head),
                     has_gap ? REPEATS_OTHER_BYTES : REPEATS_TO_THE_END);
    resume_free(&resume);
  }
}

int main(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(body_that_may_have_a_gap_is_proved_whatever_its_tag),
      cmocka_unit_test(a_repetition_is_skipped_to_the_byte),
      cmocka_unit_test(a_body_may_break_again_and_again),
      cmocka_unit_test(other_bytes_are_noticed_before_any_is_new),
      cmocka_unit_test(bytes_behind_those_delivered_prove_nothing),
      cmocka_unit_test(a_strong_tag_is_taken_at_its_word),
      cmocka_unit_test(a_mismatch_leaves_what_was_delivered),
      cmocka_unit_test(a_continued_body_is_as_long_as_announced),
      cmocka_unit_test(trailers_may_come_as_the_body),
  };

  fill(body, sizeof body);
  return cmocka_run_group_tests(all, NULL, NULL);
}
