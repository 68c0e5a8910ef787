/* test_resume_accepts.c - what continues a broken body, and what doesn't: a
 * row for each reason. Sources: design.md, "Resume"; RFC 9110, 15.3.7.3. */
#include "resume_test.h"

#define TAG "ETag: \"a\""
#define DATES "Last-Modified: 9|Date: 99"
#define DELIVERED 400

static char body[4096];
static const struct shadow shadow = {.request = REQUEST_GET};

/* The answer to a continuation after so many bytes of `first`. */
struct row {
  const char *first, *now;
  const char *why; /* it is refused; NULL: it isn't */
};

#define ANOTHER_BYTE "the 206 begins at another byte"
#define ANOTHER_END "the 206 ends at another byte"
#define NO_RANGE "the 206 has no single Content-Range"
#define ANOTHER_TOTAL "the 206 is of another length"
#define ANOTHER_TAG "the 206 has another ETag"
#define ANOTHER_DATE "the 206 has another Last-Modified"
#define ENCODED "the 206 has a Content-Encoding"
#define ANOTHER_PLACE "the 206 comes from another place"
#define WHOLE_LENGTH "the repeated response has another length"
#define WHOLE_TAG "the repeated response has another ETag"
#define WHOLE_PLACE "the repeated response comes from another place"
#define WHOLE_BYTE "the repeated 206 begins at another byte"
#define WHOLE_ENCODING "the repeated response has another encoding"
#define NO_TAG "the repeated response has no such ETag"
#define NO_TOTAL "the 206 does not say where the whole ends"
#define WHOLE_END "the repeated 206 ends at another byte"
#define ANOTHER_STATUS "the repeated response has another status"

/* --- the rest, as a range --------------------------------------------------
 */

#define KNOWN "200 OK|Content-Length: 1000|" TAG
#define UNKNOWN "200 OK|" TAG
#define DATED "200 OK|Content-Length: 1000|" DATES
#define PART "206 Part|Content-Range: bytes 100-599/2000|" TAG
#define PART_OF_UNKNOWN "206 Part|Content-Range: bytes 100-599/*|" TAG
#define REST(range) "206 Part|Content-Range: bytes " range

static const struct row parts[] = {
    {KNOWN, REST("400-999/1000"), NULL},
    {KNOWN, REST("400-999/1000|" TAG), NULL},
    {KNOWN, REST("400-999/*"), NULL},
    {UNKNOWN, REST("400-1199/1200"), NULL},
    {DATED, REST("400-999/1000|" DATES), NULL},
    {DATED, REST("400-999/1000"), NULL},
    {PART, REST("500-599/2000"), NULL},
    {PART, REST("500-599/*"), NULL},
    {PART_OF_UNKNOWN, REST("500-599/2000"), NULL},
    {PART_OF_UNKNOWN, REST("500-599/*"), NULL},
    /* not one range */
    {KNOWN, "206 Part|Content-Length: 600", NO_RANGE},
    {KNOWN, REST("400-999"), NO_RANGE},
    {KNOWN, REST("400-1000/1000"), NO_RANGE}, /* RFC 9110, 14.4: invalid */
    {KNOWN, REST("400-999/1000|Content-Type: multipart/byteranges"), NO_RANGE},
    /* another place in the body */
    {KNOWN, REST("399-999/1000"), ANOTHER_BYTE},
    {KNOWN, REST("401-999/1000"), ANOTHER_BYTE},
    {KNOWN, REST("0-999/1000"), ANOTHER_BYTE},
    {PART, REST("400-599/2000"), ANOTHER_BYTE},
    {KNOWN, REST("400-998/1000"), ANOTHER_END},
    {UNKNOWN, REST("400-998/1000"), ANOTHER_END},
    {PART, REST("500-598/2000"), ANOTHER_END},
    {PART, REST("500-1999/2000"), ANOTHER_END},
    {PART_OF_UNKNOWN, REST("500-600/*"), ANOTHER_END},
    /* it may be less than the rest, and nobody knows */
    {UNKNOWN, REST("400-1199/*"), NO_TOTAL},
    {UNKNOWN, REST("400-1199/*|" TAG), NO_TOTAL},
    {"200 OK|" DATES, REST("400-1199/*|" DATES), NO_TOTAL},
    {"200 OK|Transfer-Encoding: chunked|" TAG, REST("400-1199/*"), NO_TOTAL},
    /* another body */
    {KNOWN, REST("400-1000/1001"), ANOTHER_TOTAL},
    {KNOWN, REST("400-998/999"), ANOTHER_TOTAL},
    {PART, REST("500-599/1999"), ANOTHER_TOTAL},
    {KNOWN, REST("400-999/1000|ETag: \"b\""), ANOTHER_TAG},
    {KNOWN, REST("400-999/1000|ETag: W/\"a\""), ANOTHER_TAG},
    {DATED, REST("400-999/1000|" TAG), ANOTHER_TAG},
    {DATED, REST("400-999/1000|Last-Modified: 10"), ANOTHER_DATE},
    {KNOWN, REST("400-999/1000|Last-Modified: 9"), ANOTHER_DATE},
    {KNOWN "|" DATES, REST("400-999/1000|Last-Modified: 9"), NULL},
    {KNOWN "|" DATES, REST("400-999/1000|Last-Modified: 8|" TAG), NULL},
    {KNOWN, REST("400-999/1000|Content-Encoding: gzip"), ENCODED},
    {KNOWN, REST("400-999/1000|Content-Encoding: identity"), NULL},
};

/* --- everything again ------------------------------------------------------
 */

#define PLAIN "200 OK|Content-Length: 1000"
#define WEAK PLAIN "|ETag: W/\"a\""
#define ZIPPED PLAIN "|Content-Encoding: gzip|" TAG
#define PLAIN_PART "206 Part|Content-Range: bytes 100-599/2000"
#define UNKNOWN_PART "206 Part|Content-Range: bytes 100-599/*"
#define LAST_PART "206 Part|Accept-Ranges: none|Content-Range: bytes "

static const struct row wholes[] = {
    /* on the word of the same strong tag */
    {KNOWN, KNOWN, NULL},
    {UNKNOWN, KNOWN, NULL},
    {KNOWN, UNKNOWN, NULL},
    {KNOWN, PLAIN, NO_TAG},
    {KNOWN, WEAK, NO_TAG},
    {KNOWN, PLAIN "|" DATES, NO_TAG},
    {KNOWN, PLAIN "|ETag: \"b\"", WHOLE_TAG},
    {KNOWN, "200 OK|Content-Length: 999|" TAG, WHOLE_LENGTH},
    {KNOWN, "200 OK|Content-Length: 1001|" TAG, WHOLE_LENGTH},
    /* the bytes will prove it */
    {PLAIN, PLAIN, NULL},
    {PLAIN, KNOWN, NULL},
    {WEAK, PLAIN "|ETag: W/\"b\"", NULL},
    {WEAK, KNOWN, NULL},
    {DATED, DATED, NULL},
    {DATED, PLAIN "|Last-Modified: 10", NULL},
    {PLAIN, "200 OK|Content-Length: 999", WHOLE_LENGTH},
    {"", "", NULL}, /* FTP */
    {"", PLAIN, ANOTHER_STATUS},
    {PLAIN, "", ANOTHER_STATUS},
    /* a part: the same one */
    {PLAIN_PART, PLAIN_PART, NULL},
    {PLAIN_PART, "206 Part|Content-Range: bytes 100-599/*", NULL},
    {PLAIN_PART, "206 Part|Content-Range: bytes 101-600/2000", WHOLE_BYTE},
    {PLAIN_PART, "206 Part|Content-Length: 500", WHOLE_BYTE},
    {LAST_PART "0-499/2000", "206 Part|Content-Length: 500", WHOLE_BYTE},
    {"206 Part|Content-Length: 500", LAST_PART "0-499/2000", NULL},
    /* ... which ends where it did */
    {PLAIN_PART, "206 Part|Content-Range: bytes 100-598/2000", WHOLE_END},
    {PLAIN_PART, "206 Part|Content-Range: bytes 100-600/*", WHOLE_END},
    {PLAIN_PART, "206 Part|Content-Range: bytes 100-599/2001", WHOLE_END},
    {UNKNOWN_PART, PLAIN_PART, NULL},
    {UNKNOWN_PART, UNKNOWN_PART, NULL},
    {UNKNOWN_PART, "206 Part|Content-Range: bytes 100-600/2000", WHOLE_END},
    {LAST_PART "100-599/2000|" TAG, LAST_PART "100-600/2000|" TAG, WHOLE_END},
    {LAST_PART "100-599/2000|" TAG, LAST_PART "100-599/1999|" TAG, WHOLE_END},
    {LAST_PART "100-599/2000|" TAG, LAST_PART "100-599/2000|" TAG, NULL},
    /* another status */
    {KNOWN, "304 Not Modified|" TAG, ANOTHER_STATUS},
    {KNOWN, "404 Not Found", ANOTHER_STATUS},
    {KNOWN, "416 No Such Range|Content-Range: bytes */1000", ANOTHER_STATUS},
    {KNOWN, "201 Created|" TAG, ANOTHER_STATUS},
    {PLAIN, REST("0-999/1000"), ANOTHER_STATUS},
    {PLAIN, REST("400-999/1000"), ANOTHER_STATUS},
    {PART, KNOWN, ANOTHER_STATUS},
    /* another encoding */
    {ZIPPED, ZIPPED, NULL},
    {ZIPPED, KNOWN, WHOLE_ENCODING},
    {PLAIN "|Content-Encoding: gzip", PLAIN, WHOLE_ENCODING},
    {KNOWN, ZIPPED, WHOLE_ENCODING},
    {PLAIN, PLAIN "|Content-Encoding: gzip", WHOLE_ENCODING},
};

/* Refused with the reason, or accepted without one. */
static void assert_answered(const struct row *row, size_t delivered) {
  struct resume resume;
  struct seen seen;
  bool is_accepted;

  commit(&resume, row->first, &shadow, body, delivered);
  assert_true(resume.is_possible);
  resume_prepare(&resume);
  see(&seen, row->now, &shadow);
  is_accepted = resume_accepts(&resume, &seen.answer, &shadow);
  if (is_accepted != !row->why || is_accepted != !resume.mismatch ||
      (row->why && strcmp(row->why, resume.mismatch) != 0))
    fail_msg("%s: %s: %s", row->first, row->now,
             resume.mismatch ? resume.mismatch : "accepted");
  assert_int_equal(resume.delivered, delivered);
  assert_int_equal(resume.base, delivered);
  resume_free(&resume);
}

static void a_206_continues_what_it_is_the_rest_of(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(parts); i++)
    assert_answered(&parts[i], DELIVERED);
}

static void a_repetition_continues_the_same_body(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(wholes); i++)
    assert_answered(&wholes[i], DELIVERED);
}

/* No byte could prove it: the same strong tag does, whatever else is said. */
static void headers_alone_are_continued_by_their_tag(void **state) {
  (void)state;
  static const struct row rows[] = {
      {KNOWN, KNOWN, NULL},
      {KNOWN, PLAIN, NO_TAG},
      {KNOWN, PLAIN "|ETag: \"b\"", WHOLE_TAG},
      {KNOWN "|" DATES, KNOWN, NULL},
      {KNOWN "|" DATES, KNOWN "|Last-Modified: 10", NULL},
      {KNOWN "|" DATES, PLAIN "|" DATES, NO_TAG},
      {WEAK, WEAK, NO_TAG},
      {DATED, DATED, NO_TAG},
      {ZIPPED, ZIPPED, NULL},
      {ZIPPED, PLAIN "|Content-Encoding: gzip", NO_TAG},
      {KNOWN, REST("0-999/1000|" TAG), NULL},
      {KNOWN, REST("0-999/1000"), ANOTHER_TAG},
      {KNOWN "|" DATES, REST("0-999/1000|" DATES), ANOTHER_TAG},
      {DATED, REST("0-999/1000|" DATES), ANOTHER_TAG},
      {KNOWN, REST("1-999/1000|" TAG), ANOTHER_BYTE},
  };

  for (size_t i = 0; i < COUNT(rows); i++)
    assert_answered(&rows[i], 0);
}

/* With IGNORE_CONTENT_LENGTH no length is known, but the range that was asked
 * for has an end. */
static void a_part_of_unknown_length_ends_where_it_was_asked_to(void **state) {
  (void)state;
  static const struct shadow ignoring = {.request = REQUEST_GET,
                                         .ignores_length = true};
  static const struct row rows[] = {
      {PART, REST("500-599/*"), NULL},
      {PART, REST("500-598/*"), ANOTHER_END},
      {KNOWN, REST("400-999/1000"), NULL},
      {KNOWN, REST("400-999/*"), NO_TOTAL},
  };

  for (size_t i = 0; i < COUNT(rows); i++) {
    struct resume resume;
    struct seen seen;
    commit(&resume, rows[i].first, &ignoring, body, DELIVERED);
    assert_int_equal(resume.length, -1);
    resume_prepare(&resume);
    see(&seen, rows[i].now, &ignoring);
    assert_int_equal(resume_accepts(&resume, &seen.answer, &ignoring),
                     !rows[i].why);
    if (rows[i].why)
      assert_string_equal(resume.mismatch, rows[i].why);
    assert_int_equal(resume.length, -1);
    resume_free(&resume);
  }
}

/* libcurl decodes it: the program's bytes are the same. */
static void an_encoding_that_is_undone_makes_no_difference(void **state) {
  (void)state;
  static const struct {
    bool asks, keeps, is_accepted;
  } rows[] = {{true, false, true}, {true, true, false}, {false, false, false}};

  for (size_t i = 0; i < COUNT(rows); i++) {
    const struct shadow asking = {.asks_encoding = rows[i].asks,
                                  .keeps_encoding = rows[i].keeps};
    struct resume resume;
    struct seen seen;
    commit(&resume, "200 OK|Content-Encoding: gzip|" TAG, &asking, body, 9);
    resume_prepare(&resume);
    see(&seen, "200 OK|" TAG, &asking);
    assert_int_equal(resume_accepts(&resume, &seen.answer, &asking),
                     rows[i].is_accepted);
    resume_free(&resume);
  }
}

static void the_rest_comes_from_the_same_place(void **state) {
  (void)state;
  static const struct {
    const char *first, *now;
    bool is_same;
  } rows[] = {{"http://a/b", "http://a/b", true},
              {"http://a/b?key=1", "http://a/b?key=2", true},
              {"http://a/b", "http://a/b?key=2", true},
              {"http://a/b#c", "http://a/b", true},
              {"http://a/b", "http://a/b#c", true},
              {"http://a/b", "https://a/b", false},
              {"http://a/b", "http://c/b", false},
              {"http://a/b", "http://a/bc", false},
              {"http://a/bc", "http://a/b", false},
              {"http://a/b", "http://a/b/?", false},
              {NULL, "http://a/b", false},
              {"http://a/b", NULL, false},
              {NULL, NULL, false}};
  static const struct row answers[] = {
      {KNOWN, REST("400-999/1000"), ANOTHER_PLACE},
      {KNOWN, KNOWN, WHOLE_PLACE}};

  for (size_t i = 0; i < COUNT(rows) * COUNT(answers); i++) {
    const struct row *answer = &answers[i / COUNT(rows)];
    struct resume resume;
    struct seen seen;
    commit(&resume, answer->first, &shadow, body, DELIVERED);
    resume_prepare(&resume);
    see(&seen, answer->now, &shadow);
    seen.answer.first_url = rows[i % COUNT(rows)].first;
    seen.answer.url = rows[i % COUNT(rows)].now;
    assert_int_equal(resume_accepts(&resume, &seen.answer, &shadow),
                     rows[i % COUNT(rows)].is_same);
    if (!rows[i % COUNT(rows)].is_same)
      assert_string_equal(resume.mismatch, answer->why);
    resume_free(&resume);
  }
}

/* Bytes are proof from anywhere. */
static void bytes_may_be_repeated_from_another_place(void **state) {
  (void)state;
  struct resume resume;
  struct seen seen;

  commit(&resume, PLAIN, &shadow, body, DELIVERED);
  resume_prepare(&resume);
  see(&seen, PLAIN, &shadow);
  seen.answer.url = "http://mirror/";
  assert_true(resume_accepts(&resume, &seen.answer, &shadow));
  resume_free(&resume);
}

static void a_whole_answer_turns_a_range_into_a_repetition(void **state) {
  (void)state;
  static const struct {
    const char *now;
    enum resume_mode mode;
  } rows[] = {{KNOWN, RESUME_SKIP}, {REST("400-999/1000"), RESUME_RANGE}};

  for (size_t i = 0; i < COUNT(rows); i++) {
    struct resume resume;
    struct seen seen;
    commit(&resume, KNOWN, &shadow, body, DELIVERED);
    resume_prepare(&resume);
    see(&seen, rows[i].now, &shadow);
    assert_true(resume_accepts(&resume, &seen.answer, &shadow));
    assert_int_equal(resume.mode, rows[i].mode);
    resume_free(&resume);
  }
}

static void the_length_is_learnt_from_the_range(void **state) {
  (void)state;
  static const struct {
    const char *first, *now;
    int64_t length;
  } rows[] = {
      {UNKNOWN, REST("400-1199/1200"), 1200},
      {KNOWN, REST("400-999/1000"), 1000},
      {KNOWN, REST("400-999/*"), 1000},
      {KNOWN, REST("400-499/*"), 1000}, /* and so it is short */
      {PART, REST("500-599/2000"), 500},
      {PART_OF_UNKNOWN, REST("500-599/*"), 500},
      {UNKNOWN, KNOWN, -1}, /* and so its end is where libcurl sees it */
  };

  for (size_t i = 0; i < COUNT(rows); i++) {
    struct resume resume;
    struct seen seen;
    commit(&resume, rows[i].first, &shadow, body, DELIVERED);
    resume_prepare(&resume);
    see(&seen, rows[i].now, &shadow);
    assert_true(resume_accepts(&resume, &seen.answer, &shadow));
    assert_int_equal(resume.length, rows[i].length);
    resume_free(&resume);
  }
}

int main(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(a_206_continues_what_it_is_the_rest_of),
      cmocka_unit_test(a_repetition_continues_the_same_body),
      cmocka_unit_test(headers_alone_are_continued_by_their_tag),
      cmocka_unit_test(a_part_of_unknown_length_ends_where_it_was_asked_to),
      cmocka_unit_test(an_encoding_that_is_undone_makes_no_difference),
      cmocka_unit_test(the_rest_comes_from_the_same_place),
      cmocka_unit_test(bytes_may_be_repeated_from_another_place),
      cmocka_unit_test(a_whole_answer_turns_a_range_into_a_repetition),
      cmocka_unit_test(the_length_is_learnt_from_the_range),
  };

  fill(body, sizeof body);
  return cmocka_run_group_tests(all, NULL, NULL);
}
