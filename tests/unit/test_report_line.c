/* test_report_line.c - lines of a trace, and everything else that is in a
 * file. Deterministic: REPORT_FUZZ_ROUNDS lengthens the last two. */
#include "unit_test.h"

#include "report/line.h"
#include "report/source.h"

#include <math.h>
#include <unistd.h>

#define CALL_WITHOUT_END                                                      \
  "{\"v\":1,\"event\":\"call\",\"time\":\"2026-11-26T17:19:23.123Z\","        \
  "\"program\":\"curl\",\"pid\":123,\"tid\":124,\"call\":7,"                  \
  "\"method\":\"GET\",\"url\":\"http://b.test:8080/x?y=...\","                \
  "\"host\":\"b.test:8080\",\"peer\":null,\"proxy\":null,"                    \
  "\"at_proxy\":false,\"class\":\"status\",\"outcome\":\"rescued\","          \
  "\"code\":0,\"status\":200,\"attempts\":2,\"waited_ms\":1234.5,"            \
  "\"total_ms\":2e3,\"bytes_up\":0,\"bytes_down\":9007199254740991,"          \
  "\"driver\":\"easy\""
#define CALL CALL_WITHOUT_END "}"

static struct record record;

static enum line_kind read_bytes(const char *bytes, size_t length) {
  /* With the one byte that a line has behind it. */
  char *copy = copy_of(bytes, length + 1);
  uint64_t torn = 0;
  copy[length] = '\n';
  enum line_kind kind = line_read(&record, copy, length, &torn);
  free(copy);
  return kind;
}

static enum line_kind read_text(const char *text) {
  return read_bytes(text, strlen(text));
}

static void fields_are_read(void **state) {
  (void)state;
  assert_int_equal(read_text(CALL), LINE_WHOLE);
  assert_int_equal(record.event, EVENT_CALL);
  assert_int_equal(record.outcome, OUTCOME_RESCUED);
  assert_int_equal(record.retry_class, CLASS_STATUS);
  assert_string_equal(record.host, "b.test:8080");
  assert_string_equal(record.url, "http://b.test:8080/x?y=...");
  assert_null(record.peer);
  assert_false(record.at_proxy);
  assert_true(record.waited_ms == 1234.5);
  assert_true(record.total_ms == 2000);
  assert_true(record.bytes_down == 0x1p53 - 1);
  assert_true(isnan(record.first_byte));
  assert_true(record.at_ms == 1795713563123.0);
}

static void fields_of_later_versions_are_passed_over(void **state) {
  (void)state;
  assert_int_equal(read_text(CALL_WITHOUT_END
                             ",\"more\":{\"host\":\"x\",\"a\":[1,{}]},"
                             "\"list\":[\"host\",2],\"host2\":3}"),
                   LINE_WHOLE);
  assert_string_equal(record.host, "b.test:8080");
}

static void order_of_fields_does_not_matter(void **state) {
  (void)state;
  assert_int_equal(
      read_text(" { \"text\" : \"lost\", \"level\":\"warn\", \"call\":null,"
                "\"event\":\"note\",\"time\":\"1970-01-01T00:00:00.001Z\","
                "\"v\":1 } "),
      LINE_WHOLE);
  assert_int_equal(record.event, EVENT_NOTE);
  assert_true(record.at_ms == 1);
}

static void texts_are_printable(void **state) {
  (void)state;
  assert_int_equal(read_text(CALL_WITHOUT_END
                             ",\"program\":\"a\\u001b[2J\\n\\\"\\\\\x7f"
                             "\xc3\xa9\\u00e9<\\/b>\"}"),
                   LINE_WHOLE);
  assert_string_equal(record.program, "a?[2J?\"\\????"
                                      "?</b>");
}

static void other_lines_are_foreign(void **state) {
  static const char *const lines[] = {
      "hello",
      "{}",
      "[]",
      "1",
      "null",
      "\"{\\\"v\\\":1}\"",
      "[" CALL "]",
      "{\"v\":1}",
      "{\"v\":1,\"event\":\"call\"}",
      "{\"event\":\"retry\",\"time\":\"2026-11-26T17:19:23.123Z\"}",
      CALL_WITHOUT_END ",\"v\":2}",
      CALL_WITHOUT_END ",\"event\":\"party\"}",
      CALL_WITHOUT_END ",\"event\":7}",
      CALL_WITHOUT_END ",\"host\":5}",
      CALL_WITHOUT_END ",\"host\":{}}",
      CALL_WITHOUT_END ",\"host\":[]}",
      CALL_WITHOUT_END ",\"attempts\":\"2\"}",
      CALL_WITHOUT_END ",\"attempts\":-1}",
      CALL_WITHOUT_END ",\"attempts\":1e400}",
      CALL_WITHOUT_END ",\"at_proxy\":0}",
      CALL_WITHOUT_END ",\"class\":\"bad luck\"}",
      CALL_WITHOUT_END ",\"outcome\":\"fine\"}",
      CALL_WITHOUT_END ",\"time\":\"yesterday\"}",
      CALL_WITHOUT_END ",\"time\":\"2026-13-26T17:19:23.123Z\"}",
  };
  (void)state;
  for (size_t i = 0; i < COUNT(lines); i++) {
    enum line_kind kind = read_text(lines[i]);
    if (kind != LINE_FOREIGN)
      fail_msg("%s: %d", lines[i], (int)kind);
  }
}

/* Cut anywhere, it is never whole; and what stands behind it is read. */
static void cut_lines_are_torn(void **state) {
  char both[4096];
  (void)state;
  for (size_t length = 1; length < strlen(CALL); length++) {
    uint64_t torn = 0;
    assert_int_equal(read_bytes(CALL, length), LINE_TORN);
    (void)snprintf(both, sizeof both, "%.*s" CALL, (int)length, CALL);
    assert_int_equal(line_read(&record, both, strlen(both), &torn),
                     LINE_WHOLE);
    assert_int_equal(torn, 1);
    assert_string_equal(record.host, "b.test:8080");
  }
  assert_int_equal(read_bytes("\0\0\0\0", 4), LINE_TORN);
  assert_int_equal(read_bytes("\0\0\0\0" CALL, 4 + strlen(CALL)), LINE_WHOLE);
}

static void times_are_of_the_calendar(void **state) {
  static const char *const times[] = {
      "1970-01-01T00:00:00.000Z", "1999-12-31T23:59:59.999Z",
      "2000-02-29T12:00:00.500Z", "2024-03-01T00:00:00.000Z",
      "2026-11-26T17:19:23.123Z", "2100-03-01T00:00:00.001Z",
  };
  char text[25];
  (void)state;
  for (size_t i = 0; i < COUNT(times); i++) {
    record_write_time(text, record_time(times[i]));
    assert_string_equal(text, times[i]);
  }
  assert_true(isnan(record_time("2026-11-26 17:19:23.123Z")));
  assert_true(isnan(record_time("2026-11-26T17:19:23Z")));
}

static uint64_t seed = 0x9e3779b97f4a7c15u;

static int rounds(int usual) {
  const char *text = getenv("REPORT_FUZZ_ROUNDS");
  return text != NULL ? atoi(text) : usual;
}

/* A few bytes of a line are others: the sanitizers see what that does. */
static void damaged_lines_do_no_harm(void **state) {
  int whole = 0;
  (void)state;
  for (int round = 0; round < rounds(20000); round++) {
    char line[] = CALL;
    for (uint32_t i = random_below(&seed, 4); i > 0; i--)
      line[random_below(&seed, sizeof line - 1)] =
          (char)random_below(&seed, 256);
    whole += read_bytes(line, sizeof line - 1) == LINE_WHOLE;
  }
  assert_true(whole > 0);
}

static void count_taken(void *context, const struct record *taken) {
  struct tally *tally = context;
  tally_add(tally, taken);
}

/* Nothing of a tally is freed: it ends with the program. */
static struct tally *new_tally(void) {
  static struct tally **tallies;
  static size_t count;
  tallies = realloc(tallies, (count + 1) * sizeof(struct tally *));
  assert_non_null(tallies);
  tallies[count] = calloc(1, sizeof(struct tally));
  assert_non_null(tallies[count]);
  return tallies[count++];
}

/* Every line of a file is one of three, wherever a read ends. */
static void read_random_file(int round) {
  static const char alphabet[] = "{}[]\":,\\0123e+-.truefalsnl\n\n\0\x1b\xff";
  struct tally *tally = new_tally();
  FILE *file = tmpfile();
  size_t lines = 0;
  assert_non_null(file);
  for (int i = 0; i < 400; i++) {
    uint32_t length = random_below(&seed, round % 4 == 0 ? 200000 : 300);
    if (random_below(&seed, 3) == 0) {
      fputs(CALL, file);
    } else {
      for (uint32_t at = 0; at < length; at++)
        putc(alphabet[random_below(&seed, sizeof alphabet - 1)], file);
      if (round % 4 == 0)
        i += 40;
    }
    putc('\n', file);
  }
  rewind(file);
  int before = '\n';
  for (int c; (c = getc(file)) != EOF; before = c)
    lines += c == '\n' && before != '\n';
  rewind(file);
  (void)lseek(fileno(file), 0, SEEK_SET);
  tally_begin(tally, (enum by)(round % BY_COUNT), true);
  assert_true(source_read(fileno(file), tally, count_taken, tally));
  assert_int_equal(tally->lines, lines);
  assert_true(tally->total.calls > 0 && tally->foreign > 0);
  assert_true(tally->total.calls + tally->foreign + tally->torn >= lines);
  (void)fclose(file);
}

static void random_files_do_no_harm(void **state) {
  (void)state;
  for (int round = 0; round < rounds(12); round++)
    read_random_file(round);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fields_are_read),
      cmocka_unit_test(fields_of_later_versions_are_passed_over),
      cmocka_unit_test(order_of_fields_does_not_matter),
      cmocka_unit_test(texts_are_printable),
      cmocka_unit_test(other_lines_are_foreign),
      cmocka_unit_test(cut_lines_are_torn),
      cmocka_unit_test(times_are_of_the_calendar),
      cmocka_unit_test(damaged_lines_do_no_harm),
      cmocka_unit_test(random_files_do_no_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
