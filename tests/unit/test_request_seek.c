/* test_request_seek.c - where libcurl's seek leads: RESUME_FROM before the
 * first byte, and back to where the body began, not its source; and requests
 * that libcurl forgot to rewind. */
#include "request_test.h"

#define SIZE 5000
#define FROM 700 /* RESUME_FROM */

static int seek(struct fixture *f, curl_off_t offset) {
  return request_seek(&f->request, offset, SEEK_SET, false);
}

/* --- places ----------------------------------------------------------------
 */

static void only_absolute_places_are_known(void **state) {
  (void)state;
  struct fixture f;

  prepare(&f, SIZE);
  set_seek(&f);
  begin(&f);
  assert_int_equal(request_seek(&f.request, 0, SEEK_CUR, false),
                   CURL_SEEKFUNC_CANTSEEK);
  assert_int_equal(request_seek(&f.request, 0, SEEK_END, false),
                   CURL_SEEKFUNC_CANTSEEK);
  send_up_to(&f, 10, 10);
  assert_int_equal(request_seek(&f.request, 0, SEEK_CUR, false),
                   CURL_SEEKFUNC_CANTSEEK);
  assert_int_equal(f.source.seeks, 0);
  end(&f);
}

/* Any place in what was read, kept or not; not behind it. */
static void a_place_that_was_read_can_be_found_again(void **state) {
  (void)state;
  static const struct {
    curl_off_t to;
    int answer;
  } rows[] = {{0, CURL_SEEKFUNC_OK},
              {1, CURL_SEEKFUNC_OK},
              {2999, CURL_SEEKFUNC_OK},
              {3000, CURL_SEEKFUNC_OK}, /* where it is */
              {3001, CURL_SEEKFUNC_CANTSEEK},
              {-1, CURL_SEEKFUNC_CANTSEEK}};

  for (size_t i = 0; i < COUNT(rows) * 2; i++) {
    size_t row = i / 2;
    struct fixture f;
    prepare(&f, SIZE);
    if (i % 2)
      set_seek(&f);
    begin(&f);
    send_up_to(&f, 3000, 999);
    assert_int_equal(seek(&f, rows[row].to), rows[row].answer);
    if (rows[row].answer == CURL_SEEKFUNC_OK) {
      f.size = 0;
      send_all(&f, 77);
      assert_sent(&f, bytes + rows[row].to, SIZE - (size_t)rows[row].to);
    }
    end(&f);
  }
}

/* Also where libcurl doesn't stand, and behind what is kept. */
static void the_place_may_be_ahead(void **state) {
  (void)state;
  for (int is_kept = 0; is_kept < 2; is_kept++) {
    struct fixture f;
    prepare(&f, SIZE);
    set_limit(&f, is_kept ? SIZE : 1000);
    set_seek(&f);
    f.shadow.attempt.resume_from = 10; /* isn't meant */
    begin(&f);
    send_up_to(&f, 3000, 999);
    retry(&f);
    send_up_to(&f, 100, 100);
    assert_int_equal(seek(&f, 3000), CURL_SEEKFUNC_OK);
    f.size = 0;
    send_all(&f, 77);
    assert_sent(&f, bytes + 3000, SIZE - 3000);
    end(&f);
  }
}

static void what_is_not_kept_cant_be_found_without_a_seek(void **state) {
  (void)state;
  struct fixture f;

  prepare(&f, SIZE);
  set_limit(&f, 1000);
  begin(&f);
  send_up_to(&f, 3000, 999);
  assert_int_equal(seek(&f, 0), CURL_SEEKFUNC_FAIL);
  assert_false(request_rewind(&f.request));
  end(&f);
  prepare(&f, SIZE); /* also when the program's seek fails */
  set_limit(&f, 1000);
  set_seek(&f);
  f.source.seek_answer = CURL_SEEKFUNC_FAIL;
  begin(&f);
  send_up_to(&f, 3000, 999);
  assert_int_equal(seek(&f, 0), CURL_SEEKFUNC_FAIL);
  assert_false(request_rewind(&f.request));
  end(&f);
}

/* It has rewound already when libcurl asks for the same. */
static void after_a_retrys_rewind_libcurls_has_nothing_to_do(void **state) {
  (void)state;
  struct fixture f;

  prepare(&f, SIZE);
  set_seek(&f);
  begin(&f);
  send_up_to(&f, 3000, 999);
  retry(&f);
  assert_int_equal(seek(&f, 0), CURL_SEEKFUNC_OK);
  assert_int_equal(f.source.seeks, 0);
  assert_true(request_has_kept(&f.request));
  send_all(&f, 77);
  assert_sent(&f, bytes, SIZE);
  end(&f);
}

/* --- RESUME_FROM -----------------------------------------------------------
 */

/* Before the first byte the source's own seek is meant. */
static void the_first_seek_is_the_programs(void **state) {
  (void)state;
  static const int answers[] = {CURL_SEEKFUNC_OK, CURL_SEEKFUNC_FAIL,
                                CURL_SEEKFUNC_CANTSEEK};

  for (size_t i = 0; i < COUNT(answers); i++) {
    struct fixture f;
    prepare(&f, SIZE);
    f.shadow.attempt.resume_from = FROM;
    set_seek(&f);
    f.source.seek_answer = answers[i];
    begin(&f);
    assert_int_equal(seek(&f, 0), CURL_SEEKFUNC_OK); /* there it is */
    assert_int_equal(f.source.seeks, 0);
    assert_int_equal(seek(&f, FROM), answers[i]);
    assert_int_equal(f.source.seeks, 1);
    assert_int_equal(f.source.seeked_to, FROM);
    assert_int_equal(f.request.base, i ? 0 : FROM);
    end(&f);
  }
}

/* The upload is what comes from there: rewound to there, by libcurl's seek to
 * the beginning as by one to RESUME_FROM. */
static void a_moved_source_is_rewound_to_where_it_was_moved(void **state) {
  (void)state;
  static const curl_off_t offsets[] = {0, FROM};

  for (size_t i = 0; i < COUNT(offsets) * 2; i++) {
    struct fixture f;
    prepare(&f, SIZE);
    f.shadow.attempt.resume_from = FROM;
    f.shadow.upload_size = SIZE;
    set_seek(&f);
    if (i / COUNT(offsets)) /* all is read again by its seek alone */
      f.policy.snapshot_memory = 0;
    begin(&f);
    assert_int_equal(seek(&f, FROM), CURL_SEEKFUNC_OK);
    send_up_to(&f, 2000, 300);
    assert_sent(&f, bytes + FROM, 2000);
    request_next(&f.request);
    assert_int_equal(seek(&f, offsets[i % COUNT(offsets)]), CURL_SEEKFUNC_OK);
    assert_int_equal(f.source.seeked_to, FROM);
    f.size = 0;
    send_up_to(&f, SIZE - FROM, 77); /* its end isn't asked for */
    assert_sent(&f, bytes + FROM, SIZE - FROM);
    assert_int_equal(f.request.is_complete, !(i / COUNT(offsets)));
    retry(&f);
    send_all(&f, 77);
    assert_sent(&f, bytes + FROM, SIZE - FROM);
    end(&f);
  }
}

/* Where it can't seek libcurl reads the first bytes and throws them away, in
 * each attempt anew; inside of one it is brought to what follows them. */
static void bytes_that_libcurl_throws_away_are_kept_too(void **state) {
  (void)state;
  struct fixture f;

  prepare(&f, SIZE);
  f.shadow.attempt.resume_from = FROM;
  begin(&f);
  assert_int_equal(seek(&f, FROM), CURL_SEEKFUNC_CANTSEEK);
  send_up_to(&f, 2000, 300);
  assert_sent(&f, bytes, 2000);
  follow(&f);
  send_up_to(&f, 1000, 300);
  assert_sent(&f, bytes + FROM, 1000);
  retry(&f);
  assert_int_equal(seek(&f, FROM), CURL_SEEKFUNC_OK);
  send_all(&f, 300);
  assert_sent(&f, bytes + FROM, SIZE - FROM);
  assert_int_equal(f.source.at, SIZE);
  end(&f);
}

/* It broke before they were all read: libcurl reads again. */
static void a_place_that_wasnt_reached_is_read_up_to(void **state) {
  (void)state;
  struct fixture f;

  prepare(&f, SIZE);
  f.shadow.attempt.resume_from = FROM;
  begin(&f);
  send_up_to(&f, FROM - 1, 300);
  retry(&f);
  assert_int_equal(seek(&f, FROM), CURL_SEEKFUNC_CANTSEEK);
  send_all(&f, 300);
  assert_sent(&f, bytes, SIZE);
  end(&f);
}

/* --- requests that nobody rewound ------------------------------------------
 */

/* 7.88, when a pooled connection died before any of what was read was sent. */
static void a_request_begins_at_the_beginning(void **state) {
  (void)state;
  for (int can_seek = 0; can_seek < 2; can_seek++) {
    struct fixture f;
    prepare(&f, SIZE);
    if (can_seek)
      set_seek(&f);
    begin(&f);
    request_next(&f.request);
    assert_true(request_is_ready(&f.request)); /* the first of all */
    assert_int_equal(f.source.seeks, 0);
    send_up_to(&f, 3000, 999);
    assert_true(request_is_ready(&f.request)); /* goes on */
    request_next(&f.request);
    assert_true(request_is_ready(&f.request)); /* begins again */
    assert_int_equal(f.source.seeks, can_seek);
    f.size = 0;
    send_up_to(&f, 1000, 77);
    assert_true(request_is_ready(&f.request));
    assert_int_equal(f.source.seeks, can_seek);
    send_all(&f, 77);
    assert_sent(&f, bytes, SIZE);
    end(&f);
  }
}

static void a_request_that_was_rewound_is_not_rewound_again(void **state) {
  (void)state;
  struct fixture f;

  prepare(&f, SIZE);
  set_seek(&f);
  begin(&f);
  send_up_to(&f, 3000, 999);
  follow(&f);
  assert_true(request_is_ready(&f.request));
  assert_int_equal(f.source.seeks, 1);
  send_up_to(&f, 100, 77);
  retry(&f);
  request_next(&f.request); /* nothing of it was served yet */
  assert_true(request_is_ready(&f.request));
  assert_int_equal(f.source.seeks, 2);
  send_all(&f, 77);
  assert_sent(&f, bytes, SIZE);
  end(&f);
}

/* 8.10 goes on after a rewind that failed: nothing may be sent then. */
static void a_request_that_cant_be_rewound_is_not_ready(void **state) {
  (void)state;
  struct fixture f;

  prepare(&f, SIZE);
  set_limit(&f, 1000);
  begin(&f);
  send_up_to(&f, 3000, 999);
  request_next(&f.request);
  assert_int_equal(seek(&f, 0), CURL_SEEKFUNC_FAIL);
  assert_false(request_is_ready(&f.request));
  assert_false(request_is_ready(&f.request));
  end(&f);
}

int main(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(only_absolute_places_are_known),
      cmocka_unit_test(a_place_that_was_read_can_be_found_again),
      cmocka_unit_test(the_place_may_be_ahead),
      cmocka_unit_test(what_is_not_kept_cant_be_found_without_a_seek),
      cmocka_unit_test(after_a_retrys_rewind_libcurls_has_nothing_to_do),
      cmocka_unit_test(the_first_seek_is_the_programs),
      cmocka_unit_test(a_moved_source_is_rewound_to_where_it_was_moved),
      cmocka_unit_test(bytes_that_libcurl_throws_away_are_kept_too),
      cmocka_unit_test(a_place_that_wasnt_reached_is_read_up_to),
      cmocka_unit_test(a_request_begins_at_the_beginning),
      cmocka_unit_test(a_request_that_was_rewound_is_not_rewound_again),
      cmocka_unit_test(a_request_that_cant_be_rewound_is_not_ready),
  };

  fill(bytes, sizeof bytes);
  return cmocka_run_group_tests(all, NULL, NULL);
}
