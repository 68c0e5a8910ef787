/* test_engine_upload.c - the request's body in a call: sent again from what
 * was kept, and the program isn't asked twice. */
#include "scene.h"

#define OTHER "the wrong bytes"

/* The program's own seek; it may lead to other bytes. */
static const char *after_seek; /* NULL: it fails */
static unsigned seeks;

static int on_seek(void *data, curl_off_t offset, int origin) {
  assert_ptr_equal(data, &seeks);
  assert_int_equal(offset, 0);
  assert_int_equal(origin, SEEK_SET);
  seeks++;
  if (!after_seek)
    return CURL_SEEKFUNC_FAIL;
  scene.program.upload = after_seek;
  scene.program.uploaded = 0;
  return CURL_SEEKFUNC_OK;
}

static void begin_put(const char *text) {
  upload(text);
  call_begins();
  request_goes_out();
}

static void begin_seekable(const char *text, const char *then) {
  after_seek = then;
  seeks = 0;
  set(CURLOPT_SEEKFUNCTION, on_seek);
  set(CURLOPT_SEEKDATA, &seeks);
  begin_put(text);
}

/* libcurl asks for `count` pieces of `size`. */
static void read_pieces(size_t size, size_t count) {
  for (size_t i = 0; i < count; i++)
    (void)libcurl_read(size);
}

static void busy(void) {
  response("HTTP/1.1 503 Busy", "Content-Length: 4");
  body("busy");
  transfer_ends(CURLE_OK);
}

static void fine(void) {
  response("HTTP/1.1 200 OK", "Content-Length: 4");
  body("fine");
  transfer_ends(CURLE_OK);
}

static void a_retry_sends_the_same_bytes(void **unused) {
  (void)unused;
  begin_put("0123456789");
  read_pieces(4, 4);
  assert_string_equal(libcurl.sent, "0123456789");
  busy();
  scene.program.upload = OTHER;
  assert_retries_at(1000);
  request_goes_out();
  read_pieces(3, 5);
  assert_string_equal(libcurl.sent, "0123456789");
  fine();
  assert_ends(CURLE_OK);
  assert_got(FINE);
}

/* The answer came before all of it was sent. */
static void after_what_was_kept_the_program_is_asked(void **unused) {
  (void)unused;
  begin_put("0123456789");
  read_pieces(4, 1);
  busy();
  assert_retries_at(1000);
  request_goes_out();
  read_pieces(3, 5);
  assert_string_equal(libcurl.sent, "0123456789");
  assert_int_equal(scene.program.uploaded, 10);
  fine();
  assert_ends(CURLE_OK);
}

/* 7.88 takes a 303 for the end of it, whatever comes next on the handle. */
static void a_retry_is_an_upload_again(void **unused) {
  (void)unused;
  begin_put("0123456789");
  read_pieces(4, 4);
  options_put(&libcurl.options, CURLOPT_UPLOAD, (void *)0L);
  request_goes_out();
  busy();
  assert_retries_at(1000);
  assert_int_equal(options_number(&libcurl.options, CURLOPT_UPLOAD), 1);
  request_goes_out();
  read_pieces(4, 4);
  fine();
  assert_ends(CURLE_OK);
}

/* A redirect, a round of authentication, a pooled connection that died. */
static void libcurl_may_rewind_what_cant_seek(void **unused) {
  (void)unused;
  begin_put("0123456789");
  read_pieces(4, 2);
  assert_int_equal(libcurl_seek(0), CURL_SEEKFUNC_OK);
  request_goes_out();
  read_pieces(4, 3);
  assert_string_equal(libcurl.sent, "012345670123456789");
  fine();
  assert_ends(CURLE_OK);
}

/* 7.88 forgets to rewind when a pooled connection died early. */
static void a_request_begins_with_the_first_byte(void **unused) {
  (void)unused;
  begin_put("0123456789");
  read_pieces(4, 1);
  request_goes_out();
  read_pieces(4, 3);
  assert_string_equal(libcurl.sent, "01230123456789");
  fine();
  assert_ends(CURLE_OK);
}

static void what_was_not_kept_is_not_repeated(void **unused) {
  (void)unused;
  variables("SNAPSHOT_MEMORY=4", "SNAPSHOT_DISK=off");
  begin_put("0123456789");
  read_pieces(4, 2);
  response("HTTP/1.1 503 Busy", "Content-Length: 4");
  assert_got("<HTTP/1.1 503 Busy><Content-Length: 4><>");
  body("busy");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_int_equal(scene.reason, VERDICT_NO_REWIND);
}

static void what_the_program_can_seek_is(void **unused) {
  (void)unused;
  variables("SNAPSHOT_MEMORY=4", "SNAPSHOT_DISK=off");
  begin_seekable("0123456789", "0123456789");
  read_pieces(4, 4);
  busy();
  assert_retries_at(1000);
  assert_int_equal(seeks, 1);
  request_goes_out();
  read_pieces(4, 4);
  assert_string_equal(libcurl.sent, "0123456789");
  fine();
  assert_ends(CURLE_OK);
  assert_got(FINE);
}

/* Its first bytes are compared with those that were kept. */
static void
a_seek_to_other_bytes_ends_it_with_the_first_answer(void **unused) {
  (void)unused;
  variables("SNAPSHOT_MEMORY=4", "SNAPSHOT_DISK=off");
  begin_seekable("0123456789", OTHER);
  read_pieces(4, 4);
  busy();
  assert_retries_at(1000);
  request_goes_out();
  assert_int_equal(libcurl_read(4), CURL_READFUNC_ABORT);
  transfer_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_ends(CURLE_OK);
  assert_int_equal(scene.reason, VERDICT_NO_REWIND);
  assert_got(BUSY);
  assert_int_equal(info(CURLINFO_RESPONSE_CODE), 503);
}

static void a_seek_that_fails_ends_it_with_the_answer(void **unused) {
  (void)unused;
  variables("SNAPSHOT_MEMORY=4", "SNAPSHOT_DISK=off");
  begin_seekable("0123456789", NULL);
  read_pieces(4, 4);
  busy();
  assert_ends(CURLE_OK);
  assert_int_equal(scene.reason, VERDICT_NO_REWIND);
  assert_int_equal(seeks, 1);
  assert_got(BUSY);
}

/* It was moved before the call: only what follows is the body. */
static void a_file_is_rewound_to_where_it_stood(void **unused) {
  FILE *file = tmpfile();

  (void)unused;
  assert_non_null(file);
  assert_true(fputs("---0123456789", file) > 0);
  assert_int_equal(fseek(file, 3, SEEK_SET), 0);
  set(CURLOPT_UPLOAD, 1L);
  set(CURLOPT_READDATA, file);
  call_begins();
  request_goes_out();
  read_pieces(4, 2);
  busy();
  assert_retries_at(1000);
  request_goes_out();
  read_pieces(4, 4);
  assert_string_equal(libcurl.sent, "0123456789");
  fine();
  assert_ends(CURLE_OK);
  (void)fclose(file);
}

/* --- the response that the program may be waiting for ----------------------
 */

static char seen[sizeof scene.program.got];

static void look(void) {
  if (!scene.program.event) /* the read callback */
    memcpy(seen, scene.program.got, sizeof seen);
}

static void a_held_response_comes_before_it_is_asked(void **unused) {
  (void)unused;
  begin_put("0123456789");
  read_pieces(4, 1);
  response("HTTP/1.1 200 OK");
  body("fine");
  assert_got("");
  scene.program.on_event = look;
  read_pieces(4, 1);
  assert_string_equal(seen, "<HTTP/1.1 200 OK><>[fine]");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

/* It gives nothing that could depend on it. */
static void but_not_before_what_is_kept(void **unused) {
  (void)unused;
  begin_put("0123456789");
  read_pieces(4, 1);
  busy();
  assert_retries_at(1000);
  request_goes_out();
  response("HTTP/1.1 200 OK");
  body("fine");
  read_pieces(4, 1);
  assert_got("");
  read_pieces(4, 1);
  assert_got("<HTTP/1.1 200 OK><>[fine]");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

static void who_refuses_it_there_ends_the_upload(void **unused) {
  (void)unused;
  begin_put("0123456789");
  response("HTTP/1.1 200 OK");
  scene.program.refuses = "HTTP/1.1 200 OK";
  assert_int_equal(libcurl_read(4), CURL_READFUNC_ABORT);
  transfer_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_ends(CURLE_WRITE_ERROR);
  assert_string_equal(scene.program.error, "Failed writing header");
}

/* --- the read callback's own words -----------------------------------------
 */

static size_t word;

static size_t say_word(char *buffer, size_t size, size_t count, void *data) {
  (void)buffer;
  (void)size;
  (void)count;
  assert_ptr_equal(data, &word);
  return word;
}

static void begin_with_word(size_t value) {
  word = value;
  set(CURLOPT_UPLOAD, 1L);
  set(CURLOPT_READFUNCTION, say_word);
  set(CURLOPT_READDATA, &word);
  call_begins();
  request_goes_out();
}

static void what_it_refuses_ends_the_call(void **unused) {
  static const struct {
    size_t word;
    CURLcode code;
  } rows[] = {{CURL_READFUNC_ABORT, CURLE_ABORTED_BY_CALLBACK},
              {5, CURLE_READ_ERROR}}; /* of 4 that it was asked for */

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    begin_with_word(rows[i].word);
    assert_int_equal(libcurl_read(4), rows[i].word);
    transfer_ends(rows[i].code);
    assert_ends(rows[i].code);
    assert_int_equal(scene.reason, VERDICT_REFUSED);
  }
}

/* STALL_TIMEOUT is about a server that does nothing. */
static void it_may_pause_as_long_as_it_likes(void **unused) {
  (void)unused;
  variables("STALL_TIMEOUT=5s");
  begin_with_word(CURL_READFUNC_PAUSE);
  assert_int_equal(libcurl_read(4), CURL_READFUNC_PAUSE);
  pass_time(60000);
  assert_int_equal(libcurl_progress(0, 0), 0);
  assert_int_equal(meanwhile_pause(scene.call, CURLPAUSE_CONT), CURLE_OK);
  word = 0;
  assert_int_equal(libcurl_read(4), 0);
  pass_time(5000);
  assert_int_equal(libcurl_progress(0, 0), 1);
  transfer_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_waits_until(66000);
  pass_time(1000);
  assert_performs();
  fine_attempt();
  assert_ends(CURLE_OK);
}

/* 7.88 forgets the rewind when a pooled connection died: what was read before
 * is lost, and the rest alone is no body. */
static void a_request_begun_again_without_its_bytes_is_ended(void **unused) {
  (void)unused;
  variables("SNAPSHOT_MEMORY=off", "SNAPSHOT_DISK=off");
  begin_put("0123456789");
  read_pieces(4, 1);
  request_goes_out();
  assert_int_equal(libcurl_read(4), CURL_READFUNC_ABORT);
  assert_string_equal(libcurl.sent, "0123");
  transfer_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_ends(CURLE_SEND_FAIL_REWIND);
}

/* A pooled connection died, and libcurl sends the request again by itself. */
static void what_must_not_be_sent_twice_is_not_rewound(void **unused) {
  static const char *const methods[] = {"PUT", "POST"};

  (void)unused;
  for (size_t i = 0; i < COUNT(methods); i++) {
    bool may = i == 0;
    set(CURLOPT_CUSTOMREQUEST, methods[i]);
    scene.program.uploaded = 0;
    upload("0123456789");
    call_begins();
    libcurl_says(CURLINFO_NUM_CONNECTS, 0);
    request_goes_out();
    read_pieces(4, 1);
    assert_int_equal(libcurl_seek(0) == CURL_SEEKFUNC_OK, may);
    transfer_ends(may ? CURLE_OK : CURLE_SEND_FAIL_REWIND);
    assert_ends(may ? CURLE_OK : CURLE_SEND_FAIL_REWIND);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(a_retry_sends_the_same_bytes),
      SCENE(after_what_was_kept_the_program_is_asked),
      SCENE(a_retry_is_an_upload_again),
      SCENE(libcurl_may_rewind_what_cant_seek),
      SCENE(a_request_begins_with_the_first_byte),
      SCENE(what_was_not_kept_is_not_repeated),
      SCENE(what_the_program_can_seek_is),
      SCENE(a_seek_to_other_bytes_ends_it_with_the_first_answer),
      SCENE(a_seek_that_fails_ends_it_with_the_answer),
      SCENE(a_file_is_rewound_to_where_it_stood),
      SCENE(a_held_response_comes_before_it_is_asked),
      SCENE(but_not_before_what_is_kept),
      SCENE(who_refuses_it_there_ends_the_upload),
      SCENE(what_it_refuses_ends_the_call),
      SCENE(it_may_pause_as_long_as_it_likes),
      SCENE(a_request_begun_again_without_its_bytes_is_ended),
      SCENE(what_must_not_be_sent_twice_is_not_rewound),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
