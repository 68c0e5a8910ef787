/* test_field.c - header field lines: the few names we know, in any case, and
 * their values without what is around them. */
#include "unit_test.h"

#include "text/field.h"

static const struct {
  const char *text;
  enum field_name name;
} names[] = {
    {"Accept-Ranges", FIELD_ACCEPT_RANGES},
    {"Content-Encoding", FIELD_CONTENT_ENCODING},
    {"Content-Length", FIELD_CONTENT_LENGTH},
    {"Content-Location", FIELD_CONTENT_LOCATION},
    {"Content-Range", FIELD_CONTENT_RANGE},
    {"Content-Type", FIELD_CONTENT_TYPE},
    {"Date", FIELD_DATE},
    {"ETag", FIELD_ETAG},
    {"Last-Modified", FIELD_LAST_MODIFIED},
    {"Location", FIELD_LOCATION},
    {"Transfer-Encoding", FIELD_TRANSFER_ENCODING},
    {"Upgrade", FIELD_UPGRADE},
    {"WWW-Authenticate", FIELD_CHALLENGE},
    {"Proxy-Authenticate", FIELD_CHALLENGE},
};

/* The name of a line; `value` becomes its value (100 bytes) or "?". */
static enum field_name parse(const char *line, char *value) {
  size_t length = strlen(line);
  char *copy = copy_of(line, length);
  struct field field = {.name = FIELD_UPGRADE};

  field_parse(&field, copy, length);
  if (value)
    snprintf(value, 100, "?");
  if (value && field.name != FIELD_OTHER)
    snprintf(value, 100, "%.*s", (int)field.length, field.value);
  free(copy);
  return field.name;
}

static void change_case(char *text, char first, char last) {
  for (; *text; text++)
    if (*text >= first && *text <= last)
      *text = (char)(*text ^ 32);
}

static void known_names_are_found_in_any_case(void **unused) {
  (void)unused;
  for (size_t i = 0; i < COUNT(names); i++) {
    char value[100];
    char line[64];
    snprintf(line, sizeof line, "%s: Value\r\n", names[i].text);
    assert_int_equal(parse(line, value), names[i].name);
    assert_string_equal(value, "Value");
    change_case(line, 'A', 'Z');
    assert_int_equal(parse(line, value), names[i].name);
    assert_string_equal(value, "value");
    change_case(line, 'a', 'z');
    assert_int_equal(parse(line, value), names[i].name);
    assert_string_equal(value, "VALUE");
  }
}

/* One character of the name less, more or another. */
static void near_misses_are_other_names(void **unused) {
  (void)unused;
  for (size_t i = 0; i < COUNT(names); i++) {
    const char *name = names[i].text;
    size_t length = strlen(name);
    char line[64];
    for (size_t at = 0; at < length; at++) {
      snprintf(line, sizeof line, "%s: 1\r\n", name);
      line[at] = 'z';
      assert_int_equal(parse(line, NULL), FIELD_OTHER);
      snprintf(line, sizeof line, "%.*s%s: 1\r\n", (int)at, name,
               name + at + 1);
      assert_int_equal(parse(line, NULL), FIELD_OTHER);
      snprintf(line, sizeof line, "%.*sx%s: 1\r\n", (int)at, name, name + at);
      assert_int_equal(parse(line, NULL), FIELD_OTHER);
      /* a bit that isn't the letter's case */
      snprintf(line, sizeof line, "%s: 1\r\n", name);
      line[at] = (char)(line[at] ^ 64);
      assert_int_equal(parse(line, NULL), FIELD_OTHER);
      /* nor is it the case of what is no letter */
      snprintf(line, sizeof line, "%s: 1\r\n", name);
      line[at] = (char)(line[at] ^ 32);
      assert_int_equal(parse(line, NULL),
                       name[at] == '-' ? FIELD_OTHER : names[i].name);
    }
    snprintf(line, sizeof line, "%sx: 1\r\n", name);
    assert_int_equal(parse(line, NULL), FIELD_OTHER);
    snprintf(line, sizeof line, "%s : 1\r\n", name);
    assert_int_equal(parse(line, NULL), FIELD_OTHER);
    snprintf(line, sizeof line, " %s: 1\r\n", name);
    assert_int_equal(parse(line, NULL), FIELD_OTHER);
  }
}

static void a_line_without_a_colon_has_no_name(void **unused) {
  static const char *const lines[] = {
      "", "\r\n", "\n", ":", ": 1", "HTTP/1.1 200 OK\r\n", "E", "X: date:",
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(lines); i++)
    assert_int_equal(parse(lines[i], NULL), FIELD_OTHER);
  for (size_t i = 0; i < COUNT(names); i++) {
    char line[64];
    snprintf(line, sizeof line, "%s", names[i].text);
    assert_int_equal(parse(line, NULL), FIELD_OTHER);
    snprintf(line, sizeof line, "%s\r\n", names[i].text);
    assert_int_equal(parse(line, NULL), FIELD_OTHER);
  }
}

static void values_are_without_the_space_around_them(void **unused) {
  static const struct {
    const char *line;
    const char *value;
  } rows[] = {
      {"ETag: \"a b\"\r\n", "\"a b\""},
      {"ETag:\"x\"\n", "\"x\""},
      {"ETag:\"x\"", "\"x\""},
      {"ETag: \t \"x\"\t \r\n", "\"x\""},
      {"ETag:x:y: z\r\n", "x:y: z"},
      {"ETag:", ""},
      {"ETag:\r\n", ""},
      {"ETag: \t\r\n", ""},
      {"ETag: ", ""},
      {"ETag: \xe9\r\n", "\xe9"},
      {"ETag: x", "x"},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    char value[100];
    assert_int_equal(parse(rows[i].line, value), FIELD_ETAG);
    assert_string_equal(value, rows[i].value);
  }
}

/* All lengths, since words of eight bytes are compared. */
static void texts_are_compared_without_their_case(void **unused) {
  static const char lower[] = "abcdefghijklmnopqrstuvwxyz";
  static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

  (void)unused;
  for (size_t length = 0; length < sizeof lower; length++) {
    char *own = copy_of(upper, length);
    char *known = copy_of(lower, length);
    assert_true(field_same(known, known, length));
    assert_true(field_same(own, known, length));
    for (size_t at = 0; at < length; at++) {
      own[at] ^= 1;
      assert_false(field_same(own, known, length));
      own[at] ^= 1;
    }
    free(own);
    free(known);
  }
}

static void values_are_known_by_beginning_or_whole(void **unused) {
  static const struct {
    const char *value;
    const char *text;
    bool begins, is;
  } rows[] = {
      {"none", "none", true, true},
      {"NONE", "none", true, true},
      {"nonex", "none", true, false},
      {"non", "none", false, false},
      {"", "none", false, false},
      {"", "", true, true},
      {"x", "", true, false},
      {"xnone", "none", false, false},
      {"gzip, br", "gzip", true, false},
      {"identity", "identity", true, true},
      {"identitY ", "identity", true, false},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    size_t length = strlen(rows[i].value);
    char *copy = copy_of(rows[i].value, length);
    struct field field = {FIELD_ETAG, copy, length};
    if (field_begins(&field, rows[i].text) != rows[i].begins ||
        field_is(&field, rows[i].text) != rows[i].is)
      fail_msg("\"%s\" and \"%s\"", rows[i].value, rows[i].text);
    free(copy);
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_names_are_found_in_any_case),
      cmocka_unit_test(near_misses_are_other_names),
      cmocka_unit_test(a_line_without_a_colon_has_no_name),
      cmocka_unit_test(values_are_without_the_space_around_them),
      cmocka_unit_test(texts_are_compared_without_their_case),
      cmocka_unit_test(values_are_known_by_beginning_or_whole),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
