/* test_sink.c - the way to the program's callbacks: a held event is handed
 * over as a direct one, a pause loses and doubles nothing, wherever it comes,
 * and getinfo is of the event's hop. Refusals: test_sink_refusal.c. */
#include "sink_test.h"

#include "libcurl/info.h"

static const struct event_row events[] = {
    {EVENT_COPY, 17},   {EVENT_HEADER, 17}, {EVENT_COPY, 2},
    {EVENT_HEADER, 2},  {EVENT_BODY, 0},    {EVENT_BODY, 1},
    {EVENT_BODY, MOST}, {EVENT_BODY, 300},  {EVENT_HEADER, MOST + 9},
    {EVENT_HEADER, 0},  {EVENT_BODY, 5}};

/* --- held and direct -------------------------------------------------------
 */

static void a_held_event_is_handed_over_as_a_direct_one(void **state) {
  (void)state;
  struct fixture direct, held;

  begin(&direct);
  for (size_t i = 0; i < COUNT(events); i++)
    assert_int_equal(put(&direct, &events[i]), DELIVERED);
  begin(&held);
  hold(&held, events, COUNT(events));
  assert_int_equal(held.count, 0);
  assert_int_equal(play(&held), DELIVERED);
  assert_true(journal_is_empty(&held.journal));
  assert_int_equal(direct.count, COUNT(events));
  assert_int_equal(held.count, COUNT(events));
  for (size_t i = 0; i < COUNT(events); i++) {
    assert_call(&direct, i, &events[i]);
    assert_call(&held, i, &events[i]);
  }
  assert_all_taken(&direct, events, COUNT(events));
  assert_all_taken(&held, events, COUNT(events));
  end(&direct);
  end(&held);
}

static void a_long_body_comes_in_libcurls_pieces(void **state) {
  (void)state;
  static const struct event_row row = {EVENT_BODY, 2 * MOST + 1};
  static const size_t lengths[] = {MOST, MOST, 1};
  struct fixture f;

  begin(&f);
  hold(&f, &row, 1);
  assert_int_equal(play(&f), DELIVERED);
  assert_int_equal(f.count, COUNT(lengths));
  for (size_t i = 0; i < COUNT(lengths); i++)
    assert_int_equal(f.calls[i].length, lengths[i]);
  assert_all_taken(&f, &row, 1);
  end(&f);
}

/* CURLOPT_HEADERDATA(3): where header lines go. */
static void header_lines_go_where_libcurl_sends_them(void **state) {
  (void)state;
  static const struct event_row line = {EVENT_HEADER, 20};
  static const struct {
    bool has_function, has_data;
    char callback; /* 0: none is called */
  } rows[] = {{true, true, 'h'},
              {true, false, 'h'},
              {false, true, 'w'},
              {false, false, 0}};

  for (size_t i = 0; i < COUNT(rows) * 2; i++) {
    bool is_held = i >= COUNT(rows);
    size_t row = i % COUNT(rows);
    struct fixture f;
    begin(&f);
    if (!rows[row].has_function)
      f.shadow.held.header = NULL;
    if (!rows[row].has_data)
      f.shadow.held.header_data = NULL;
    f.taken = SIZE_MAX;
    if (is_held)
      hold(&f, &line, 1);
    assert_int_equal(is_held ? play(&f) : put(&f, &line), DELIVERED);
    if (!is_held)
      assert_int_equal(f.taken, line.length);
    assert_int_equal(f.count, rows[row].callback ? 1 : 0);
    if (rows[row].callback) {
      assert_int_equal(f.calls[0].callback, rows[row].callback);
      assert_ptr_equal(f.calls[0].data, rows[row].has_data ? &f.header : NULL);
    }
    end(&f);
  }
}

static void a_body_needs_no_header_callback(void **state) {
  (void)state;
  static const struct event_row rows[] = {
      {EVENT_COPY, 9}, {EVENT_HEADER, 9}, {EVENT_BODY, 5}};
  struct fixture f;

  begin(&f);
  f.shadow.held.header = NULL;
  f.shadow.held.header_data = NULL;
  hold(&f, rows, COUNT(rows));
  assert_int_equal(play(&f), DELIVERED);
  assert_int_equal(f.count, 2);
  assert_call(&f, 0, &rows[0]);
  assert_call(&f, 1, &rows[2]);
  end(&f);
}

static void nothing_held_is_nothing_said(void **state) {
  (void)state;
  struct fixture f;

  begin(&f);
  assert_int_equal(play(&f), DELIVERED);
  assert_int_equal(f.count, 0);
  end(&f);
}

/* --- pauses ----------------------------------------------------------------
 */

/* Whatever the program does when it is called for the n-th time. */
static void assert_pauses_at(enum doing doing, size_t n) {
  struct fixture f;
  size_t calls = COUNT(events) + (doing == RETURNS_PAUSE);

  begin(&f);
  hold(&f, events, COUNT(events));
  f.doing = doing;
  f.doing_at = n;
  assert_int_equal(play(&f), DELIVERY_PAUSED);
  assert_true(f.sink.is_paused);
  assert_int_equal(f.count, n + 1);
  assert_null(f.answers.view);
  assert_int_equal(play(&f), DELIVERY_PAUSED); /* until it says so */
  assert_int_equal(f.count, n + 1);
  f.sink.is_paused = false;
  f.doing = TAKES;
  assert_int_equal(play(&f), DELIVERED);
  assert_int_equal(f.count, calls);
  assert_int_equal(f.sink.refusal.code, CURLE_OK);
  assert_string_equal(f.sink.refusal.text, "");
  if (doing == RETURNS_PAUSE) /* the same piece once more */
    assert_int_equal(f.calls[n].length, f.calls[n + 1].length);
  assert_all_taken(&f, events, COUNT(events));
  end(&f);
}

static void a_returned_pause_brings_the_piece_again(void **state) {
  (void)state;
  for (size_t n = 0; n < COUNT(events); n++)
    assert_pauses_at(RETURNS_PAUSE, n);
}

/* By curl_easy_pause(): what was taken isn't shown again. */
static void a_pause_inside_a_callback_comes_after_its_piece(void **state) {
  (void)state;
  for (size_t n = 0; n < COUNT(events); n++)
    assert_pauses_at(PAUSES, n);
}

static void a_long_body_pauses_between_its_pieces(void **state) {
  (void)state;
  static const struct event_row row = {EVENT_BODY, 3 * MOST};
  struct fixture f;

  begin(&f);
  hold(&f, &row, 1);
  f.doing = RETURNS_PAUSE;
  f.doing_at = 1;
  assert_int_equal(play(&f), DELIVERY_PAUSED);
  assert_int_equal(f.size, MOST);
  f.sink.is_paused = false;
  f.doing = PAUSES;
  f.doing_at = 2;
  assert_int_equal(play(&f), DELIVERY_PAUSED);
  assert_int_equal(f.size, 2 * MOST);
  f.sink.is_paused = false;
  assert_int_equal(play(&f), DELIVERED);
  assert_int_equal(f.count, 4);
  assert_all_taken(&f, &row, 1);
  end(&f);
}

static void a_direct_piece_may_be_paused(void **state) {
  (void)state;
  struct fixture f;

  for (size_t i = 0; i < COUNT(events); i++) {
    begin(&f);
    f.doing = RETURNS_PAUSE;
    assert_int_equal(put(&f, &events[i]), DELIVERY_PAUSED);
    assert_int_equal(f.taken, CURL_WRITEFUNC_PAUSE);
    assert_true(f.sink.is_paused);
    assert_int_equal(f.sink.refusal.code, CURLE_OK);
    end(&f);
  }
}

/* A callback that unpauses, or otherwise leads back to us. */
static void a_callback_gets_nothing_while_it_runs(void **state) {
  (void)state;
  for (size_t n = 0; n < COUNT(events); n++) {
    struct fixture f;
    begin(&f);
    hold(&f, events, COUNT(events));
    f.doing = PLAYS;
    f.doing_at = n;
    assert_int_equal(play(&f), DELIVERED);
    assert_int_equal(f.inner, DELIVERY_PAUSED);
    assert_int_equal(f.count, COUNT(events));
    assert_false(f.sink.is_paused);
    assert_false(f.sink.is_busy);
    assert_all_taken(&f, events, COUNT(events));
    end(&f);
  }
}

/* --- getinfo ---------------------------------------------------------------
 */

static void mark(struct fixture *f, long status, const char *url) {
  const struct info_view view = {
      .status = status, .has_status = true, .url = url, .scheme = "http"};

  (void)journal_mark(&f->journal, &view, (uint64_t)status);
}

static void held_events_are_seen_with_their_hops_answers(void **state) {
  (void)state;
  static const long statuses[] = {301, 301, 200, 200, 0, 0};
  static const char *const urls[] = {"http://a/", "http://a/", "http://b/",
                                     "http://b/", NULL,        NULL};
  static const struct event_row rows[] = {
      {EVENT_HEADER, 4}, {EVENT_COPY, 4}, {EVENT_HEADER, 5},
      {EVENT_BODY, 6},   {EVENT_BODY, 7}, {EVENT_HEADER, 8}};
  struct fixture f;

  begin(&f);
  hold(&f, rows, 2);
  mark(&f, 301, "http://a/");
  hold(&f, rows + 2, 2);
  mark(&f, 200, "http://b/");
  hold(&f, rows + 4, 2);
  assert_int_equal(play(&f), DELIVERED);
  assert_null(f.answers.view);
  assert_int_equal(f.count, COUNT(rows));
  for (size_t i = 0; i < COUNT(rows); i++) {
    const struct call_row *call = &f.calls[i];
    assert_true(call->has_view);
    assert_int_equal(call->view.status, statuses[i]);
    assert_int_equal(call->view.has_status, statuses[i] != 0);
    assert_int_equal(call->view.is_header, i < 3); /* the last: a trailer */
    if (urls[i])
      assert_string_equal(call->url, urls[i]);
    else
      assert_null(call->view.url);
  }
  end(&f);
}

static void a_direct_event_is_seen_with_libcurls_answers(void **state) {
  (void)state;
  struct fixture f;

  begin(&f);
  for (size_t i = 0; i < COUNT(events); i++) {
    assert_int_equal(put(&f, &events[i]), DELIVERED);
    assert_false(f.calls[i].has_view);
  }
  end(&f);
}

/* --- what the program has --------------------------------------------------
 */

static void body_bytes_that_were_taken_are_counted(void **state) {
  (void)state;
  const size_t body = 0 + 1 + MOST + 300 + 5;
  struct fixture f;

  for (int is_held = 0; is_held < 2; is_held++) {
    begin(&f);
    f.resume.is_possible = true;
    if (is_held)
      hold(&f, events, COUNT(events));
    for (size_t i = 0; !is_held && i < COUNT(events); i++)
      assert_int_equal(put(&f, &events[i]), DELIVERED);
    assert_int_equal(play(&f), DELIVERED);
    assert_int_equal(f.resume.delivered, body);
    assert_int_equal(f.answers.delivered, body);
    end(&f);
  }
}

static void what_cant_be_resumed_isnt_counted(void **state) {
  (void)state;
  static const struct event_row row = {EVENT_BODY, 100};
  struct fixture f;

  begin(&f);
  assert_int_equal(put(&f, &row), DELIVERED);
  assert_int_equal(f.resume.delivered, 0);
  f.resume.is_possible = true;
  f.doing = RETURNS_PAUSE;
  f.doing_at = 1;
  assert_int_equal(put(&f, &row), DELIVERY_PAUSED);
  assert_int_equal(f.resume.delivered, 0);
  f.doing = RETURNS;
  f.doing_at = 2;
  f.answer = 99;
  assert_int_equal(put(&f, &row), DELIVERY_REFUSED);
  assert_int_equal(f.resume.delivered, 0);
  assert_int_equal(f.answers.delivered, 0);
  end(&f);
}

static void it_is_known_when_the_program_last_took_something(void **state) {
  (void)state;
  static const struct event_row line = {EVENT_HEADER, 10};
  static const struct event_row body = {EVENT_BODY, 10};
  struct fixture f;

  begin(&f);
  f.resume.is_possible = true;
  now = 5000;
  assert_int_equal(put(&f, &line), DELIVERED);
  assert_int_equal(f.sink.delivered_at, 0);
  assert_int_equal(put(&f, &body), DELIVERED);
  assert_int_equal(f.sink.delivered_at, 5000);
  now = 7000;
  hold(&f, &line, 1);
  assert_int_equal(play(&f), DELIVERED);
  assert_int_equal(f.sink.delivered_at, 7000);
  end(&f);
}

int main(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(a_held_event_is_handed_over_as_a_direct_one),
      cmocka_unit_test(a_long_body_comes_in_libcurls_pieces),
      cmocka_unit_test(header_lines_go_where_libcurl_sends_them),
      cmocka_unit_test(a_body_needs_no_header_callback),
      cmocka_unit_test(nothing_held_is_nothing_said),
      cmocka_unit_test(a_returned_pause_brings_the_piece_again),
      cmocka_unit_test(a_pause_inside_a_callback_comes_after_its_piece),
      cmocka_unit_test(a_long_body_pauses_between_its_pieces),
      cmocka_unit_test(a_direct_piece_may_be_paused),
      cmocka_unit_test(a_callback_gets_nothing_while_it_runs),
      cmocka_unit_test(held_events_are_seen_with_their_hops_answers),
      cmocka_unit_test(a_direct_event_is_seen_with_libcurls_answers),
      cmocka_unit_test(body_bytes_that_were_taken_are_counted),
      cmocka_unit_test(what_cant_be_resumed_isnt_counted),
      cmocka_unit_test(it_is_known_when_the_program_last_took_something),
  };

  fill(bytes, sizeof bytes);
  return cmocka_run_group_tests(all, NULL, NULL);
}
