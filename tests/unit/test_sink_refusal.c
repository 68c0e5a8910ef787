/* test_sink_refusal.c - what the program says against a piece: recorded once,
 * nothing is handed over behind it, and for a held piece the error text is
 * the one that this very libcurl writes for a direct one. */
#include "sink_test.h"

#define PASSED(passed, returned)                                              \
  "Failure writing output to destination, passed " passed " returned"         \
  " " returned

static const unsigned versions[] = {0x075801, 0x0806ff, 0x080700, 0x0807ff,
                                    0x080800, 0x0813ff, 0x081400, 0x081600};

static void a_refused_held_piece_has_libcurls_text(void **state) {
  (void)state;
  static const char header[] = "Failed writing header";
  static const char body[] = "Failure writing output to destination";
  static const char error[] = "client returned ERROR on write of 20 bytes";
  static const struct {
    enum event_kind kind;
    size_t answer;
    const char *texts[COUNT(versions)];
  } rows[] = {
      {EVENT_HEADER,
       0,
       {header, header, PASSED("20", "0"), PASSED("20", "0"),
        PASSED("20", "0"), PASSED("20", "0"), PASSED("20", "0"),
        PASSED("20", "0")}},
      {EVENT_COPY,
       19,
       {body, body, PASSED("20", "19"), PASSED("20", "19"), PASSED("20", "19"),
        PASSED("20", "19"), PASSED("20", "19"), PASSED("20", "19")}},
      {EVENT_BODY,
       21,
       {body, body, PASSED("20", "21"), PASSED("20", "21"), PASSED("20", "21"),
        PASSED("20", "21"), PASSED("20", "21"), PASSED("20", "21")}},
      {EVENT_BODY,
       (size_t)-1,
       {body, body, PASSED("20", "-1"), PASSED("20", "-1"), PASSED("20", "-1"),
        PASSED("20", "-1"), PASSED("20", "18446744073709551615"),
        PASSED("20", "18446744073709551615")}},
      {EVENT_HEADER,
       CURL_WRITEFUNC_ERROR,
       {header, header, PASSED("20", "4294967295"), PASSED("20", "4294967295"),
        error, error, error, error}},
      {EVENT_BODY,
       CURL_WRITEFUNC_ERROR,
       {body, body, PASSED("20", "4294967295"), PASSED("20", "4294967295"),
        error, error, error, error}},
  };

  for (size_t i = 0; i < COUNT(rows) * COUNT(versions); i++) {
    size_t row = i / COUNT(versions), version = i % COUNT(versions);
    const struct event_row event = {rows[row].kind, 20};
    struct fixture f;
    begin(&f);
    f.sink.version = versions[version];
    hold(&f, &event, 1);
    f.doing = RETURNS;
    f.answer = rows[row].answer;
    assert_int_equal(play(&f), DELIVERY_REFUSED);
    assert_int_equal(f.sink.refusal.code, CURLE_WRITE_ERROR);
    assert_string_equal(f.sink.refusal.text, rows[row].texts[version]);
    end(&f);
  }
}

/* There libcurl is, and writes it. */
static void a_refused_direct_piece_has_no_text_of_ours(void **state) {
  (void)state;
  static const size_t answers[] = {0, 19, 21, CURL_WRITEFUNC_ERROR,
                                   (size_t)-1};
  static const enum event_kind kinds[] = {EVENT_HEADER, EVENT_COPY,
                                          EVENT_BODY};

  for (size_t i = 0; i < COUNT(answers) * COUNT(kinds); i++) {
    const struct event_row event = {kinds[i / COUNT(answers)], 20};
    struct fixture f;
    begin(&f);
    f.doing = RETURNS;
    f.answer = answers[i % COUNT(answers)];
    assert_int_equal(put(&f, &event), DELIVERY_REFUSED);
    assert_int_equal(f.taken, f.answer);
    assert_int_equal(f.sink.refusal.code, CURLE_WRITE_ERROR);
    assert_string_equal(f.sink.refusal.text, "");
    assert_false(f.sink.is_paused);
    end(&f);
  }
}

static void an_empty_piece_can_be_refused(void **state) {
  (void)state;
  static const struct event_row event = {EVENT_BODY, 0};
  struct fixture f;

  for (int is_held = 0; is_held < 2; is_held++) {
    begin(&f);
    f.doing = RETURNS;
    f.answer = 1;
    if (is_held)
      hold(&f, &event, 1);
    assert_int_equal(is_held ? play(&f) : put(&f, &event), DELIVERY_REFUSED);
    assert_int_equal(f.sink.refusal.code, CURLE_WRITE_ERROR);
    end(&f);
  }
}

static void nothing_is_handed_over_behind_a_refusal(void **state) {
  (void)state;
  static const struct event_row rows[] = {
      {EVENT_HEADER, 10}, {EVENT_BODY, MOST + 5}, {EVENT_BODY, 7}};
  struct fixture f;

  for (size_t n = 0; n < 4; n++) {
    begin(&f);
    hold(&f, rows, COUNT(rows));
    f.doing = RETURNS;
    f.doing_at = n;
    f.answer = 3;
    assert_int_equal(play(&f), DELIVERY_REFUSED);
    assert_int_equal(f.count, n + 1);
    assert_false(f.sink.is_paused);
    assert_false(journal_is_empty(&f.journal));
    end(&f);
  }
}

/* What was held can't be handed over: the program must not see a gap. */
static void what_cant_be_read_back_is_a_refusal_of_ours(void **state) {
  (void)state;
  static const struct event_row line = {EVENT_HEADER, 10};
  struct fixture f;

  begin(&f);
  f.journal.spool.memory_limit = 30; /* the second line is in the file */
  hold(&f, &line, 1);
  hold(&f, &line, 1);
  assert_true(f.journal.spool.in_file > 0);
  f.journal.spool.in_file -= 2; /* its last byte, and the zero */
  assert_int_equal(play(&f), DELIVERY_REFUSED);
  assert_int_equal(f.sink.refusal.code, CURLE_OUT_OF_MEMORY);
  assert_int_equal(f.count, 1);
  end(&f);
}

static void a_call_begins_without_refusal_and_pause(void **state) {
  (void)state;
  struct shadow shadow = {0};
  struct answers answers = {0};
  struct resume resume = {0};
  struct sink sink;

  memset(&sink, 0x55, sizeof sink);
  sink_begin(&sink, &shadow, &answers, &resume, 0x075801);
  assert_int_equal(sink.refusal.code, CURLE_OK);
  assert_string_equal(sink.refusal.text, "");
  assert_false(sink.is_paused);
  assert_false(sink.is_busy);
  assert_int_equal(sink.delivered_at, 0);
  assert_int_equal(sink.version, 0x075801);
  assert_ptr_equal(sink.shadow, &shadow);
  assert_ptr_equal(sink.answers, &answers);
  assert_ptr_equal(sink.resume, &resume);
}

int main(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(a_refused_held_piece_has_libcurls_text),
      cmocka_unit_test(a_refused_direct_piece_has_no_text_of_ours),
      cmocka_unit_test(an_empty_piece_can_be_refused),
      cmocka_unit_test(nothing_is_handed_over_behind_a_refusal),
      cmocka_unit_test(what_cant_be_read_back_is_a_refusal_of_ours),
      cmocka_unit_test(a_call_begins_without_refusal_and_pause),
  };

  fill(bytes, sizeof bytes);
  return cmocka_run_group_tests(all, NULL, NULL);
}
