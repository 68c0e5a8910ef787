/* test_resume_rules.c - which response can be continued when it breaks, on
 * whose word, and what is asked for. Sources: design.md, "Resume"; RFC 9110,
 * 8.8 (validators), 13.1.5 (If-Range), 14 (ranges). */
#include "resume_test.h"

#define TAG "ETag: \"a\""
#define LENGTH "Content-Length: 1000"
#define PART "Content-Range: bytes 100-599/2000"
#define CHUNKED "Transfer-Encoding: chunked"

static char body[4096];

/* --- which can be continued ------------------------------------------------
 */

/* How: not at all, by a repetition that is skipped, or by a range; and whether
 * the bytes have to prove it. */
enum way {
  NO,
  SKIP,
  SKIP_BY_HASH,
  RANGE,
  RANGE_OR_HASH /* by a date, whose word isn't enough for a repetition */
};

struct rule {
  const char *block;
  enum way way;
  int64_t length; /* of the body; -1: unknown */
};

static const struct rule rules[] = {
    /* strong, weak, and no tags */
    {"200 OK|" LENGTH "|" TAG, RANGE, 1000},
    {"200 OK|" CHUNKED "|" TAG, RANGE, -1},
    {"200 OK|" LENGTH "|ETag: \"\"", RANGE, 1000},
    {"200 OK|" LENGTH "|ETag: W/\"a\"", SKIP_BY_HASH, 1000},
    {"200 OK|" LENGTH "|ETag: a", SKIP_BY_HASH, 1000},
    {"200 OK|" LENGTH, SKIP_BY_HASH, 1000},
    {"200 OK", SKIP_BY_HASH, -1},
    /* dates count where there is no tag and they are a second apart */
    {"200 OK|Last-Modified: 99|Date: 100", RANGE_OR_HASH, -1},
    {"200 OK|Last-Modified: 0|Date: 1", RANGE_OR_HASH, -1},
    {"200 OK|Last-Modified: 100|Date: 100", SKIP_BY_HASH, -1},
    {"200 OK|Last-Modified: 101|Date: 100", SKIP_BY_HASH, -1},
    {"200 OK|Last-Modified: 99", SKIP_BY_HASH, -1},
    {"200 OK|Date: 100", SKIP_BY_HASH, -1},
    {"200 OK|Last-Modified: x|Date: 100", SKIP_BY_HASH, -1},
    {"200 OK|Last-Modified: 99|Date: x", SKIP_BY_HASH, -1},
    {"200 OK|Last-Modified: 50|Date: 100|ETag: W/\"a\"", SKIP_BY_HASH, -1},
    {"200 OK|Last-Modified: 50|Date: 100|" TAG, RANGE, -1},
    /* whoever refuses ranges */
    {"200 OK|" TAG "|Accept-Ranges: none", SKIP, -1},
    {"200 OK|" TAG "|Accept-Ranges: bytes", RANGE, -1},
    {"200 OK|Last-Modified: 9|Date: 99|Accept-Ranges: none", SKIP_BY_HASH, -1},
    /* encoded: a range would be of the encoded bytes, and an encoder may have
       left the tag as it was */
    {"200 OK|" LENGTH "|" TAG "|Content-Encoding: gzip", SKIP_BY_HASH, 1000},
    {"200 OK|" LENGTH "|" TAG "|Content-Encoding: identity", RANGE, 1000},
    {"200 OK|" LENGTH "|Content-Encoding: gzip", SKIP_BY_HASH, 1000},
    {"200 OK|" PART "|" TAG, RANGE, -1}, /* which has no meaning here */
    /* a part that the program asked for */
    {"206 Part|" TAG, SKIP, -1},
    {"206 Part|Content-Length: 500|" PART "|" TAG, RANGE, 500},
    {"206 Part|" CHUNKED "|" PART "|" TAG, RANGE, 500},
    {"206 Part|" PART "|Last-Modified: 9|Date: 99", RANGE_OR_HASH, 500},
    {"206 Part|" PART, SKIP_BY_HASH, 500},
    {"206 Part|Content-Range: bytes 0-1/*|" TAG, RANGE, 2},
    {"206 Part|Content-Length: 7|" PART "|" TAG, RANGE, 7},
    {"206 Part|" PART "|" TAG "|Content-Encoding: gzip", SKIP_BY_HASH, -1},
    {"206 Part|Content-Length: 9|" TAG, SKIP, 9},
    {"206 Part|" TAG "|Content-Type: multipart/byteranges; boundary=x", NO, 0},
    /* streams, and what isn't the resource */
    {"200 OK|" TAG "|Content-Type: text/event-stream", NO, 0},
    {"200 OK|" TAG "|Content-Type: multipart/x-mixed-replace", NO, 0},
    {"200 OK|" TAG "|Content-Type: text/plain", RANGE, -1},
    {"201 Created|" TAG, NO, 0},
    {"203 Changed|" TAG, NO, 0},
    {"304 Not Modified|" TAG, NO, 0},
    {"404 Not Found|" TAG, NO, 0},
    {"503 Busy|" TAG, NO, 0},
    {"", SKIP_BY_HASH, -1}, /* FTP */
};

static enum way way_of(const struct resume *resume) {
  if (!resume->is_possible)
    return NO;
  assert_int_equal(resume->proof != NULL, resume->is_hashing);
  if (resume->is_ranged)
    return resume->is_hashing ? RANGE_OR_HASH : RANGE;
  return resume->is_hashing ? SKIP_BY_HASH : SKIP;
}

static void assert_way(const struct resume *resume, enum way way) {
  assert_int_equal(way_of(resume), way);
}

static void what_a_response_says_decides_how_it_is_continued(void **state) {
  (void)state;
  static const struct shadow shadow = {.request = REQUEST_GET};

  for (size_t i = 0; i < COUNT(rules); i++) {
    struct resume resume;
    commit(&resume, rules[i].block, &shadow, body, 1);
    if (way_of(&resume) != rules[i].way)
      fail_msg("%s: way %d", rules[i].block, way_of(&resume));
    if (rules[i].way != NO && resume.length != rules[i].length)
      fail_msg("%s: length %lld", rules[i].block, (long long)resume.length);
    assert_int_equal(resume_is_possible(&resume), rules[i].way != NO);
    resume_free(&resume);
    assert_null(resume.proof);
  }
}

static void only_a_get_is_continued(void **state) {
  (void)state;
  static const struct {
    enum request_kind request;
    bool is_possible;
  } rows[] = {{REQUEST_GET, true},
              {REQUEST_HEAD, false},
              {REQUEST_POST, false},
              {REQUEST_FORM, false},
              {REQUEST_PUT, false}};

  for (size_t i = 0; i < COUNT(rows); i++) {
    const struct shadow shadow = {.request = rows[i].request};
    struct resume resume;
    commit(&resume, "200 OK|" LENGTH "|" TAG, &shadow, body, 0);
    assert_way(&resume, rows[i].is_possible ? RANGE : NO);
    resume_free(&resume);
  }
}

/* A range of its own that it asked for by a header is not ours to change. */
static void the_programs_range_headers_are_left_alone(void **state) {
  (void)state;
  static const struct {
    const char *lines[2];
    enum way way;
  } rows[] = {{{"Range: bytes=0-99"}, SKIP},
              {{"range:bytes=0-99"}, SKIP},
              {{"Range;"}, SKIP}, /* libcurl's way to send an empty one */
              {{"If-Range: \"a\""}, SKIP},
              {{"IF-RANGE: \"a\""}, SKIP},
              {{"Accept: */*", "Range: bytes=0-99"}, SKIP},
              {{"X-Range: 1"}, RANGE},
              {{"Accept: */*", "If-None-Match: \"b\""}, RANGE},
              {{""}, RANGE}};

  for (size_t i = 0; i < COUNT(rows); i++) {
    struct curl_slist list[2] = {{(char *)(uintptr_t)rows[i].lines[0], NULL},
                                 {(char *)(uintptr_t)rows[i].lines[1], NULL}};
    const struct shadow shadow = {.attempt = {.http_header = list}};
    struct resume resume;
    list[0].next = &list[1]; /* whose data may be NULL */
    commit(&resume, "200 OK|" TAG, &shadow, body, 0);
    assert_way(&resume, rows[i].way);
    resume_free(&resume);
  }
}

/* A body without a status line, and a libcurl that can't read dates. */
static void without_what_it_hangs_on_nothing_is_promised(void **state) {
  (void)state;
  static const struct shadow shadow = {.request = REQUEST_GET};
  struct resume resume = {0};
  struct seen seen;

  see(&seen, "", &shadow);
  seen.answer.is_http = true; /* HTTP/0.9 */
  resume_committed(&resume, &seen.answer, &shadow);
  assert_way(&resume, NO);
  see(&seen, "200 OK|Last-Modified: 9|Date: 99", &shadow);
  seen.answer.getdate = NULL;
  resume_committed(&resume, &seen.answer, &shadow);
  assert_way(&resume, SKIP_BY_HASH);
  resume_free(&resume);
}

/* What is committed while an attempt must prove itself is no first response.
 */
static void a_continuation_doesnt_replace_the_first(void **state) {
  (void)state;
  static const struct shadow shadow = {.request = REQUEST_GET};
  struct resume resume;
  struct seen seen;

  commit(&resume, "200 OK|" LENGTH "|" TAG, &shadow, body, 10);
  resume_prepare(&resume);
  see(&seen, "206 Part|" PART "|ETag: \"b\"", &shadow);
  resume_committed(&resume, &seen.answer, &shadow);
  assert_way(&resume, RANGE);
  assert_int_equal(resume.status, 200);
  assert_int_equal(resume.length, 1000);
  assert_string_equal(resume.entity.tag, "\"a\"");
  resume_free(&resume);
}

static void what_was_delivered_whole_isnt_continued(void **state) {
  (void)state;
  static const struct shadow shadow = {.request = REQUEST_GET};
  static const struct {
    const char *block;
    size_t delivered;
    bool is_possible;
  } rows[] = {{"200 OK|" LENGTH "|" TAG, 999, true},
              {"200 OK|" LENGTH "|" TAG, 1000, false},
              {"200 OK|" LENGTH "|" TAG, 1001, false},
              {"200 OK|" CHUNKED "|" TAG, 4096, true},
              {"206 Part|" PART "|" TAG, 499, true},
              {"206 Part|" PART "|" TAG, 500, false},
              {"206 Part|Content-Range: bytes 0-0/*|" TAG, 0, true},
              {"206 Part|Content-Range: bytes 0-0/*|" TAG, 1, false}};

  for (size_t i = 0; i < COUNT(rows); i++) {
    struct resume resume;
    commit(&resume, rows[i].block, &shadow, body, rows[i].delivered);
    assert_int_equal(resume.delivered, rows[i].delivered);
    assert_int_equal(resume_is_possible(&resume), rows[i].is_possible);
    resume_free(&resume);
  }
}

/* --- what is asked for -----------------------------------------------------
 */

static void the_rest_of_that_version_is_asked_for(void **state) {
  (void)state;
  static const struct shadow shadow = {.request = REQUEST_GET};
  static const struct {
    const char *block;
    size_t delivered;
    const char *range, *if_range;
  } rows[] = {
      {"200 OK|" LENGTH "|" TAG, 400, "400-", "If-Range: \"a\""},
      {"200 OK|" CHUNKED "|" TAG, 0, "0-", "If-Range: \"a\""},
      {"200 OK|" PART "|" TAG, 7, "7-", "If-Range: \"a\""},
      {"200 OK|Last-Modified: 9|Date: 99", 7, "7-", "If-Range: 9"},
      {"200 OK|Last-Modified: 9|Date: 99|" TAG, 7, "7-", "If-Range: \"a\""},
      {"206 Part|" PART "|" TAG, 50, "150-599", "If-Range: \"a\""},
      {"206 Part|Content-Range: bytes 900000000000000000-"
       "999999999999999998/999999999999999999|" TAG,
       4096, "900000000000004096-999999999999999998", "If-Range: \"a\""},
  };

  for (size_t i = 0; i < COUNT(rows); i++) {
    struct resume resume;
    commit(&resume, rows[i].block, &shadow, body, rows[i].delivered);
    resume_prepare(&resume);
    assert_int_equal(resume.mode, RESUME_RANGE);
    assert_true(resume.is_resuming);
    assert_int_equal(resume.base, rows[i].delivered);
    assert_string_equal(resume.range, rows[i].range);
    assert_string_equal(resume.if_range, rows[i].if_range);
    assert_int_equal(resume.first, strtoll(rows[i].range, NULL, 10));
    resume_free(&resume);
  }
}

/* To `block` an ETag of so many characters, the quotes included. */
static void add_tag(char *block, size_t length) {
  char *tag = block + strlen(block);

  memcpy(tag, "ETag: ", 6);
  tag += 6;
  memset(tag, 'x', length);
  tag[0] = tag[length - 1] = '"';
  tag[length] = 0;
}

static void a_tag_as_long_as_is_kept_is_named_whole(void **state) {
  (void)state;
  static const struct shadow shadow = {.request = REQUEST_GET};
  char block[512] = "200 OK|";
  struct resume resume;

  add_tag(block, ENTITY_TAG_SIZE - 1);
  commit(&resume, block, &shadow, body, 1);
  resume_prepare(&resume);
  assert_memory_equal(resume.if_range, "If-Range: ", 10);
  assert_string_equal(resume.if_range + 10, strchr(block, '"'));
  resume_free(&resume);
}

/* It is there: a date isn't asked instead. */
static void a_tag_that_is_longer_leaves_the_bytes_as_proof(void **state) {
  (void)state;
  static const struct shadow shadow = {.request = REQUEST_GET};
  char block[512] = "200 OK|Last-Modified: 9|Date: 99|";
  struct resume resume;

  add_tag(block, ENTITY_TAG_SIZE);
  commit(&resume, block, &shadow, body, 1);
  assert_way(&resume, SKIP_BY_HASH);
  resume_prepare(&resume);
  assert_int_equal(resume.mode, RESUME_SKIP);
  assert_string_equal(resume.range, "");
  resume_free(&resume);
}

static void what_has_no_range_is_asked_for_whole(void **state) {
  (void)state;
  static const struct shadow shadow = {.request = REQUEST_GET};
  struct resume resume;

  commit(&resume, "200 OK|" LENGTH, &shadow, body, 400);
  resume_prepare(&resume);
  assert_int_equal(resume.mode, RESUME_SKIP);
  assert_true(resume.is_resuming);
  assert_int_equal(resume.base, 400);
  assert_int_equal(resume.skipped, 0);
  assert_string_equal(resume.range, "");
  resume_free(&resume);
}

static void each_call_begins_anew(void **state) {
  (void)state;
  static const struct shadow shadow = {.request = REQUEST_GET};
  const struct proof *proof;
  struct resume resume;
  struct seen seen;

  commit(&resume, "200 OK|Last-Modified: 9|Date: 99", &shadow, body, 7);
  proof = resume.proof;
  resume_prepare(&resume);
  resume_continues(&resume, 3);
  resume_begin(&resume);
  assert_way(&resume, NO);
  assert_string_equal(resume.range, "");
  assert_false(resume.is_ranged || resume.is_resuming || resume.was_resumed ||
               resume.is_hashing);
  assert_int_equal(resume.mode, RESUME_NONE);
  assert_int_equal(resume.delivered, 0);
  assert_int_equal(resume.repeated, 0);
  assert_non_null(proof);
  see(&seen, "200 OK", &shadow);
  resume_committed(&resume, &seen.answer, &shadow);
  assert_way(&resume, SKIP_BY_HASH);
  assert_ptr_equal(resume.proof, proof); /* its memory is used again */
  assert_int_equal(resume.proof->length, 0);
  resume_free(&resume);
}

int main(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(what_a_response_says_decides_how_it_is_continued),
      cmocka_unit_test(only_a_get_is_continued),
      cmocka_unit_test(the_programs_range_headers_are_left_alone),
      cmocka_unit_test(without_what_it_hangs_on_nothing_is_promised),
      cmocka_unit_test(a_continuation_doesnt_replace_the_first),
      cmocka_unit_test(what_was_delivered_whole_isnt_continued),
      cmocka_unit_test(the_rest_of_that_version_is_asked_for),
      cmocka_unit_test(a_tag_as_long_as_is_kept_is_named_whole),
      cmocka_unit_test(a_tag_that_is_longer_leaves_the_bytes_as_proof),
      cmocka_unit_test(what_has_no_range_is_asked_for_whole),
      cmocka_unit_test(each_call_begins_anew),
  };

  fill(body, sizeof body);
  return cmocka_run_group_tests(all, NULL, NULL);
}
