/* test_request_serve.c - an upload from a callback is served as the program
 * gives it, and again from what was kept of it: the program is asked once for
 * each byte. Its own seek: test_request_rewind.c. */
#include "request_test.h"

#include <unistd.h>

static const size_t sizes[] = {0, 1, 100, 5003, MOST};
static const size_t pieces[] = {1, 7, 255, 4096, 4097, MOST};

/* --- once ------------------------------------------------------------------
 */

static void the_program_is_read_as_it_gives(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(sizes) * COUNT(pieces); i++) {
    size_t size = sizes[i / COUNT(pieces)];
    struct fixture f;
    prepare(&f, size);
    f.source.piece = pieces[i % COUNT(pieces)];
    begin(&f);
    assert_false(request_has_kept(&f.request));
    send_all(&f, 4099);
    assert_sent(&f, bytes, size);
    assert_true(request_can_rewind(&f.request, true));
    end(&f);
  }
}

static void the_program_is_asked_for_as_much_as_libcurl_wants(void **state) {
  (void)state;
  struct fixture f;

  prepare(&f, 1000);
  begin(&f);
  assert_int_equal(request_serve(&f.request, f.sent, 7, 11, &f.served),
                   SERVED);
  assert_int_equal(f.served, 77);
  assert_int_equal(f.source.reads, 1);
  retry(&f);
  assert_int_equal(request_serve(&f.request, f.sent, 5, 3, &f.served), SERVED);
  assert_int_equal(f.served, 15);
  assert_int_equal(f.source.reads, 1);
  end(&f);
}

static void after_its_end_the_program_isnt_asked_again(void **state) {
  (void)state;
  struct fixture f;

  prepare(&f, 10);
  begin(&f);
  send_all(&f, 100);
  assert_int_equal(f.source.reads, 2);
  f.source.size = 20;
  assert_int_equal(serve(&f, 100), SERVED);
  assert_int_equal(f.served, 0);
  assert_int_equal(f.source.reads, 2);
  end(&f);
}

/* --- again, from what was kept ---------------------------------------------
 */

/* Whenever the attempt broke, and however its successor reads. */
static void a_retry_sends_the_same_bytes(void **state) {
  (void)state;
  static const size_t broken_at[] = {1, 99, 4096, 5002, 5003};

  for (size_t i = 0; i < COUNT(broken_at) * COUNT(pieces); i++) {
    size_t most = pieces[i % COUNT(pieces)];
    size_t at = broken_at[i / COUNT(pieces)];
    struct fixture f;
    prepare(&f, 5003);
    set_seek(&f);
    begin(&f);
    for (int k = 0; k < 3; k++) {
      send_up_to(&f, at, 1 + 1000 * (size_t)k);
      assert_sent(&f, bytes, at);
      retry(&f);
      assert_true(request_has_kept(&f.request));
    }
    send_all(&f, most);
    assert_sent(&f, bytes, 5003);
    assert_int_equal(f.source.at, 5003); /* once, in order */
    assert_int_equal(f.source.seeks, 0);
    retry(&f);
    send_all(&f, most);
    assert_sent(&f, bytes, 5003);
    assert_int_equal(f.source.at, 5003);
    end(&f);
  }
}

static void kept_bytes_and_new_ones_are_not_mixed_up(void **state) {
  (void)state;
  struct fixture f;
  size_t reads;

  prepare(&f, 1000);
  begin(&f);
  send_up_to(&f, 300, 100);
  retry(&f);
  reads = f.source.reads;
  assert_int_equal(serve(&f, 1000), SERVED);
  assert_int_equal(f.served, 300);
  assert_false(request_has_kept(&f.request));
  assert_int_equal(f.source.reads, reads);
  assert_int_equal(serve(&f, 1000), SERVED);
  assert_int_equal(f.served, 700);
  assert_sent(&f, bytes, 1000);
  end(&f);
}

static void a_retry_before_the_first_byte_needs_nothing(void **state) {
  (void)state;
  struct fixture f;

  prepare(&f, 100);
  set_seek(&f);
  begin(&f);
  retry(&f);
  assert_int_equal(f.source.seeks, 0);
  send_all(&f, 7);
  assert_sent(&f, bytes, 100);
  end(&f);
}

/* --- the limits ------------------------------------------------------------
 */

/* SNAPSHOT_MEMORY, SNAPSHOT_DISK; the last size that can be kept, and one
 * byte more. */
static void as_much_is_kept_as_the_limits_let(void **state) {
  (void)state;
  static const struct {
    int64_t memory, disk;
    size_t size;
    bool is_kept;
  } rows[] = {
      {5000, 0, 5000, true},
      {5000, 0, 5001, false},
      {0, 5000, 5000, true},
      {0, 5000, 5001, false},
      {100, 4900, 5000, true},
      {100, 4900, 5001, false},
      {4999, 1, 5000, true},
      {0, 0, 0, true},
      {0, 0, 1, false},
      {POLICY_UNLIMITED, 0, MOST, true},
      {0, POLICY_UNLIMITED, MOST, true},
  };

  for (size_t i = 0; i < COUNT(rows) * COUNT(pieces); i++) {
    size_t row = i / COUNT(pieces);
    bool is_kept = rows[row].is_kept;
    struct fixture f;
    prepare(&f, rows[row].size);
    f.policy.snapshot_memory = rows[row].memory;
    f.policy.snapshot_disk = rows[row].disk;
    begin(&f);
    send_all(&f, pieces[i % COUNT(pieces)]);
    assert_sent(&f, bytes, rows[row].size); /* it is sent, kept or not */
    assert_int_equal(request_can_rewind(&f.request, true), is_kept);
    assert_int_equal(request_is_certain(&f.request), is_kept);
    assert_int_equal(notes, is_kept ? 0 : 1);
    assert_int_equal(request_rewind(&f.request), is_kept || !rows[row].size);
    if (is_kept) {
      f.size = 0;
      send_all(&f, pieces[COUNT(pieces) - 1 - i % COUNT(pieces)]);
      assert_sent(&f, bytes, rows[row].size);
    } else {
      assert_false(request_has_kept(&f.request));
    }
    end(&f);
  }
}

/* 1000 bytes of 5000 are kept in memory, 2000 in a file: which one? */
static int send_into_file(struct fixture *f) {
  prepare(f, 5000);
  f->policy.snapshot_memory = 1000;
  f->policy.snapshot_disk = 10000;
  begin(f);
  send_up_to(f, 3000, 1000);
  assert_true(request_can_rewind(&f->request, true));
  return f->request.snapshot.file.number;
}

/* What can't be read back isn't sent as something else. */
static void a_file_that_lost_its_bytes_ends_the_upload(void **state) {
  (void)state;
  struct fixture f;
  int file = send_into_file(&f);

  retry(&f);
  assert_int_equal(ftruncate(file, 1999), 0);
  assert_int_equal(serve(&f, 1000), SERVED);
  assert_int_equal(serve(&f, 1000), SERVED_OTHER_BYTES);
  assert_int_equal(f.served, 0);
  assert_sent(&f, bytes, 1000);
  end(&f);
  assert_int_equal(close(file), 0); /* it was not the snapshot's to close */
}

static void without_its_file_an_upload_isnt_retried(void **state) {
  (void)state;
  struct fixture f;

  assert_int_equal(close(send_into_file(&f)), 0);
  assert_false(request_can_rewind(&f.request, true));
  assert_false(request_rewind(&f.request));
  assert_false(request_is_certain(&f.request));
  assert_int_equal(spool_size(&f.request.snapshot), 1000);
  end(&f);
}

/* What it gives again is compared with what is left, in memory. */
static void a_program_that_can_seek_needs_no_file(void **state) {
  (void)state;
  struct fixture f;

  for (size_t place = 0; place < 2; place++) {
    assert_int_equal(close(send_into_file(&f)), 0);
    set_seek(&f);
    assert_true(request_can_rewind(&f.request, true));
    retry(&f);
    assert_int_equal(f.source.seeks, 1);
    f.source.at = place; /* where it led */
    if (place) {
      assert_int_equal(serve(&f, 1000), SERVED_OTHER_BYTES);
    } else {
      send_all(&f, 700);
      assert_sent(&f, bytes, 5000);
    }
    end(&f);
  }
}

/* Who can seek isn't told that the snapshot is too small. */
static void a_program_that_can_seek_may_send_more(void **state) {
  (void)state;
  struct fixture f;

  prepare(&f, 5000);
  f.policy.snapshot_memory = 4000;
  set_seek(&f);
  begin(&f);
  send_all(&f, 999);
  assert_int_equal(notes, 0);
  assert_true(request_can_rewind(&f.request, true));
  assert_false(request_is_certain(&f.request));
  end(&f);
}

static void without_a_folder_memory_is_all_there_is(void **state) {
  (void)state;
  struct fixture f;

  noted = "TMPDIR";
  for (int is_more = 0; is_more < 2; is_more++) {
    prepare(&f, 5000 + (size_t)is_more);
    request_init(&f.request, "/no/such/folder");
    f.policy.snapshot_memory = 5000;
    f.policy.snapshot_disk = 5000;
    begin(&f);
    send_all(&f, 1024);
    assert_sent(&f, bytes, f.source.size);
    assert_int_equal(request_can_rewind(&f.request, true), !is_more);
    assert_int_equal(notes, is_more);
    end(&f);
  }
  noted = "SNAPSHOT_MEMORY";
}

/* --- what the program says against it --------------------------------------
 */

/* At its first, a middle and its last read. */
static void a_paused_upload_goes_on_where_it_was(void **state) {
  (void)state;
  for (size_t n = 0; n < 12; n++) {
    struct fixture f;
    prepare(&f, 1000);
    f.source.piece = 100;
    f.source.special = CURL_READFUNC_PAUSE;
    f.source.special_at = n;
    begin(&f);
    while (f.source.reads < n)
      assert_int_equal(serve(&f, 200), SERVED);
    if (n < 11) {
      assert_int_equal(serve(&f, 200), SERVED_PAUSE);
      assert_true(f.request.is_paused);
      assert_int_equal(f.request.served_at, f.size);
    }
    send_all(&f, 200);
    assert_false(f.request.is_paused);
    assert_sent(&f, bytes, 1000);
    retry(&f);
    send_all(&f, 33);
    assert_sent(&f, bytes, 1000);
    end(&f);
  }
}

static void a_refusal_is_passed_on_and_keeps_nothing(void **state) {
  (void)state;
  static const size_t answers[] = {CURL_READFUNC_ABORT, 201, SIZE_MAX};

  for (size_t i = 0; i < COUNT(answers) * 2; i++) {
    size_t n = i % 2 ? 3 : 0;
    struct fixture f;
    prepare(&f, 1000);
    f.source.piece = 100;
    f.source.special = answers[i / 2];
    f.source.special_at = n;
    begin(&f);
    send_up_to(&f, 100 * n, 200);
    assert_int_equal(serve(&f, 200), SERVED_REFUSED);
    assert_int_equal(f.served, answers[i / 2]);
    assert_int_equal(spool_size(&f.request.snapshot), 100 * n);
    assert_false(f.request.is_paused);
    end(&f);
  }
}

static void as_much_as_was_asked_for_is_no_refusal(void **state) {
  (void)state;
  struct fixture f;

  prepare(&f, 1000);
  begin(&f);
  assert_int_equal(serve(&f, 200), SERVED);
  assert_int_equal(f.served, 200);
  end(&f);
}

/* --- the next call ---------------------------------------------------------
 */

static void a_call_knows_nothing_of_the_one_before(void **state) {
  (void)state;
  struct fixture f;

  prepare(&f, 5000);
  f.policy.snapshot_memory = 1000;
  f.policy.snapshot_disk = 1000;
  for (int i = 0; i < 3; i++) {
    begin(&f);
    assert_false(request_has_kept(&f.request));
    assert_true(request_can_rewind(&f.request, true));
    f.size = f.source.at = 0;
    send_all(&f, 1024);
    assert_sent(&f, bytes, 5000);
    assert_false(request_can_rewind(&f.request, true));
    assert_true(f.request.snapshot.file.number >= 0);
    assert_int_equal(notes, i + 1);
    request_end(&f.request);
    assert_int_equal(f.request.snapshot.file.number, -1);
    assert_int_equal(spool_size(&f.request.snapshot), 0);
    assert_non_null(f.request.snapshot.memory); /* for the next */
    assert_int_equal(f.request.source, SOURCE_LIBCURL);
  }
  request_free(&f.request);
  assert_null(f.request.snapshot.memory);
}

int main(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(the_program_is_read_as_it_gives),
      cmocka_unit_test(the_program_is_asked_for_as_much_as_libcurl_wants),
      cmocka_unit_test(after_its_end_the_program_isnt_asked_again),
      cmocka_unit_test(a_retry_sends_the_same_bytes),
      cmocka_unit_test(kept_bytes_and_new_ones_are_not_mixed_up),
      cmocka_unit_test(a_retry_before_the_first_byte_needs_nothing),
      cmocka_unit_test(as_much_is_kept_as_the_limits_let),
      cmocka_unit_test(a_file_that_lost_its_bytes_ends_the_upload),
      cmocka_unit_test(without_its_file_an_upload_isnt_retried),
      cmocka_unit_test(a_program_that_can_seek_needs_no_file),
      cmocka_unit_test(a_program_that_can_seek_may_send_more),
      cmocka_unit_test(without_a_folder_memory_is_all_there_is),
      cmocka_unit_test(a_paused_upload_goes_on_where_it_was),
      cmocka_unit_test(a_refusal_is_passed_on_and_keeps_nothing),
      cmocka_unit_test(as_much_as_was_asked_for_is_no_refusal),
      cmocka_unit_test(a_call_knows_nothing_of_the_one_before),
  };

  fill(bytes, sizeof bytes);
  return cmocka_run_group_tests(all, NULL, NULL);
}
