/* test_request_rewind.c - libcurl's own rewinds inside an attempt (a redirect
 * that keeps the method, authentication, a dead pooled connection), and the
 * program's own seek and ioctl callbacks: the bytes it then gives are compared
 * with those it gave first. */
#include "request_test.h"

#define SIZE 5000

static char other[MOST]; /* differs from `bytes` where a test says */

static const size_t pieces[] = {1, 7, 255, 4096, MOST};

/* How the program can rewind its source. */
enum seeking { NO_SEEK, SEEK, FAILING_SEEK, CANT_SEEK, IOCTL, FAILING_IOCTL };

static void prepare_seeking(struct fixture *f, enum seeking seeking) {
  prepare(f, SIZE);
  if (seeking == SEEK || seeking == FAILING_SEEK || seeking == CANT_SEEK)
    set_seek(f);
  if (seeking == IOCTL || seeking == FAILING_IOCTL)
    set_ioctl(f);
  if (seeking == FAILING_SEEK)
    f->source.seek_answer = CURL_SEEKFUNC_FAIL;
  if (seeking == CANT_SEEK)
    f->source.seek_answer = CURL_SEEKFUNC_CANTSEEK;
  if (seeking == FAILING_IOCTL)
    f->source.ioctl_answer = CURLIOE_FAILRESTART;
}

/* --- the same bytes --------------------------------------------------------
 */

/* The program's own rewind comes first, as without us; else what is kept. */
static void a_rewind_of_libcurls_sends_the_same_bytes(void **state) {
  (void)state;
  static const enum seeking seekings[] = {NO_SEEK,   SEEK,  FAILING_SEEK,
                                          CANT_SEEK, IOCTL, FAILING_IOCTL};
  static const size_t broken_at[] = {1, 99, 4096, SIZE};

  for (size_t i = 0; i < COUNT(seekings) * COUNT(broken_at); i++) {
    enum seeking seeking = seekings[i % COUNT(seekings)];
    for (size_t k = 0; k < COUNT(pieces); k++) {
      struct fixture f;
      prepare_seeking(&f, seeking);
      begin(&f);
      send_up_to(&f, broken_at[i / COUNT(seekings)], 1000);
      follow(&f);
      if (seeking == SEEK || seeking == IOCTL)
        assert_int_equal(f.source.at, 0);
      send_all(&f, pieces[k]);
      assert_sent(&f, bytes, SIZE);
      assert_int_equal(f.source.seeks, f.shadow.held.seek ? 1 : 0);
      assert_int_equal(f.source.ioctls, f.shadow.held.ioctl ? 1 : 0);
      if (f.source.ioctls)
        assert_ptr_equal(f.source.ioctl_handle, &f);
      retry(&f); /* and after it a retry, from what is kept */
      send_all(&f, pieces[k]);
      assert_sent(&f, bytes, SIZE);
      assert_int_equal(f.source.at, SIZE);
      end(&f);
    }
  }
}

/* Again and again, wherever the program's source then stands. */
static void a_request_may_be_rewound_while_it_is_reread(void **state) {
  (void)state;
  struct fixture f;

  prepare_seeking(&f, SEEK);
  begin(&f);
  send_up_to(&f, 3000, 1000);
  follow(&f);
  send_up_to(&f, 1000, 300);
  follow(&f);
  send_up_to(&f, 4000, 300);
  follow(&f);
  send_up_to(&f, 10, 3);
  retry(&f);
  assert_int_equal(f.source.seeks, 4); /* its source was in the middle */
  send_all(&f, 999);
  assert_sent(&f, bytes, SIZE);
  retry(&f);
  assert_int_equal(f.source.seeks, 4);
  send_all(&f, 999);
  assert_sent(&f, bytes, SIZE);
  end(&f);
}

/* Past what was read first it is a first reading again. */
static void a_source_that_was_read_again_goes_on(void **state) {
  (void)state;
  struct fixture f;

  prepare_seeking(&f, SEEK);
  begin(&f);
  send_up_to(&f, 3000, 1000);
  follow(&f);
  send_up_to(&f, 4000, 700);
  retry(&f);
  assert_int_equal(f.source.seeks, 1);
  assert_true(request_has_kept(&f.request));
  send_all(&f, 999);
  assert_sent(&f, bytes, SIZE);
  end(&f);
}

/* Beyond the limits: the program's seek, and the first bytes are compared. */
static void more_than_is_kept_is_read_again(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(pieces); i++) {
    struct fixture f;
    prepare_seeking(&f, SEEK);
    f.policy.snapshot_memory = 1000;
    f.policy.snapshot_disk = 500;
    begin(&f);
    send_up_to(&f, 4000, 333);
    retry(&f);
    assert_int_equal(f.source.seeks, 1);
    send_all(&f, pieces[i]);
    assert_sent(&f, bytes, SIZE);
    follow(&f);
    assert_int_equal(f.source.seeks, 2);
    send_all(&f, pieces[i]);
    assert_sent(&f, bytes, SIZE);
    end(&f);
  }
}

/* It broke just where the kept bytes end: they alone are no beginning. */
static void what_is_read_again_may_break_anywhere(void **state) {
  (void)state;
  static const size_t broken_at[] = {1, 999, 1000, 1001, 3000, 3001};

  for (size_t i = 0; i < COUNT(broken_at); i++) {
    struct fixture f;
    prepare_seeking(&f, SEEK);
    set_limit(&f, 1000);
    begin(&f);
    send_up_to(&f, 3000, 1000);
    retry(&f);
    send_up_to(&f, broken_at[i], 1000);
    retry(&f);
    assert_int_equal(f.source.seeks, 2);
    send_all(&f, 1000);
    assert_sent(&f, bytes, SIZE);
    end(&f);
  }
}

/* Its first seek worked, for a redirect; a later one needn't. */
static void what_is_kept_doesnt_hang_on_a_second_seek(void **state) {
  (void)state;
  for (int is_complete = 0; is_complete < 2; is_complete++) {
    struct fixture f;
    prepare_seeking(&f, SEEK);
    begin(&f);
    if (is_complete)
      send_all(&f, 1000);
    else
      send_up_to(&f, 4000, 1000);
    assert_true(request_is_certain(&f.request));
    follow(&f);
    send_up_to(&f, 2000, 1000);
    assert_int_equal(request_is_certain(&f.request), is_complete);
    f.source.seek_answer = CURL_SEEKFUNC_FAIL;
    assert_int_equal(request_rewind(&f.request), is_complete);
    if (is_complete) {
      assert_int_equal(f.source.seeks, 1);
      f.size = 0;
      send_all(&f, 77);
      assert_sent(&f, bytes, SIZE);
      follow(&f); /* libcurl's own asks again */
      assert_int_equal(f.source.seeks, 2);
      send_all(&f, 77);
      assert_sent(&f, bytes, SIZE);
    }
    end(&f);
  }
}

/* --- other bytes -----------------------------------------------------------
 */

/* The program's seek leads to bytes that differ at `place`, or that are only
 * `size`; the request at hand sends them up to what is noticed. */
static void reread(struct fixture *f, size_t place, size_t size, size_t most,
                   enum serving *result) {
  memcpy(other, bytes, MOST);
  other[place] ^= 1;
  f->source.bytes = other;
  f->source.size = size;
  do
    *result = serve(f, most);
  while (*result == SERVED && f->served);
}

static const struct {
  size_t place, size;
} others[] = {{0, SIZE},     {999, SIZE},   {4599, SIZE},
              {MOST - 1, 0}, {MOST - 1, 1}, {MOST - 1, 4599}};

/* All that the program first gave is kept: that is sent. */
static void the_first_bytes_are_sent_when_all_are_kept(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(others) * COUNT(pieces); i++) {
    enum serving result;
    struct fixture f;
    prepare_seeking(&f, SEEK);
    begin(&f);
    send_all(&f, 1000);
    follow(&f);
    reread(&f, others[i / COUNT(pieces)].place, others[i / COUNT(pieces)].size,
           pieces[i % COUNT(pieces)], &result);
    assert_int_equal(result, SERVED);
    assert_sent(&f, bytes, SIZE);
    retry(&f);
    send_all(&f, 77);
    assert_sent(&f, bytes, SIZE);
    assert_int_equal(f.source.seeks, 1); /* it isn't asked any more */
    end(&f);
  }
}

static void they_are_sent_as_fast_as_libcurl_asks(void **state) {
  (void)state;
  struct fixture f;

  prepare_seeking(&f, SEEK);
  begin(&f);
  send_all(&f, 1000);
  follow(&f);
  f.source.bytes = bytes + 1;
  assert_int_equal(request_serve(&f.request, f.sent, 100, 40, &f.served),
                   SERVED);
  assert_int_equal(f.served, 4000);
  assert_memory_equal(f.sent, bytes, 4000);
  end(&f);
}

/* It isn't known what would have come: the call ends. None of the piece that
 * differs is sent. */
static void other_bytes_end_a_call_that_isnt_all_kept(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(others) * COUNT(pieces); i++) {
    size_t row = i / COUNT(pieces);
    enum serving result;
    struct fixture f;
    prepare_seeking(&f, SEEK);
    begin(&f);
    send_up_to(&f, 4600, 1000); /* libcurl hadn't asked for more */
    follow(&f);
    reread(&f, others[row].place, others[row].size, pieces[i % COUNT(pieces)],
           &result);
    assert_int_equal(result, SERVED_OTHER_BYTES);
    assert_memory_equal(f.sent, bytes, f.size);
    assert_true(f.size <= others[row].place);
    end(&f);
  }
}

/* Its second reading was longer than the first, and than what is kept. */
static void a_body_that_grew_is_not_complete(void **state) {
  (void)state;
  enum serving result;
  struct fixture f;

  prepare_seeking(&f, SEEK);
  set_limit(&f, SIZE);
  begin(&f);
  send_all(&f, 1000);
  follow(&f);
  f.source.size = SIZE + 1000;
  send_all(&f, 700); /* one piece begins before its first end */
  assert_sent(&f, bytes, SIZE + 1000);
  follow(&f);
  reread(&f, 10, SIZE, 1000, &result);
  assert_int_equal(result, SERVED_OTHER_BYTES);
  end(&f);
}

/* A retry's bytes are compared as far as they are kept, and its length. */
static void a_retry_beyond_the_limits_is_compared_too(void **state) {
  (void)state;
  static const struct {
    size_t place, size;
    enum serving result;
  } rows[] = {{0, SIZE, SERVED_OTHER_BYTES},
              {1499, SIZE, SERVED_OTHER_BYTES},
              {1500, SIZE, SERVED}, /* nobody can know */
              {MOST - 1, 3999, SERVED_OTHER_BYTES},
              {MOST - 1, 4000, SERVED}};

  for (size_t i = 0; i < COUNT(rows) * COUNT(pieces); i++) {
    size_t row = i / COUNT(pieces);
    enum serving result;
    struct fixture f;
    prepare_seeking(&f, SEEK);
    f.policy.snapshot_memory = 1000;
    f.policy.snapshot_disk = 500;
    begin(&f);
    send_up_to(&f, 4000, 333);
    retry(&f);
    reread(&f, rows[row].place, rows[row].size, pieces[i % COUNT(pieces)],
           &result);
    assert_int_equal(result, rows[row].result);
    if (result == SERVED)
      assert_sent(&f, other, rows[row].size);
    end(&f);
  }
}

/* As much as was announced is all there is: libcurl doesn't ask for the end.
 */
static void an_announced_length_makes_a_body_complete(void **state) {
  (void)state;
  static const struct {
    enum request_kind request;
    curl_off_t upload_size, post_size;
    enum serving result; /* for other bytes, after all were sent */
  } rows[] = {
      {REQUEST_PUT, SIZE, -1, SERVED},
      {REQUEST_PUT, -1, -1, SERVED_OTHER_BYTES},
      {REQUEST_PUT, SIZE + 1, -1, SERVED_OTHER_BYTES},
      {REQUEST_PUT, -1, SIZE, SERVED_OTHER_BYTES},
      {REQUEST_POST, -1, SIZE, SERVED},
      {REQUEST_POST, SIZE, -1, SERVED_OTHER_BYTES},
  };

  for (size_t i = 0; i < COUNT(rows); i++) {
    enum serving result;
    struct fixture f;
    prepare_seeking(&f, SEEK);
    f.shadow.request = rows[i].request;
    f.shadow.upload_size = rows[i].upload_size;
    f.shadow.post_size = rows[i].post_size;
    begin(&f);
    send_up_to(&f, SIZE, 1000);
    follow(&f);
    reread(&f, 10, SIZE, MOST, &result);
    assert_int_equal(result, rows[i].result);
    if (result == SERVED)
      assert_sent(&f, bytes, SIZE);
    end(&f);
  }
}

int main(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(a_rewind_of_libcurls_sends_the_same_bytes),
      cmocka_unit_test(a_request_may_be_rewound_while_it_is_reread),
      cmocka_unit_test(a_source_that_was_read_again_goes_on),
      cmocka_unit_test(more_than_is_kept_is_read_again),
      cmocka_unit_test(what_is_read_again_may_break_anywhere),
      cmocka_unit_test(what_is_kept_doesnt_hang_on_a_second_seek),
      cmocka_unit_test(the_first_bytes_are_sent_when_all_are_kept),
      cmocka_unit_test(they_are_sent_as_fast_as_libcurl_asks),
      cmocka_unit_test(a_body_that_grew_is_not_complete),
      cmocka_unit_test(other_bytes_end_a_call_that_isnt_all_kept),
      cmocka_unit_test(a_retry_beyond_the_limits_is_compared_too),
      cmocka_unit_test(an_announced_length_makes_a_body_complete),
  };

  fill(bytes, sizeof bytes);
  return cmocka_run_group_tests(all, NULL, NULL);
}
