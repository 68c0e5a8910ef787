/* test_pause_bound.c - how long a program may pause: as long as its own
 * timeout says, whatever that is for; MAX_TIME doesn't count it. */
#define _GNU_SOURCE
#include "setup.h"

#include <stdlib.h>
#include <string.h>

struct pauser {
  CURL *curl;
  int pauses;          /* still to be made */
  long long paused_at; /* ms; 0: not paused */
  long long pause_ms;  /* how long one lasts; 0: for ever */
  long long got;
  long long upload; /* bytes still to be sent */
};

static size_t on_body(char *bytes, size_t size, size_t count, void *data) {
  struct pauser *pauser = data;

  (void)bytes;
  if (pauser->pauses > 0) {
    pauser->pauses--;
    pauser->paused_at = now_ms();
    return CURL_WRITEFUNC_PAUSE;
  }
  pauser->got += (long long)(size * count);
  return size * count;
}

static size_t on_read(char *buffer, size_t size, size_t count, void *data) {
  struct pauser *pauser = data;
  size_t length = size * count;

  if (pauser->pauses > 0 && pauser->upload < 1000) {
    pauser->pauses--;
    pauser->paused_at = now_ms();
    return CURL_READFUNC_PAUSE;
  }
  if (length > 100)
    length = 100;
  if ((long long)length > pauser->upload)
    length = (size_t)pauser->upload;
  memset(buffer, 'u', length);
  pauser->upload -= (long long)length;
  return length;
}

static int on_progress(void *data, curl_off_t dltotal, curl_off_t dlnow,
                       curl_off_t ultotal, curl_off_t ulnow) {
  struct pauser *pauser = data;

  (void)dltotal;
  (void)dlnow;
  (void)ultotal;
  (void)ulnow;
  if (pauser->pause_ms && pauser->paused_at &&
      now_ms() - pauser->paused_at >= pauser->pause_ms) {
    pauser->paused_at = 0;
    curl_easy_pause(pauser->curl, CURLPAUSE_CONT);
  }
  return 0;
}

static void begin(struct pauser *pauser, const char *key, const char *plan) {
  memset(pauser, 0, sizeof *pauser);
  pauser->pauses = 1;
  pauser->curl = handle_for(key, plan);
  curl_easy_setopt(pauser->curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(pauser->curl, CURLOPT_WRITEDATA, pauser);
  curl_easy_setopt(pauser->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(pauser->curl, CURLOPT_XFERINFODATA, pauser);
  curl_easy_setopt(pauser->curl, CURLOPT_NOPROGRESS, 0L);
}

static void never_ending_pause_is_ended(const char *name) {
  static const char *const plans[] = {
      "200:size=5000", "200:size=5000:chunked", "200:size=5000:gzip",
      "503,200:size=5000:chunked", "hang,200:size=5000:chunked"};

  for (size_t i = 0; i < COUNT(plans); i++) {
    struct pauser pauser;
    struct seen seen[3];
    size_t count;
    char key[32];
    snprintf(key, sizeof key, "%s%zu", name, i);
    if (plans[i][0] == 'h' && !strcmp(name, "call"))
      continue; /* the first attempt takes all the time */
    begin(&pauser, key, plans[i]);
    curl_easy_setopt(pauser.curl, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(pauser.curl, CURLOPT_TIMEOUT_MS, 800L);
    assert_int_equal(curl_easy_perform(pauser.curl), CURLE_OPERATION_TIMEDOUT);
    assert_int_equal(pauser.got, 0);
    count = server_saw(key, seen, COUNT(seen));
    assert_int_equal(count, strchr(plans[i], ',') ? 2 : 1);
    /* of the attempt, where it is for each */
    assert_in_range(now_ms() - seen[count - 1].time_ms,
                    strcmp(name, "call") != 0 ? 400 : 200, 3000 * patience());
    curl_easy_cleanup(pauser.curl);
  }
}

static void child(const char *name, FILE *out) {
  never_ending_pause_is_ended(name);
  fprintf(out, "ended\n");
}

static void timeout_ends_a_pause_in_both_scopes(void **state) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms", NULL};
  char *text;

  (void)state;
  never_ending_pause_is_ended("attempt");
  text = run_child(CHILD_SHIMMED, "call", policy, NULL);
  assert_string_equal(text, "ended\n");
  free(text);
}

/* The program waits, nobody else. */
static void pause_in_a_later_attempt_is_not_idle(void **state) {
  static const char *const plans[] = {"503,200:size=5000",
                                      "503,200:size=5000:chunked",
                                      "503,200:size=900000:seed=s"};

  (void)state;
  for (size_t i = 0; i < COUNT(plans); i++) {
    struct pauser pauser;
    char key[32];
    snprintf(key, sizeof key, "later%zu", i);
    begin(&pauser, key, plans[i]);
    pauser.pause_ms = 2000;
    assert_int_equal(curl_easy_perform(pauser.curl), CURLE_OK);
    assert_int_equal(pauser.got, i == 2 ? 900000 : 5000);
    assert_int_equal(server_count(key), 2);
    curl_easy_cleanup(pauser.curl);
  }
}

static void paused_upload_of_a_later_attempt_is_not_idle(void **state) {
  struct pauser pauser;
  struct seen seen[3];

  (void)state;
  begin(&pauser, "upload", "503:early,201");
  pauser.pause_ms = 2000;
  pauser.upload = 20000;
  curl_easy_setopt(pauser.curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(pauser.curl, CURLOPT_READFUNCTION, on_read);
  curl_easy_setopt(pauser.curl, CURLOPT_READDATA, &pauser);
  assert_int_equal(curl_easy_perform(pauser.curl), CURLE_OK);
  assert_int_equal(server_saw("upload", seen, COUNT(seen)), 2);
  assert_int_equal(seen[1].status, 201);
  assert_int_equal(seen[1].length, 20000);
  curl_easy_cleanup(pauser.curl);
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(timeout_ends_a_pause_in_both_scopes),
      cmocka_unit_test(pause_in_a_later_attempt_is_not_idle),
      cmocka_unit_test(paused_upload_of_a_later_attempt_is_not_idle),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms",
                                       "CURLRETRY_TIMEOUT_SCOPE=attempt",
                                       "CURLRETRY_MAX_TIME=1500ms", NULL};
  static const struct setup setup = {policy, tests, child};

  return setup_main(argc, argv, &setup);
}
