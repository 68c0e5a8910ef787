/* test_engine_way.c - the way to an answer: redirects, challenges, interim
 * responses are shown before libcurl goes on, and once; and what the program
 * sets meanwhile for something else. */
#include "scene.h"

#define THERE "<HTTP/1.1 302 There><Location: /there><>"

static void redirect(const char *location) {
  request_goes_out();
  response("HTTP/1.1 302 There", location);
}

static void begin_redirected(void) {
  set(CURLOPT_FOLLOWLOCATION, 1L);
  call_begins();
  redirect("Location: /there");
  assert_got("");
}

static void a_redirect_is_shown_before_it_is_followed(void **unused) {
  (void)unused;
  begin_redirected();
  request_goes_out();
  assert_got(THERE);
  response("HTTP/1.1 200 OK");
  body("fine");
  assert_got("");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_got("<HTTP/1.1 200 OK><>[fine]");
}

static void who_refuses_it_is_not_led_there(void **unused) {
  (void)unused;
  scene.program.refuses = "Location: /there";
  begin_redirected();
  libcurl_says_text(CURLINFO_EFFECTIVE_URL, "http://host/there");
  libcurl_says(CURLINFO_RESPONSE_CODE, 0);
  assert_int_equal(libcurl_prerequest(), CURL_PREREQFUNC_ABORT);
  transfer_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_ends(CURLE_WRITE_ERROR);
  assert_int_equal(scene.reason, VERDICT_REFUSED);
  assert_string_equal(scene.program.error, "Failed writing header");
  assert_int_equal(info(CURLINFO_RESPONSE_CODE), 302);
  assert_got("<HTTP/1.1 302 There>");
}

static void a_challenge_is_shown_before_it_is_met(void **unused) {
  (void)unused;
  set(CURLOPT_HTTPAUTH, CURLAUTH_DIGEST);
  call_begins();
  request_goes_out();
  response("HTTP/1.1 401 Who", "WWW-Authenticate: Digest");
  assert_got("");
  request_goes_out();
  assert_got("<HTTP/1.1 401 Who><WWW-Authenticate: Digest><>");
  response("HTTP/1.1 200 OK", "Content-Length: 4");
  body("fine");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_got(FINE);
}

/* A retry takes the same way. */
static void the_same_is_shown_once(void **unused) {
  (void)unused;
  begin_redirected();
  busy_attempt();
  assert_got(THERE);
  assert_retries_at(1000);
  redirect("Location: /there");
  fine_attempt();
  assert_ends(CURLE_OK);
  assert_got(FINE);
}

static void another_one_is_shown(void **unused) {
  (void)unused;
  begin_redirected();
  busy_attempt();
  assert_got(THERE);
  assert_retries_at(1000);
  redirect("Location: /elsewhere");
  fine_attempt();
  assert_ends(CURLE_OK);
  assert_got("<HTTP/1.1 302 There><Location: /elsewhere><>" FINE);
}

/* Each that was shown stands for one. */
static void two_of_a_kind_are_two(void **unused) {
  (void)unused;
  begin_redirected();
  redirect("Location: /there");
  busy_attempt();
  assert_got(THERE THERE);
  assert_retries_at(1000);
  for (int i = 0; i < 3; i++)
    redirect("Location: /there");
  fine_attempt();
  assert_ends(CURLE_OK);
  assert_got(THERE FINE);
}

/* libcurl had no use for it, or gave up over it: then it is shown, whatever an
 * earlier attempt showed. */
static void the_last_of_the_way_may_be_the_answer(void **unused) {
  static const CURLcode codes[] = {CURLE_OK, CURLE_TOO_MANY_REDIRECTS};

  (void)unused;
  for (size_t i = 0; i < 2 * COUNT(codes); i++) {
    CURLcode code = codes[i / 2];
    begin_redirected();
    if (i % 2) {
      busy_attempt();
      assert_got(THERE);
      assert_retries_at(scene.now + 1000);
      redirect("Location: /there");
    }
    transfer_ends(code);
    assert_ends(code);
    assert_got(THERE);
    assert_int_equal(info(CURLINFO_RESPONSE_CODE), 302);
  }
}

/* --- an upload that waits for it -------------------------------------------
 */

static size_t pause_upload(char *buffer, size_t size, size_t count,
                           void *data) {
  (void)buffer;
  (void)size;
  (void)count;
  (void)data;
  return CURL_READFUNC_PAUSE;
}

static void begin_paused_upload(void) {
  set(CURLOPT_UPLOAD, 1L);
  set(CURLOPT_READFUNCTION, pause_upload);
  call_begins();
  request_goes_out();
}

static void end_upload(void) {
  response("HTTP/1.1 200 OK", "Content-Length: 4");
  body("fine");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_got(FINE);
}

static void who_paused_sees_an_interim_response_at_once(void **unused) {
  (void)unused;
  begin_paused_upload();
  assert_int_equal(libcurl_read(4), CURL_READFUNC_PAUSE);
  response("HTTP/1.1 100 Continue");
  assert_got("<HTTP/1.1 100 Continue><>");
  end_upload();
}

static void who_pauses_sees_what_came_before(void **unused) {
  (void)unused;
  begin_paused_upload();
  response("HTTP/1.1 100 Continue");
  assert_got("");
  assert_int_equal(libcurl_read(4), CURL_READFUNC_PAUSE);
  assert_got("<HTTP/1.1 100 Continue><>");
  end_upload();
}

/* --- what the program sets for its next job --------------------------------
 */

static void an_option_set_in_a_wait_ends_it(void **unused) {
  static const struct {
    CURLoption option;
    const void *word;
    bool is_harmless;
  } rows[] = {{CURLOPT_URL, "http://other/", false},
              {CURLOPT_POSTFIELDS, "x=y", false},
              {CURLOPT_USERAGENT, "agent", false},
              {CURLOPT_TIMEOUT, (void *)50, false},
              {CURLOPT_NOPROGRESS, (void *)1, true},
              {CURLOPT_PRIVATE, &scene, true},
              {CURLOPT_VERBOSE, (void *)1, true}};

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    bool is_harmless = rows[i].is_harmless;
    scene_end(NULL);
    scene_begin(NULL);
    call_begins();
    busy_attempt();
    assert_waits_until(1000);
    set(rows[i].option, rows[i].word);
    if (is_harmless) {
      assert_retries_at(1000);
      fine_attempt();
    }
    assert_ends(CURLE_OK);
    assert_int_equal(scene.reason,
                     is_harmless ? VERDICT_SUCCESS : VERDICT_CHANGED);
    assert_got(is_harmless ? FINE : BUSY);
  }
}

static int set_url(void *data, curl_off_t download_total,
                   curl_off_t download_now, curl_off_t upload_total,
                   curl_off_t upload_now) {
  assert_null(data);
  assert_int_equal(download_total + download_now + upload_total + upload_now,
                   0);
  set(CURLOPT_URL, "http://other/");
  return 0;
}

static void the_progress_callback_may_set_one(void **unused) {
  (void)unused;
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, set_url);
  call_begins();
  busy_attempt();
  assert_ends(CURLE_OK);
  assert_int_equal(scene.reason, VERDICT_CHANGED);
  assert_got(BUSY);
}

static void an_answer_to_a_former_request_streams_through(void **unused) {
  (void)unused;
  call_begins();
  request_goes_out();
  set(CURLOPT_URL, "http://other/");
  response("HTTP/1.1 503 Busy", "Content-Length: 4");
  assert_got("<HTTP/1.1 503 Busy><Content-Length: 4><>");
  body("busy");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_int_equal(scene.reason, VERDICT_CHANGED);
}

static void or_comes_when_it_was_drained(void **unused) {
  (void)unused;
  call_begins();
  request_goes_out();
  response("HTTP/1.1 503 Busy", "Content-Length: 4");
  set(CURLOPT_URL, "http://other/");
  body("busy");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  assert_int_equal(scene.reason, VERDICT_CHANGED);
  assert_got(BUSY);
}

/* In a callback of the transfer most options are for that transfer. */
static void another_request_named_in_a_transfer_ends_it(void **unused) {
  static const struct {
    CURLoption option;
    const void *word;
    bool is_repeated;
  } rows[] = {{CURLOPT_URL, "http://other/", false},
              {CURLOPT_CUSTOMREQUEST, "PURGE", false},
              {CURLOPT_TIMEOUT, (void *)100, true},
              {CURLOPT_LOW_SPEED_LIMIT, (void *)1, true}};

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    bool is_repeated = rows[i].is_repeated;
    call_begins();
    request_goes_out();
    set(rows[i].option, rows[i].word);
    transfer_ends(CURLE_RECV_ERROR);
    if (is_repeated) {
      assert_retries_at(scene.now + 1000);
      fine_attempt();
    }
    assert_ends(is_repeated ? CURLE_OK : CURLE_RECV_ERROR);
    assert_int_equal(scene.reason,
                     is_repeated ? VERDICT_SUCCESS : VERDICT_CHANGED);
    set(CURLOPT_CUSTOMREQUEST, NULL);
  }
}

/* Not of ftp, which a redirect could have led to. */
static void a_trailer_of_the_way_is_shown_with_it(void **unused) {
  (void)unused;
  set(CURLOPT_FOLLOWLOCATION, 1L);
  call_begins();
  request_goes_out();
  response("HTTP/1.1 302 Moved", "Location: /there");
  assert_int_equal(libcurl_header("220: a trailer"), 16);
  assert_false(scene.call->now->hop.is_ftp);
  assert_got("");
  fine_attempt();
  assert_ends(CURLE_OK);
  assert_got("<HTTP/1.1 302 Moved><Location: /there><><220: a trailer>" FINE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(a_redirect_is_shown_before_it_is_followed),
      SCENE(who_refuses_it_is_not_led_there),
      SCENE(a_challenge_is_shown_before_it_is_met),
      SCENE(the_same_is_shown_once),
      SCENE(another_one_is_shown),
      SCENE(two_of_a_kind_are_two),
      SCENE(the_last_of_the_way_may_be_the_answer),
      SCENE(who_paused_sees_an_interim_response_at_once),
      SCENE(who_pauses_sees_what_came_before),
      SCENE(an_option_set_in_a_wait_ends_it),
      SCENE(the_progress_callback_may_set_one),
      SCENE(an_answer_to_a_former_request_streams_through),
      SCENE(or_comes_when_it_was_drained),
      SCENE(another_request_named_in_a_transfer_ends_it),
      SCENE(a_trailer_of_the_way_is_shown_with_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
