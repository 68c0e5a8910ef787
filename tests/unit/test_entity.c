/* test_entity.c - validators and ranges, as header lines announce them. */
#include "unit_test.h"

#include "text/entity.h"

static void note(struct entity *entity, const char *line) {
  size_t length = strlen(line);
  char *copy = copy_of(line, length);
  struct field field;

  field_parse(&field, copy, length);
  entity_note(entity, &field);
  entity_seal(entity);
  free(copy);
}

/* What one line says. */
static struct entity entity_of(const char *line) {
  struct entity entity;

  memset(&entity, 0xa5, sizeof entity);
  entity_begin(&entity);
  note(&entity, line);
  return entity;
}

static void assert_says_nothing(const struct entity *entity) {
  assert_string_equal(entity->tag, "");
  assert_string_equal(entity->modified, "");
  assert_string_equal(entity->date, "");
  assert_false(entity->refuses_ranges);
  assert_false(entity->is_multipart);
  assert_false(entity->has_tag);
  assert_false(entity->has_modified);
  assert_false(entity->has_date);
  assert_false(entity->names_range);
  assert_false(entity->has_range);
  assert_true(entity->location == 0);
  assert_int_equal(entity->total, -1);
  assert_false(entity_has_strong_tag(entity));
}

static void other_lines_say_nothing(void **unused) {
  static const char *const lines[] = {"",
                                      "X: 1",
                                      "Content-Length: 5",
                                      "ETags: \"x\"",
                                      "Location: /",
                                      "Content\rRange: bytes 0-1/2",
                                      "Last\rModified: x"};

  (void)unused;
  for (size_t i = 0; i < COUNT(lines); i++) {
    struct entity entity = entity_of(lines[i]);
    assert_says_nothing(&entity);
  }
}

static void a_block_forgets_the_one_before(void **unused) {
  struct entity entity = entity_of("ETag: \"x\"");

  (void)unused;
  note(&entity, "Last-Modified: x");
  note(&entity, "Date: y");
  note(&entity, "Accept-Ranges: none");
  note(&entity, "Content-Range: bytes 0-1/2");
  note(&entity, "Content-Type: multipart/byteranges");
  note(&entity, "Content-Location: /x");
  assert_true(entity_has_strong_tag(&entity) && entity.refuses_ranges &&
              entity.has_range && entity.is_multipart && entity.location);
  assert_string_equal(entity.modified, "x");
  assert_string_equal(entity.date, "y");
  entity_begin(&entity);
  assert_says_nothing(&entity);
}

static void tags_are_strong_in_quotes_alone(void **unused) {
  static const struct {
    const char *value;
    bool is_strong;
  } rows[] = {
      {"\"abc\"", true},    {"\"\"", true},      {"\"a b\"", true},
      {"W/\"abc\"", false}, {"w/\"a\"", false},  {"abc", false},
      {"\"abc", false},     {"abc\"", false},    {"\"", false},
      {"", false},          {"\"a\"b\"", false}, {"\"a\", \"b\"", false},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct entity entity;
    char line[64];
    snprintf(line, sizeof line, "ETag: %s\r\n", rows[i].value);
    entity = entity_of(line);
    assert_true(entity.has_tag);
    assert_string_equal(entity.tag, rows[i].value);
    if (entity_has_strong_tag(&entity) != rows[i].is_strong)
      fail_msg("%s", rows[i].value);
  }
}

/* A line whose value is `length` bytes between quotes. */
static const char *line_of_length(const char *name, size_t length) {
  static char line[400];

  snprintf(line, sizeof line, "%s: \"%0*d\"", name, (int)length - 2, 0);
  return line;
}

static struct entity entity_of_length(const char *name, size_t length) {
  return entity_of(line_of_length(name, length));
}

static void what_is_too_long_is_there_without_use(void **unused) {
  struct entity entity = entity_of_length("ETag", ENTITY_TAG_SIZE - 1);

  (void)unused;
  assert_int_equal(strlen(entity.tag), ENTITY_TAG_SIZE - 1);
  assert_true(entity_has_strong_tag(&entity));
  entity = entity_of_length("ETag", ENTITY_TAG_SIZE);
  assert_true(entity.has_tag && !entity_has_strong_tag(&entity));
  assert_string_equal(entity.tag, "");
  entity = entity_of_length("Last-Modified", ENTITY_DATE_SIZE - 1);
  assert_int_equal(strlen(entity.modified), ENTITY_DATE_SIZE - 1);
  entity = entity_of_length("Last-Modified", ENTITY_DATE_SIZE);
  assert_true(entity.has_modified);
  assert_string_equal(entity.modified, "");
  entity = entity_of_length("Date", ENTITY_DATE_SIZE - 1);
  assert_int_equal(strlen(entity.date), ENTITY_DATE_SIZE - 1);
  entity = entity_of_length("Date", ENTITY_DATE_SIZE);
  assert_true(entity.has_date);
  assert_string_equal(entity.date, "");
}

static void what_is_no_text_is_there_without_use(void **unused) {
  static const char *const lines[] = {"ETag: \"a\rb\"", "ETag: \"a\tb\"",
                                      "ETag: \"a\177b\""};

  (void)unused;
  for (size_t i = 0; i < COUNT(lines); i++) {
    struct entity entity = entity_of(lines[i]);
    assert_true(entity.has_tag);
    assert_string_equal(entity.tag, "");
  }
}

/* Once in doubt, always in doubt: a third line doesn't mend it. */
static void lines_that_differ_are_there_without_use(void **unused) {
  static const char *const names[] = {"ETag", "Last-Modified", "Date"};
  static const struct {
    const char *values[3]; /* NULL: no such line */
    const char *kept;
  } rows[] = {
      {{"\"x\"", "\"x\"", NULL}, "\"x\""}, {{"\"x\"", "\"y\"", NULL}, ""},
      {{"\"x\"", "\"y\"", "\"x\""}, ""},   {{"\"x\"", "\"y\"", "\"y\""}, ""},
      {{"\"x\"", "", NULL}, ""},           {{"", "\"x\"", NULL}, ""},
      {{"\"x\"", "\"xy\"", NULL}, ""},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows) * COUNT(names); i++) {
    const char *const *values = rows[i / COUNT(names)].values;
    struct entity entity;
    const char *kept;
    entity_begin(&entity);
    for (size_t k = 0; k < 3 && values[k]; k++) {
      char line[64];
      snprintf(line, sizeof line, "%s: %s", names[i % COUNT(names)],
               values[k]);
      note(&entity, line);
    }
    kept = i % COUNT(names) == 0   ? entity.tag
           : i % COUNT(names) == 1 ? entity.modified
                                   : entity.date;
    assert_true(entity.has_tag || entity.has_modified || entity.has_date);
    assert_string_equal(kept, rows[i / COUNT(names)].kept);
  }
}

static void tags_are_the_same_when_strong_and_equal(void **unused) {
  static const struct {
    const char *a, *b;
    bool is_same;
  } rows[] = {
      {"ETag: \"x\"", "ETag: \"x\"", true},
      {"ETag: \"x\"", "ETag: \"X\"", false},
      {"ETag: W/\"x\"", "ETag: W/\"x\"", false},
      {"ETag: \"x\"", "X: 1", false},
      {"X: 1", "X: 1", false},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct entity a = entity_of(rows[i].a), b = entity_of(rows[i].b);
    assert_int_equal(entity_has_same_tag(&a, &b), rows[i].is_same);
    assert_int_equal(entity_has_same_tag(&b, &a), rows[i].is_same);
  }
}

static void a_location_is_compared(void **unused) {
  struct entity a = entity_of("Content-Location: /a.en");
  struct entity b = entity_of("content-location:/a.en \r\n");
  struct entity c = entity_of("Content-Location: /a.de");

  (void)unused;
  assert_true(a.location && a.location == b.location);
  assert_true(c.location && c.location != a.location);
}

static void dates_are_kept_as_they_came(void **unused) {
  static const char date[] = "Sun, 06 Nov 1994 08:49:37 GMT";
  struct entity entity =
      entity_of("last-modified:Sun, 06 Nov 1994 08:49:37 GMT \r\n");

  (void)unused;
  assert_string_equal(entity.modified, date);
  assert_string_equal(entity.date, "");
  entity = entity_of("DATE: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  assert_string_equal(entity.date, date);
  assert_string_equal(entity.modified, "");
}

static void ranges_are_refused_by_none(void **unused) {
  static const struct {
    const char *line;
    bool refuses;
  } rows[] = {
      {"Accept-Ranges: none", true},   {"Accept-Ranges: NONE \r\n", true},
      {"Accept-Ranges: bytes", false}, {"Accept-Ranges:", false},
      {"Accept-Ranges: nones", false}, {"Accept-Ranges: non", false},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++)
    assert_int_equal(entity_of(rows[i].line).refuses_ranges, rows[i].refuses);
}

static void several_ranges_come_as_multipart(void **unused) {
  static const struct {
    const char *line;
    bool is_multipart;
  } rows[] = {
      {"Content-Type: multipart/byteranges; boundary=x", true},
      {"Content-Type: Multipart/ByteRanges", true},
      {"Content-Type: multipart/byterange", false},
      {"Content-Type: multipart/mixed", false},
      {"Content-Type: text/plain", false},
      {"Content-Type:", false},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++)
    assert_int_equal(entity_of(rows[i].line).is_multipart,
                     rows[i].is_multipart);
}

static void a_range_has_first_last_and_total(void **unused) {
  static const struct {
    const char *value;
    int64_t first, last, total;
  } rows[] = {
      {"bytes 0-499/1234", 0, 499, 1234},
      {"bytes 0-0/1", 0, 0, 1},
      {"BYTES 5-9/10", 5, 9, 10},
      {"bytes 5-9/*", 5, 9, -1},
      {"bytes 007-008/009", 7, 8, 9},
      {"bytes 0-9223372036854775799/*", 0, INT64_MAX - 8, -1},
      {"bytes 0-1/9223372036854775799", 0, 1, INT64_MAX - 8},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct entity entity;
    char line[64];
    snprintf(line, sizeof line, "Content-Range: %s\r\n", rows[i].value);
    entity = entity_of(line);
    if (!entity.has_range || entity.first != rows[i].first ||
        entity.last != rows[i].last || entity.total != rows[i].total)
      fail_msg("%s", rows[i].value);
  }
}

static void what_is_no_range_is_not_understood(void **unused) {
  static const char *const values[] = {
      "",
      "bytes",
      "bytes ",
      "bytes */1234",
      "bytes -5/10",
      "bytes 0/10",
      "bytes 0:5/10",
      "bytes 12345",
      "bytes 0-/10",
      "bytes 0-5",
      "bytes 10-20",
      "bytes 0-55555",
      "bytes 0-5:10",
      "bytes 0 -5/10",
      "bytes 0- 5/10",
      "bytes 0-5 /10",
      "bytes  0-5/10",
      "bytes 5-4/10",
      "bytes=0-5/10",
      "lines 0-5/10",
      "0-5/10",
      "bytes 9223372036854775800-9223372036854775801/*",
      "bytes 0-9223372036854775800/*",
      "bytes 0-99999999999999999999/*",
      "bytes 0-1/9223372036854775800",
      "bytes 0-5/",
      "bytes 0-5/abc",
      "bytes 0-5/10x",
      "bytes 0-5/10 x",
      "bytes 0-5/ 10",
      "bytes 0-5/-10",
      "bytes 0-5/**",
      "bytes 0-5/*1",
      "bytes 0-5/10, bytes 0-5/10",
      "bytes 0-499/100",
      "bytes 0-499/499",
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(values); i++) {
    char line[80];
    snprintf(line, sizeof line, "Content-Range: %s", values[i]);
    if (entity_of(line).has_range)
      fail_msg("%s", values[i]);
  }
}

static void ranges_that_differ_are_not_understood(void **unused) {
  static const char good[] = "Content-Range: bytes 5-9/20";
  static const struct {
    const char *line;
    bool has_range;
  } rows[] = {
      {"Content-Range: bytes 5-9/20", true},
      {"Content-Range: bytes 5-9/*", false},
      {"Content-Range: bytes 5-8/20", false},
      {"Content-Range: bytes 4-9/20", false},
      {"Content-Range: bytes x", false},
      {"Content-Range: bytes -1", false},
      {"Content-Range:", false},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct entity entity = entity_of(good);
    note(&entity, rows[i].line);
    assert_int_equal(entity.has_range, rows[i].has_range);
    assert_true(entity.first == 5 && entity.last == 9 && entity.total == 20);
    note(&entity, good); /* what was in doubt stays so */
    assert_int_equal(entity.has_range, rows[i].has_range);
    entity = entity_of(rows[i].line);
    note(&entity, good);
    assert_int_equal(entity.has_range, rows[i].has_range);
  }
}

static void the_careful_one_of_two_lines_counts(void **unused) {
  struct entity entity = entity_of("Accept-Ranges: none");

  (void)unused;
  note(&entity, "Accept-Ranges: bytes");
  note(&entity, "Content-Type: multipart/byteranges; boundary=x");
  note(&entity, "Content-Type: text/plain");
  assert_true(entity.refuses_ranges && entity.is_multipart);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(other_lines_say_nothing),
      cmocka_unit_test(a_block_forgets_the_one_before),
      cmocka_unit_test(tags_are_strong_in_quotes_alone),
      cmocka_unit_test(what_is_too_long_is_there_without_use),
      cmocka_unit_test(what_is_no_text_is_there_without_use),
      cmocka_unit_test(lines_that_differ_are_there_without_use),
      cmocka_unit_test(tags_are_the_same_when_strong_and_equal),
      cmocka_unit_test(a_location_is_compared),
      cmocka_unit_test(dates_are_kept_as_they_came),
      cmocka_unit_test(ranges_are_refused_by_none),
      cmocka_unit_test(several_ranges_come_as_multipart),
      cmocka_unit_test(a_range_has_first_last_and_total),
      cmocka_unit_test(what_is_no_range_is_not_understood),
      cmocka_unit_test(ranges_that_differ_are_not_understood),
      cmocka_unit_test(the_careful_one_of_two_lines_counts),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
