/* test_unpause.c - curl_easy_pause() called while held bytes are handed over:
 * the program goes on at once, or refuses, and no piece is offered twice. */
#define _GNU_SOURCE
#include "setup.h"

struct resumer {
  CURL *curl;
  bool is_paused;
  bool refuses; /* once the pause is over */
  int calls;
  CURLcode resumed; /* what curl_easy_pause() said */
  long long got;
};

static size_t pause_then_take(char *bytes, size_t size, size_t count,
                              void *data) {
  struct resumer *resumer = data;

  (void)bytes;
  resumer->calls++;
  if (resumer->calls == 1) {
    resumer->is_paused = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  if (resumer->refuses)
    return 0;
  resumer->got += (long long)(size * count);
  return size * count;
}

static int resume(void *data, curl_off_t dltotal, curl_off_t dlnow,
                  curl_off_t ultotal, curl_off_t ulnow) {
  struct resumer *resumer = data;

  (void)dltotal;
  (void)dlnow;
  (void)ultotal;
  (void)ulnow;
  if (resumer->is_paused) {
    resumer->is_paused = false;
    resumer->resumed = curl_easy_pause(resumer->curl, CURLPAUSE_CONT);
  }
  return 0;
}

static size_t pause_and_go_on(char *bytes, size_t size, size_t count,
                              void *data) {
  struct resumer *resumer = data;

  (void)bytes;
  if (resumer->calls++ == 0) {
    curl_easy_pause(resumer->curl, CURLPAUSE_RECV);
    resumer->resumed = curl_easy_pause(resumer->curl, CURLPAUSE_CONT);
  }
  resumer->got += (long long)(size * count);
  return size * count;
}

static CURLcode run_resumer(struct resumer *resumer, const char *key,
                            const char *plan, curl_write_callback write) {
  CURLcode code;

  resumer->curl = handle_for(key, plan);
  curl_easy_setopt(resumer->curl, CURLOPT_WRITEFUNCTION, write);
  curl_easy_setopt(resumer->curl, CURLOPT_WRITEDATA, resumer);
  curl_easy_setopt(resumer->curl, CURLOPT_XFERINFOFUNCTION, resume);
  curl_easy_setopt(resumer->curl, CURLOPT_XFERINFODATA, resumer);
  curl_easy_setopt(resumer->curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(resumer->curl, CURLOPT_TIMEOUT, 10L * patience());
  code = curl_easy_perform(resumer->curl);
  curl_easy_cleanup(resumer->curl);
  return code;
}

static const char *const resumed_plans[] = {
    "200:size=5000:seed=s", "200:size=5000:chunked:seed=s",
    "200:size=900000:seed=s", "200:size=900000:chunked:seed=s"};

/* A program that paused for a moment only is not waited for. */
static void pause_and_cont_in_one_callback_go_on(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(resumed_plans); i++) {
    struct resumer resumer = {.resumed = CURLE_AGAIN};
    char key[32];
    snprintf(key, sizeof key, "moment%zu", i);
    assert_int_equal(
        run_resumer(&resumer, key, resumed_plans[i], pause_and_go_on),
        CURLE_OK);
    assert_int_equal(resumer.got, i < 2 ? 5000 : 900000);
    assert_int_equal(resumer.resumed, CURLE_OK);
  }
}

static void piece_refused_after_a_pause_is_offered_once(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(resumed_plans); i++) {
    struct resumer resumer = {.refuses = true};
    char key[32];
    snprintf(key, sizeof key, "refused%zu", i);
    assert_int_equal(
        run_resumer(&resumer, key, resumed_plans[i], pause_then_take),
        CURLE_WRITE_ERROR);
    assert_int_equal(resumer.calls, 2);
    assert_int_equal(server_count(key), 1);
  }
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(pause_and_cont_in_one_callback_go_on),
      cmocka_unit_test(piece_refused_after_a_pause_is_offered_once),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms",
                                       "CURLRETRY_HOLD_BYTES=100K", NULL};
  static const struct setup setup = {policy, tests, NULL};

  return setup_main(argc, argv, &setup);
}
