/* test_request_source.c - where an upload comes from: libcurl's own memory, a
 * FILE that can seek, one that can't, a callback; and which of them can be
 * sent again, for certain or not. */
#include "request_test.h"

#include <stdio.h>
#include <unistd.h>

#define SIZE 5000
#define START 50 /* where the program left its file */
#define FROM 700 /* RESUME_FROM */

/* --- files -----------------------------------------------------------------
 */

static void prepare_file(struct fixture *f, FILE *file) {
  prepare(f, 0);
  f->shadow.held.read = NULL;
  f->shadow.held.read_data = file;
}

static FILE *make_file(void) {
  FILE *file = tmpfile();

  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, SIZE, file), SIZE);
  assert_int_equal(fseeko(file, START, SEEK_SET), 0);
  return file;
}

/* As the stock curl seeks: from the file's own beginning. */
static int seek_file(void *data, curl_off_t offset, int origin) {
  return fseeko(data, offset, origin) ? CURL_SEEKFUNC_FAIL : CURL_SEEKFUNC_OK;
}

static void a_file_is_sent_again_from_where_it_stood(void **state) {
  (void)state;
  static const size_t broken_at[] = {1, 3000, SIZE - START};

  for (size_t i = 0; i < COUNT(broken_at) * 2; i++) {
    FILE *file = make_file();
    struct fixture f;
    prepare_file(&f, file);
    if (i % 2)
      f.shadow.held.read = (curl_read_callback)fread;
    begin(&f);
    assert_true(request_is_ready(&f.request));
    assert_int_equal(f.request.source, SOURCE_FILE);
    for (int k = 0; k < 2; k++) {
      send_up_to(&f, broken_at[i / 2], 999);
      retry(&f);
      send_all(&f, 77); /* to its end */
      assert_sent(&f, bytes + START, SIZE - START);
      retry(&f);
    }
    send_up_to(&f, 3000, 999);
    follow(&f);
    send_all(&f, 4096);
    assert_sent(&f, bytes + START, SIZE - START);
    request_next(&f.request); /* not rewound by libcurl */
    assert_true(request_is_ready(&f.request));
    f.size = 0;
    send_all(&f, 4096);
    assert_sent(&f, bytes + START, SIZE - START);
    end(&f);
    assert_int_equal(fclose(file), 0);
  }
}

static void a_files_bytes_are_not_kept(void **state) {
  (void)state;
  FILE *file = make_file();
  struct fixture f;

  prepare_file(&f, file);
  f.policy.snapshot_memory = 0;
  begin(&f);
  assert_true(request_is_ready(&f.request));
  send_all(&f, 999);
  assert_int_equal(spool_size(&f.request.snapshot), 0);
  assert_false(request_has_kept(&f.request));
  assert_int_equal(notes, 0);
  assert_true(request_can_rewind(&f.request, true));
  assert_true(request_is_certain(&f.request));
  retry(&f);
  assert_false(request_has_kept(&f.request));
  send_all(&f, 77);
  assert_sent(&f, bytes + START, SIZE - START);
  end(&f);
  assert_int_equal(fclose(file), 0);
}

/* The program's seek may be absolute in a file whose start was moved. */
static void a_files_own_seek_is_called_but_ours_counts(void **state) {
  (void)state;
  FILE *file = make_file();
  struct fixture f;

  prepare_file(&f, file);
  set_seek(&f);
  begin(&f);
  assert_true(request_is_ready(&f.request));
  send_up_to(&f, 3000, 999);
  follow(&f);
  assert_int_equal(f.source.seeks, 1);
  assert_int_equal(f.source.seeked_to, 0);
  send_all(&f, 77);
  assert_sent(&f, bytes + START, SIZE - START);
  assert_int_equal(f.source.seeks, 1);
  retry(&f);
  request_next(&f.request); /* nothing of it was served yet */
  send_all(&f, 77);
  assert_sent(&f, bytes + START, SIZE - START);
  assert_int_equal(f.source.seeks, 1);
  end(&f);
  assert_int_equal(fclose(file), 0);
}

/* Moved there by the program's seek, or read up to there by libcurl. */
static void a_file_is_resumed_from_the_same_byte(void **state) {
  (void)state;
  static const curl_off_t offsets[] = {0, FROM};

  for (size_t i = 0; i < COUNT(offsets) * 2; i++) {
    bool can_seek = i / COUNT(offsets);
    size_t first = can_seek ? FROM : START + FROM;
    FILE *file = make_file();
    struct fixture f;
    prepare_file(&f, file);
    f.shadow.attempt.resume_from = FROM;
    if (can_seek) {
      f.shadow.held.seek = seek_file;
      f.shadow.held.seek_data = file;
    }
    begin(&f);
    assert_int_equal(request_seek(&f.request, FROM, SEEK_SET, false),
                     can_seek ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_CANTSEEK);
    if (!can_seek)
      send_up_to(&f, FROM, 99);
    f.size = 0;
    send_up_to(&f, 2000, 300);
    assert_sent(&f, bytes + first, 2000);
    request_next(&f.request);
    assert_int_equal(request_seek(&f.request, offsets[i % 2], SEEK_SET, false),
                     CURL_SEEKFUNC_OK);
    f.size = 0;
    send_up_to(&f, 1000, 300);
    assert_sent(&f, bytes + first, 1000);
    retry(&f);
    assert_int_equal(request_seek(&f.request, FROM, SEEK_SET, false),
                     CURL_SEEKFUNC_OK);
    send_all(&f, 300);
    assert_sent(&f, bytes + first, SIZE - first);
    end(&f);
    assert_int_equal(fclose(file), 0);
  }
}

/* A pipe, and a FILE that has no descriptor: their bytes are kept. */
static void a_file_that_cant_seek_is_kept(void **state) {
  (void)state;
  for (int has_descriptor = 0; has_descriptor < 2; has_descriptor++) {
    FILE *file = NULL;
    struct fixture f;
    int ends[2];
    if (has_descriptor) {
      assert_int_equal(pipe(ends), 0);
      assert_int_equal(write(ends[1], bytes, SIZE), SIZE);
      assert_int_equal(close(ends[1]), 0);
      file = fdopen(ends[0], "r");
    } else {
      file = fmemopen(bytes, SIZE, "r");
    }
    assert_non_null(file);
    prepare_file(&f, file);
    begin(&f);
    assert_true(request_is_ready(&f.request));
    assert_int_equal(f.request.source, SOURCE_CALLBACK);
    send_up_to(&f, 3000, 999);
    retry(&f);
    send_all(&f, 77);
    assert_sent(&f, bytes, SIZE);
    retry(&f);
    send_all(&f, 4096);
    assert_sent(&f, bytes, SIZE);
    end(&f);
    assert_int_equal(fclose(file), 0);
  }
}

/* Its offset means nothing. */
static void a_device_is_no_file(void **state) {
  (void)state;
  FILE *file = fopen("/dev/null", "r");
  struct fixture f;

  assert_non_null(file);
  prepare_file(&f, file);
  begin(&f);
  send_all(&f, 10);
  assert_int_equal(f.request.source, SOURCE_CALLBACK);
  assert_sent(&f, "", 0);
  end(&f);
  assert_int_equal(fclose(file), 0);
}

/* --- callbacks -------------------------------------------------------------
 */

static void a_call_keeps_the_callback_it_began_with(void **state) {
  (void)state;
  struct fixture f;

  prepare(&f, SIZE);
  begin(&f);
  f.shadow.held.read = NULL;
  f.shadow.held.read_data = NULL;
  assert_true(request_is_ready(&f.request));
  send_all(&f, 999);
  assert_sent(&f, bytes, SIZE);
  end(&f);
}

/* --- which body, and can it be sent again? ---------------------------------
 */

static struct curl_httppost stream = {.flags = CURL_HTTPPOST_CALLBACK};
static struct curl_httppost text = {.flags = CURL_HTTPPOST_PTRCONTENTS};
static struct curl_httppost text_and_stream = {
    .next = &stream, .flags = CURL_HTTPPOST_PTRCONTENTS};

static const struct {
  struct shadow shadow;
  bool is_read;    /* through our callbacks */
  bool can_rewind; /* once it was sent; else each can */
  bool is_certain;
} bodies[] = {
    {{.request = REQUEST_GET}, false, true, true},
    {{.request = REQUEST_HEAD}, false, true, true},
    {{.request = REQUEST_POST, .has_post_fields = true}, false, true, true},
    {{.request = REQUEST_POST}, true, true, true},
    {{.request = REQUEST_PUT}, true, true, true},
    {{.request = REQUEST_GET, .is_upload = true}, true, true, true},
    {{.request = REQUEST_FORM}, false, true, false},
    {{.request = REQUEST_FORM, .form = &text}, false, true, false},
    {{.request = REQUEST_FORM, .form = &stream}, false, false, false},
    {{.request = REQUEST_FORM, .form = &text_and_stream}, false, false, false},
    /* a form that was set, and then something else */
    {{.request = REQUEST_PUT, .form = &stream}, true, true, true},
    {{.request = REQUEST_GET, .form = &stream}, false, true, true},
};

static void each_body_can_be_sent_again_or_cant(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(bodies); i++) {
    struct fixture f;
    prepare(&f, SIZE);
    f.shadow.request = bodies[i].shadow.request;
    f.shadow.form = bodies[i].shadow.form;
    f.shadow.is_upload = bodies[i].shadow.is_upload;
    f.shadow.has_post_fields = bodies[i].shadow.has_post_fields;
    assert_int_equal(request_begin(&f.request, &f.shadow, NULL, &f.policy),
                     bodies[i].is_read);
    assert_int_equal(f.request.source,
                     bodies[i].is_read ? SOURCE_CALLBACK : SOURCE_LIBCURL);
    assert_true(request_can_rewind(&f.request, false));
    assert_int_equal(request_can_rewind(&f.request, true),
                     bodies[i].can_rewind);
    assert_int_equal(request_is_certain(&f.request), bodies[i].is_certain);
    assert_true(request_rewind(&f.request));
    request_next(&f.request);
    assert_true(request_is_ready(&f.request));
    assert_false(request_has_kept(&f.request));
    end(&f);
  }
}

/* More was read than is kept: it hangs on the program's own rewind. */
static void
a_body_that_isnt_kept_needs_a_rewind_of_the_programs(void **state) {
  (void)state;
  for (int i = 0; i < 3; i++) {
    struct fixture f;
    prepare(&f, SIZE);
    f.policy.snapshot_memory = 10;
    if (i == 1)
      set_seek(&f);
    if (i == 2)
      set_ioctl(&f);
    begin(&f);
    assert_true(request_can_rewind(&f.request, true));
    assert_true(request_is_certain(&f.request));
    send_up_to(&f, 11, 11);
    assert_int_equal(request_can_rewind(&f.request, true), i > 0);
    assert_int_equal(request_can_rewind(&f.request, false), i > 0);
    assert_false(request_is_certain(&f.request));
    assert_int_equal(request_rewind(&f.request), i > 0);
    end(&f);
  }
}

/* The program has moved it meanwhile: nobody knows where the body began. */
static void a_file_that_went_back_is_not_sent_again(void **state) {
  (void)state;
  FILE *file = make_file();
  struct fixture f;

  prepare_file(&f, file);
  begin(&f);
  assert_true(request_is_ready(&f.request));
  send_up_to(&f, 3000, 999);
  assert_int_equal(fseeko(file, 2990, SEEK_SET), 0);
  assert_int_not_equal(request_seek(&f.request, 500, SEEK_SET, false),
                       CURL_SEEKFUNC_OK);
  assert_int_equal(ftello(file), 2990);
  assert_false(request_rewind(&f.request));
  end(&f);
  fclose(file);
}

int main(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(a_file_is_sent_again_from_where_it_stood),
      cmocka_unit_test(a_files_bytes_are_not_kept),
      cmocka_unit_test(a_files_own_seek_is_called_but_ours_counts),
      cmocka_unit_test(a_file_is_resumed_from_the_same_byte),
      cmocka_unit_test(a_file_that_cant_seek_is_kept),
      cmocka_unit_test(a_device_is_no_file),
      cmocka_unit_test(a_call_keeps_the_callback_it_began_with),
      cmocka_unit_test(each_body_can_be_sent_again_or_cant),
      cmocka_unit_test(a_body_that_isnt_kept_needs_a_rewind_of_the_programs),
      cmocka_unit_test(a_file_that_went_back_is_not_sent_again),
  };

  fill(bytes, sizeof bytes);
  return cmocka_run_group_tests(all, NULL, NULL);
}
