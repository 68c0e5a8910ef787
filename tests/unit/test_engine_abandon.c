/* test_engine_abandon.c - the program left the call by longjmp, or took the
 * transfer away: nothing is delivered, the handle is as the program left it,
 * and can be used again. */
#include "resume_scene.h"

#include <signal.h>
#include <unistd.h>

/* With all that a policy can change. */
static void begin(void) {
  variables("ATTEMPT_HEADER=Attempt", "STALL_TIMEOUT=90s", "CLOSE_IDLE=1",
            "HOLD_BYTES=6");
  watch_progress();
  upload("0123456789");
  set(CURLOPT_TIMEOUT, 100L);
  call_begins();
}

static void repeat(void) {
  assert_waits_until(scene.now + 100);
  pass_time(1000);
  assert_performs();
}

static void before_anything(void) { begin(); }

static void while_it_uploads(void) {
  begin();
  request_goes_out();
  assert_int_equal(libcurl_read(4), 4);
}

static void while_a_response_is_held(void) {
  begin();
  request_goes_out();
  response("HTTP/1.1 200 OK");
  body("held");
}

static void while_an_answer_is_drained(void) {
  begin();
  request_goes_out();
  response("HTTP/1.1 503 Busy");
  body("held");
}

static void while_it_waits(void) {
  begin();
  busy_attempt();
  assert_waits_until(100);
}

static void in_a_retry(void) {
  begin();
  busy_attempt();
  repeat();
  request_goes_out();
  response("HTTP/1.1 200 OK");
  body("held");
}

/* Before the new answer, with the old one kept. */
static void with_an_outcome_kept(void) {
  begin();
  busy_attempt();
  repeat();
}

static void while_a_hand_over_is_paused(void) {
  begin();
  request_goes_out();
  response("HTTP/1.1 200 OK");
  body("held");
  scene.program.pauses_at = "HTTP/1.1 200 OK";
  transfer_ends(CURLE_OK);
  assert_waits_until(100);
}

/* It wasn't asked yet what comes next. */
static void when_the_transfer_ended(void) {
  begin();
  transfer_ends(CURLE_COULDNT_CONNECT);
}

static void when_the_call_is_about_to_end(void) {
  struct next next;

  begin();
  transfer_ends(CURLE_URL_MALFORMAT);
  next = engine_next(scene.call, scene.now);
  assert_int_equal(next.step, NEXT_END);
}

static void while_a_body_is_continued(void) {
  begin_tagged();
  assert_retries_at(scene.now + 1000);
  request_goes_out();
}

static void while_a_body_is_compared(void) {
  variables("HOLD_BYTES=off");
  begin_broken("X: y");
  assert_retries_at(scene.now + 1000);
  request_goes_out();
  response("HTTP/1.1 200 OK");
  body("012");
}

static void after_a_body_went_on(void) {
  while_a_body_is_continued();
  response("HTTP/1.1 206 Part", "Content-Range: bytes 5-9/10");
}

static jmp_buf outside;

static void leave(void) { longjmp(outside, 1); }

static void in_a_callback_of_the_hand_over(void) {
  begin();
  request_goes_out();
  response("HTTP/1.1 200 OK");
  body("held");
  transfer_ends(CURLE_OK);
  scene.program.on_event = leave;
  if (!setjmp(outside))
    (void)engine_next(scene.call, scene.now);
  scene.program.on_event = NULL;
  (void)signal(SIGPIPE, SIG_DFL);
}

static void in_a_callback_of_the_transfer(void) {
  begin();
  request_goes_out();
  response("HTTP/1.1 200 OK", "Content-Length: 4");
  scene.program.on_event = leave;
  if (!setjmp(outside))
    body("held");
  scene.program.on_event = NULL;
}

static void (*const moments[])(void) = {
    before_anything,
    while_it_uploads,
    while_a_response_is_held,
    while_an_answer_is_drained,
    while_it_waits,
    in_a_retry,
    with_an_outcome_kept,
    while_a_hand_over_is_paused,
    when_the_transfer_ended,
    when_the_call_is_about_to_end,
    while_a_body_is_continued,
    while_a_body_is_compared,
    after_a_body_went_on,
    in_a_callback_of_the_hand_over,
    in_a_callback_of_the_transfer,
};

static void start_again(void) {
  scene_end(NULL);
  scene_begin(NULL);
}

static void the_options_are_the_programs(void **unused) {
  (void)unused;
  for (size_t i = 0; i < COUNT(moments); i++) {
    moments[i]();
    engine_abandon(scene.call);
    assert_given_back();
    assert_null(call_of(&scene.handle));
    assert_got("");
    start_again();
  }
}

/* The same memory, for a call that is repeated, too. */
static void the_handle_can_be_used_again(void **unused) {
  (void)unused;
  for (size_t i = 0; i < COUNT(moments); i++) {
    struct call *first;
    moments[i]();
    first = scene.call;
    engine_abandon(scene.call);
    scene.program.pauses_at = NULL;
    set(CURLOPT_NOPROGRESS, 1L);
    set(CURLOPT_UPLOAD, 0L);
    call_begins();
    assert_ptr_equal(scene.call, first);
    busy_attempt();
    assert_retries_at(scene.now + 1000);
    fine_attempt();
    assert_ends(CURLE_OK);
    assert_got(FINE);
    assert_int_equal(info(CURLINFO_RESPONSE_CODE), 200);
    assert_int_equal(info(CURLINFO_SIZE_DOWNLOAD_T), 4);
    start_again();
  }
}

/* And its upload begins with its first byte. */
static void nothing_of_its_upload_is_left(void **unused) {
  (void)unused;
  while_it_uploads();
  engine_abandon(scene.call);
  upload("abcd");
  scene.program.uploaded = 0;
  call_begins();
  request_goes_out();
  assert_int_equal(libcurl_read(10), 4);
  assert_int_equal(libcurl_read(10), 0);
  assert_string_equal(libcurl.sent, "abcd");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
}

/* It was of the held line that was delivered: sizes were 0. */
static void getinfo_is_libcurls_own(void **unused) {
  (void)unused;
  in_a_callback_of_the_hand_over();
  engine_abandon(scene.call);
  assert_int_equal(info(CURLINFO_SIZE_DOWNLOAD_T), 4);
}

static void tokens_that_were_taken_are_not_given_back(void **unused) {
  (void)unused;
  while_it_waits();
  assert_int_equal(tokens(), 95);
  engine_abandon(scene.call);
  assert_int_equal(tokens(), 95);
}

/* With TRACE each attempt has its line, also one that nobody waits for. */
static void the_trace_tells_of_it(void **unused) {
  char folder[] = "/tmp/test_abandon.XXXXXX", path[64], setting[80];
  char text[4096];
  FILE *file;

  (void)unused;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/trace", folder);
  snprintf(setting, sizeof setting, "TRACE=%s", path);
  variables(setting);
  call_begins();
  request_goes_out();
  response("HTTP/1.1 200 OK", "Content-Length: 10");
  body("0123");
  engine_abandon(scene.call);
  file = fopen(path, "r");
  assert_non_null(file);
  text[fread(text, 1, sizeof text - 1, file)] = 0;
  fclose(file);
  unlink(path);
  rmdir(folder);
  assert_non_null(strstr(text, "\"the program took the transfer away\""));
  assert_non_null(strstr(text, "\"outcome\":\"program\""));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(the_options_are_the_programs),
      SCENE(the_handle_can_be_used_again),
      SCENE(nothing_of_its_upload_is_left),
      SCENE(getinfo_is_libcurls_own),
      SCENE(tokens_that_were_taken_are_not_given_back),
      SCENE(the_trace_tells_of_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
