/* test_engine_versions.c - what single versions of libcurl need, so that a
 * retry does there what it does with the others. */
#include "scene.h"

static void use_version(unsigned version) {
  libcurl.library.version = version;
}

/* Whether the retry after a 503 sets the form again. The program's own value
 * is taken off before, as a witness. */
static bool is_form_set_again(unsigned version, CURLoption option) {
  static struct curl_httppost form;
  bool is_set;

  use_version(version);
  set(option, &form);
  call_begins();
  busy_attempt();
  assert_waits_until(scene.now + 1000);
  options_put(&libcurl.options, option, NULL);
  pass_time(1000);
  assert_performs();
  is_set = options_pointer(&libcurl.options, option) != NULL;
  options_put(&libcurl.options, option, &form);
  fine_attempt();
  assert_ends(CURLE_OK);
  return is_set;
}

/* They would lose it after a redirect to a GET, and crash. */
static void a_form_is_set_again_where_it_would_be_lost(void **unused) {
  static const struct {
    unsigned version;
    bool is_set;
  } rows[] = {{0x075801, false}, {0x080201, false}, {0x080300, true},
              {0x080500, true},  {0x080600, true},  {0x080700, false},
              {0x081600, false}};

  (void)unused;
  variables("METHODS=all");
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_int_equal(is_form_set_again(rows[i].version, CURLOPT_HTTPPOST),
                     rows[i].is_set);
    assert_false(is_form_set_again(rows[i].version, CURLOPT_MIMEPOST));
  }
}

/* FRESH_CONNECT of the first retry after a 503, of an upload. */
static bool is_connected_anew(unsigned version, curl_off_t offset) {
  bool is_fresh;

  use_version(version);
  scene.program.uploaded = 0;
  set(CURLOPT_RESUME_FROM_LARGE, offset);
  upload("0123456789");
  call_begins();
  busy_attempt();
  assert_retries_at(scene.now + 1000);
  is_fresh = options_number(&libcurl.options, CURLOPT_FRESH_CONNECT);
  fine_attempt();
  assert_ends(CURLE_OK);
  return is_fresh;
}

/* On a pooled connection that died libcurl itself would send other bytes. */
static void the_rest_of_an_upload_has_a_new_connection(void **unused) {
  (void)unused;
  assert_true(is_connected_anew(0x075801, 5));
  assert_true(is_connected_anew(0x080500, 5));
  assert_false(is_connected_anew(0x080500, 0));
  assert_false(is_connected_anew(0x080700, 5));
  set(CURLOPT_LOCALPORT, 5000L); /* the old connection has it still */
  assert_false(is_connected_anew(0x080500, 5));
}

/* libcurl 8.7 to 8.13 goes on after a rewind that failed. */
static void what_was_not_rewound_is_not_sent(void **unused) {
  (void)unused;
  use_version(0x080901);
  guard_requests(CURL_PREREQFUNC_OK);
  set(CURLOPT_CUSTOMREQUEST, "POST");
  upload("0123456789");
  call_begins();
  libcurl_says(CURLINFO_NUM_CONNECTS, 0);
  request_goes_out();
  assert_int_equal(libcurl_read(4), 4);
  assert_int_equal(libcurl_seek(0), CURL_SEEKFUNC_FAIL);
  assert_int_equal(libcurl_prerequest(), CURL_PREREQFUNC_ABORT);
  transfer_ends(CURLE_ABORTED_BY_CALLBACK);
  assert_ends(CURLE_SEND_FAIL_REWIND);
  assert_string_equal(libcurl.sent, "0123");
}

/* How often libcurl was told to go on, by the retry of a paused transfer. */
static unsigned pauses_ended(unsigned version) {
  unsigned before, ended;

  use_version(version);
  call_begins();
  request_goes_out();
  before = libcurl.pauses;
  transfer_ends(CURLE_RECV_ERROR);
  assert_retries_at(scene.now + 1000);
  request_goes_out();
  ended = libcurl.pauses - before;
  request_goes_out(); /* a second one of the same attempt */
  assert_int_equal(libcurl.pauses - before, ended);
  if (ended)
    assert_int_equal(libcurl.pause_action, CURLPAUSE_CONT);
  response("HTTP/1.1 200 OK", "Content-Length: 4");
  body("fine");
  transfer_ends(CURLE_OK);
  assert_ends(CURLE_OK);
  return ended;
}

/* With 8.18 it would be paused for ever. */
static void a_pause_ends_with_its_attempt(void **unused) {
  (void)unused;
  assert_int_equal(pauses_ended(0x081100), 0);
  assert_int_equal(pauses_ended(0x081200), 1);
  assert_int_equal(pauses_ended(0x081300), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(a_form_is_set_again_where_it_would_be_lost),
      SCENE(the_rest_of_an_upload_has_a_new_connection),
      SCENE(what_was_not_rewound_is_not_sent),
      SCENE(a_pause_ends_with_its_attempt),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
