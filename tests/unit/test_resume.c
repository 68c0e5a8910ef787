/* test_resume.c - whether a committed body can be continued, what is asked
 * for, and which answers are its rest. */
#include "unit_test.h"

#include "exchange/resume.h"

#define LENGTH 1000
#define DATED                                                                 \
  "Date: 200|Last-Modified: 100|Content-Length: 1000" /* a strong date */
#define TAGGED "ETag: \"v1\"|Content-Length: 1000"

/* A response: its lines are behind the status, with "|" between them. */
struct said {
  struct hop hop;
  struct entity entity;
  struct answer answer;
};

static char body[LENGTH];

static time_t getdate(const char *text, const time_t *now) {
  (void)now;
  return atol(text);
}

static void say_line(struct said *said, const char *line, size_t length) {
  char *copy = copy_of(line, length);
  struct field field;

  (void)hop_line(&said->hop, copy, length, &field);
  entity_note(&said->entity, &field);
  entity_seal(&said->entity);
  free(copy);
}

static const struct answer *say(struct said *said, int status,
                                const char *lines,
                                const struct shadow *shadow) {
  char first[32];

  memset(said, 0, sizeof *said);
  hop_begin(&said->hop, true, false);
  hop_prerequest(&said->hop);
  entity_begin(&said->entity);
  snprintf(first, sizeof first, "HTTP/1.1 %d X\r\n", status);
  say_line(said, first, strlen(first));
  while (*lines) {
    size_t length = strcspn(lines, "|");
    say_line(said, lines, length);
    lines += length + (lines[length] == '|');
  }
  say_line(said, "\r\n", 2);
  said->answer =
      (struct answer){.hop = &said->hop,
                      .entity = &said->entity,
                      .status = status,
                      .is_http = true,
                      .announced = hop_announced(&said->hop, shadow),
                      .url = "http://a/x",
                      .first_url = "http://a/x",
                      .getdate = getdate};
  return &said->answer;
}

/* A body that broke: `delivered` bytes of the response are the program's. */
static struct resume broken(int status, const char *lines, size_t delivered,
                            const struct shadow *shadow) {
  struct resume resume;
  struct said said;

  memset(&resume, 0, sizeof resume);
  resume_begin(&resume);
  resume_committed(&resume, say(&said, status, lines, shadow), shadow);
  if (resume.is_possible && delivered)
    resume_delivered(&resume, body, delivered);
  return resume;
}

/* --- what is asked for -----------------------------------------------------
 */

#define SKIP "" /* everything */

static void assert_asked(int status, const char *lines,
                         const struct shadow *shadow, const char *range) {
  struct resume resume = broken(status, lines, 500, shadow);

  if (resume_is_possible(&resume) != (range != NULL))
    fail_msg("%d %s: %spossible", status, lines, range ? "im" : "");
  if (range) {
    resume_prepare(&resume);
    if (strcmp(resume.range, range) != 0)
      fail_msg("%d %s: %s asked for, not %s", status, lines, resume.range,
               range);
    assert_int_equal(resume.mode, range[0] ? RESUME_RANGE : RESUME_SKIP);
  }
  resume_free(&resume);
}

static void the_rest_is_asked_for_where_the_version_has_a_name(void **unused) {
  static const struct shadow shadow = {.request = REQUEST_GET};
  static const struct {
    int status;
    const char *lines;
    const char *range; /* NULL: not resumed */
  } rows[] = {
      {200, TAGGED, "500-"},
      {200, DATED, "500-"},
      {200, "ETag: \"v1\"|Transfer-Encoding: chunked", "500-"},
      {206, TAGGED "|Content-Range: bytes 10-1009/5000", "510-1009"},
      {200, "Content-Length: 1000", SKIP},
      {200, TAGGED "|ETag: \"v2\"", SKIP},
      {200, "ETag: W/\"v1\"|" DATED, SKIP},
      {200, "ETag:|" DATED, SKIP},
      {200, "ETag: \"v1\"|ETag: \"v2\"|" DATED, SKIP},
      {200, DATED "|Last-Modified: 90", SKIP},
      {200, DATED "|Date: 250", SKIP},
      {200, "Date: 100|Last-Modified: 100|Content-Length: 1000", SKIP},
      {200, TAGGED "|Accept-Ranges: none", SKIP},
      {200, TAGGED "|Accept-Ranges: none|Accept-Ranges: bytes", SKIP},
      {200, TAGGED "|Content-Encoding: gzip", SKIP},
      {200, TAGGED "|Content-Encoding: gzip|Content-Encoding: identity", SKIP},
      {200, TAGGED "|Content-Encoding: identity|Content-Encoding: gzip", SKIP},
      {200, TAGGED "|Content-Encoding: identity", "500-"},
      {206, TAGGED, SKIP},
      {206, TAGGED "|Content-Range: bytes 10-1009/1000", SKIP},
      {206, TAGGED "|Content-Type: multipart/byteranges", NULL},
      {200, TAGGED "|Content-Type: text/event-stream", NULL},
      {404, TAGGED, NULL},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++)
    assert_asked(rows[i].status, rows[i].lines, &shadow, rows[i].range);
}

/* Whatever changes what a byte of the body is, or how many libcurl allows. */
static void options_that_change_the_body_change_what_is_asked(void **unused) {
  static const char chunked[] = "ETag: \"v1\"|Transfer-Encoding: chunked";
  struct curl_slist range = {.data = (char *)(uintptr_t) "Range: bytes=5-"};
  struct shadow raw = {.keeps_framing = true};
  struct shadow bounded = {.has_max_size = true};
  struct shadow own = {.attempt.http_header = &range};
  struct shadow post = {.request = REQUEST_POST};

  (void)unused;
  assert_asked(200, chunked, &raw, NULL);
  assert_asked(200, TAGGED, &raw, NULL);
  assert_asked(200, "Content-Length: 1000", &raw, NULL);
  assert_asked(200, chunked, &bounded, SKIP);
  assert_asked(200, TAGGED, &bounded, "500-");
  assert_asked(200, TAGGED, &own, SKIP);
  assert_asked(200, TAGGED, &post, NULL);
}

/* Where the program has the headers alone, nothing but a strong tag proves
 * what follows. */
static void headers_alone_are_continued_by_a_strong_tag(void **unused) {
  static const struct shadow shadow = {.request = REQUEST_GET};
  static const struct {
    const char *lines;
    bool is_possible;
  } rows[] = {
      {TAGGED, true},
      {TAGGED "|Content-Encoding: gzip", true},
      {"ETag: \"v1\"|Accept-Ranges: none", true},
      {DATED, false},
      {"ETag: W/\"v1\"|Content-Length: 1000", false},
      {"Content-Length: 1000", false},
      {"Transfer-Encoding: chunked", false},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct resume resume = broken(200, rows[i].lines, 0, &shadow);
    assert_int_equal(resume_is_possible(&resume), rows[i].is_possible);
    resume_free(&resume);
  }
}

/* --- what is its rest ------------------------------------------------------
 */

#define RANGE "|Content-Range: bytes 500-999/1000"
#define PART "Content-Length: 500" RANGE

struct pair {
  const char *first; /* of status 200 */
  int status;
  const char *second;
  bool is_accepted;
};

static void assert_accepted(const struct pair *pair, size_t delivered) {
  static const struct shadow shadow = {.request = REQUEST_GET};
  struct resume resume = broken(200, pair->first, delivered, &shadow);
  struct said said;
  bool accepts;

  assert_true(resume_is_possible(&resume));
  resume_prepare(&resume);
  accepts = resume_accepts(
      &resume, say(&said, pair->status, pair->second, &shadow), &shadow);
  if (accepts != pair->is_accepted)
    fail_msg("%s, then %d %s: %s", pair->first, pair->status, pair->second,
             accepts ? "accepted" : resume.mismatch);
  assert_int_equal(accepts, resume.mismatch == NULL);
  resume_free(&resume);
}

static void a_part_must_be_of_the_version_and_the_place(void **unused) {
  static const struct pair rows[] = {
      {TAGGED, 206, "ETag: \"v1\"|" PART, true},
      {TAGGED, 206, PART, true},
      {TAGGED, 206, "ETag: \"v2\"|" PART, false},
      {TAGGED, 206, "ETag: W/\"v1\"|" PART, false},
      {TAGGED, 206, "ETag: \"v1\"|ETag: \"v2\"|" PART, false},
      {TAGGED, 206, "ETag: \"v2\"|ETag: \"v1\"|" PART, false},
      {TAGGED, 206, "ETag:|" PART, false},
      {TAGGED, 206, "ETag: \"v1\"|" PART RANGE, true},
      {TAGGED, 206, "ETag: \"v1\"|" PART "|Content-Range: bytes x", false},
      {TAGGED, 206, "ETag: \"v1\"|Content-Range: bytes 500-999/100", false},
      {TAGGED, 206, "ETag: \"v1\"|Content-Range: bytes 500-999/", false},
      {TAGGED, 206, "ETag: \"v1\"|Content\rRange: bytes 500-999/1000", false},
      {TAGGED, 206, "ETag: \"v1\"|Content-Encoding: gzip|" PART, false},
      {TAGGED, 206,
       "ETag: \"v1\"|Content-Encoding: gzip|Content-Encoding: identity|" PART,
       false},
      {TAGGED, 206,
       "ETag: \"v1\"|Content-Type: multipart/byteranges|"
       "Content-Type: text/plain|" PART,
       false},
      {DATED, 206, "Last-Modified: 100|" PART, true},
      {DATED, 206, PART, true},
      {DATED, 206, "Last-Modified: 101|" PART, false},
      {DATED, 206, "Last-Modified: 100|Last-Modified: 101|" PART, false},
      {DATED, 206, "ETag: \"v1\"|Last-Modified: 100|" PART, false},
      {DATED, 206, "ETag:|Last-Modified: 100|" PART, false},
      {DATED "|Content-Location: /en", 206, "Content-Location: /en|" PART,
       true},
      {DATED "|Content-Location: /en", 206, "Content-Location: /de|" PART,
       false},
      {TAGGED "|Content-Location: /a", 206,
       "ETag: \"v1\"|Content-Location: /b|" PART, true},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++)
    assert_accepted(&rows[i], 500);
}

static void a_repetition_must_be_of_the_version(void **unused) {
  static const struct pair rows[] = {
      {TAGGED, 200, TAGGED, true},
      {TAGGED, 200, "ETag: \"v2\"|Content-Length: 1000", false},
      {TAGGED, 200, "Content-Length: 1000", false},
      {TAGGED, 200, "ETag: \"v1\"|Content-Length: 999", false},
      {TAGGED, 206, TAGGED, false},
      {TAGGED, 404, TAGGED, false},
      /* proved by its bytes */
      {"Content-Length: 1000", 200, "Content-Length: 1000", true},
      {"Content-Length: 1000", 200, "Transfer-Encoding: chunked", true},
      {"Content-Length: 1000", 200, "Content-Length: 1001", false},
      {"Content-Length: 1000", 200, "Content-Encoding: gzip", false},
      {TAGGED "|Content-Encoding: gzip", 200, TAGGED, false},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++)
    assert_accepted(&rows[i], 500);
}

static void headers_alone_get_a_body_of_the_same_tag(void **unused) {
  static const struct pair rows[] = {
      {TAGGED, 200, TAGGED, true},
      {TAGGED, 200, "Content-Length: 1000", false},
      {TAGGED, 200, "ETag: \"v2\"|Content-Length: 1000", false},
      {TAGGED, 206, "ETag: \"v1\"|Content-Range: bytes 0-999/1000", true},
      {TAGGED, 206, "Content-Range: bytes 0-999/1000", false},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++)
    assert_accepted(&rows[i], 0);
}

/* The word of a tag is not enough where encoders keep it. */
static void an_encoded_repetition_is_proved_by_its_bytes(void **unused) {
  static const struct shadow shadow = {.request = REQUEST_GET};
  static const char gzip[] = TAGGED "|Content-Encoding: gzip";
  struct resume resume = broken(200, gzip, 500, &shadow);
  struct said said;
  size_t head;

  (void)unused;
  resume_prepare(&resume);
  assert_true(
      resume_accepts(&resume, say(&said, 200, gzip, &shadow), &shadow));
  body[70]++;
  assert_int_equal(resume_repeats(&resume, body, 200, &head),
                   REPEATS_OTHER_BYTES);
  body[70]--;
  resume_free(&resume);
}

/* IGNORE_CONTENT_LENGTH: what the server says of lengths isn't believed. */
static void lengths_are_not_learned_where_they_are_ignored(void **unused) {
  static const char first[] = "ETag: \"v1\"|Transfer-Encoding: chunked";
  struct shadow shadows[2] = {{.ignores_length = false},
                              {.ignores_length = true}};
  struct said said;

  (void)unused;
  for (int i = 0; i < 2; i++) {
    struct resume resume = broken(200, first, 500, &shadows[i]);
    resume_prepare(&resume);
    assert_true(resume_accepts(
        &resume, say(&said, 206, "ETag: \"v1\"|" PART, &shadows[i]),
        &shadows[i]));
    assert_int_equal(resume.length, i ? -1 : 1000);
    resume_free(&resume);
  }
}

/* --- an answer that isn't its rest -----------------------------------------
 */

static void another_attempt_has_a_chance(void **unused) {
  static const struct shadow shadow = {.request = REQUEST_GET};
  static const struct {
    const char *first;
    bool continued;
    size_t more; /* delivered by the attempt */
    const char *mismatch;
    bool has_chance;
  } rows[] = {
      {TAGGED, false, 0, "other", true},
      {TAGGED, true, 0, "longer", true},
      {TAGGED, true, 100, "longer", false},
      {TAGGED, true, 100, NULL, true}, /* shorter */
      {"ETag: \"v1\"|Transfer-Encoding: chunked", false, 0, "other", false},
      {"Transfer-Encoding: chunked", false, 0, "other", false},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct resume resume = broken(200, rows[i].first, 500, &shadow);
    resume_prepare(&resume);
    if (rows[i].continued)
      resume_continues(&resume, 0);
    if (rows[i].more)
      resume_delivered(&resume, body, rows[i].more);
    resume.mismatch = rows[i].mismatch;
    assert_int_equal(resume_rejects(&resume, "shorter"), rows[i].has_chance);
    assert_string_equal(resume.mismatch,
                        rows[i].mismatch ? rows[i].mismatch : "shorter");
    assert_true(resume.is_resuming);
    resume_free(&resume);
  }
}

static void sixty_four_kilobytes_are_progress(void **unused) {
  static const struct shadow shadow = {.request = REQUEST_GET};
  static const char first[] = "ETag: \"v1\"|Transfer-Encoding: chunked";
  struct resume resume = broken(200, first, 500, &shadow);

  (void)unused;
  for (int i = 0; i < 100; i++)
    resume_delivered(&resume, body, LENGTH);
  assert_false(resume_got_on(&resume)); /* it was no resume */
  for (int turn = 0; turn < 3; turn++) {
    resume_prepare(&resume);
    assert_false(resume_got_on(&resume));
    resume_continues(&resume, 0);
    for (int i = 0; i < 65; i++)
      resume_delivered(&resume, body, LENGTH);
    assert_false(resume_got_on(&resume));
    resume_delivered(&resume, body, 536);
    assert_true(resume_got_on(&resume));
  }
  resume_free(&resume);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_rest_is_asked_for_where_the_version_has_a_name),
      cmocka_unit_test(options_that_change_the_body_change_what_is_asked),
      cmocka_unit_test(headers_alone_are_continued_by_a_strong_tag),
      cmocka_unit_test(a_part_must_be_of_the_version_and_the_place),
      cmocka_unit_test(a_repetition_must_be_of_the_version),
      cmocka_unit_test(headers_alone_get_a_body_of_the_same_tag),
      cmocka_unit_test(an_encoded_repetition_is_proved_by_its_bytes),
      cmocka_unit_test(lengths_are_not_learned_where_they_are_ignored),
      cmocka_unit_test(another_attempt_has_a_chance),
      cmocka_unit_test(sixty_four_kilobytes_are_progress),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
