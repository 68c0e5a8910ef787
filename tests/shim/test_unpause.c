/* test_unpause.c - curl_easy_pause() at odd moments: while held bytes are
 * handed over and between two attempts. No piece comes twice or too early. */
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
  curl_easy_setopt(resumer->curl, CURLOPT_TIMEOUT, 60L * patience());
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
    /* 8.7 offers it once more where one piece is all (alone: up to twice) */
    assert_in_range(resumer.calls, 2, is_libcurl(0x080700, 0x080800) ? 3 : 2);
    assert_int_equal(server_count(key), 1);
  }
}

static size_t pause_if_told(char *bytes, size_t size, size_t count,
                            void *data) {
  (void)bytes;
  return *(bool *)data ? CURL_WRITEFUNC_PAUSE : size * count;
}

/* libcurl 8.18 alone would leave it on the handle. */
static void pause_ends_with_its_transfer(void **state) {
  CURL *curl = handle_for("left", "200:size=5000");
  bool pauses = true;

  (void)state;
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, pause_if_told);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &pauses);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 500L * patience());
  assert_int_equal(curl_easy_perform(curl), CURLE_OPERATION_TIMEDOUT);
  pauses = false;
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L * patience());
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  curl_easy_cleanup(curl);
}

/* --- between two attempts -------------------------------------------------
 */

struct waiter {
  CURL *curl;
  long long failed_at; /* ms, when the 503 was seen first */
  long long paused_at;
  int calls_while_paused;
  bool has_gone_on;
  long long got;
};

static size_t take_unless_paused(char *bytes, size_t size, size_t count,
                                 void *data) {
  struct waiter *waiter = data;

  (void)bytes;
  waiter->calls_while_paused += waiter->paused_at && !waiter->has_gone_on;
  waiter->got += (long long)(size * count);
  return size * count;
}

/* Pauses in the middle of the wait, goes on long after it. */
static int pause_in_wait(void *data, curl_off_t dltotal, curl_off_t dlnow,
                         curl_off_t ultotal, curl_off_t ulnow) {
  struct waiter *waiter = data;
  long status = 0;

  (void)dltotal;
  (void)dlnow;
  (void)ultotal;
  (void)ulnow;
  curl_easy_getinfo(waiter->curl, CURLINFO_RESPONSE_CODE, &status);
  if (status == 503 && !waiter->failed_at)
    waiter->failed_at = now_ms();
  if (!waiter->failed_at || waiter->has_gone_on)
    return 0;
  if (!waiter->paused_at && now_ms() - waiter->failed_at >= 100) {
    waiter->paused_at = now_ms();
    curl_easy_pause(waiter->curl, CURLPAUSE_RECV);
  } else if (waiter->paused_at && now_ms() - waiter->paused_at >= 1000) {
    waiter->has_gone_on = true;
    curl_easy_pause(waiter->curl, CURLPAUSE_CONT);
  }
  return 0;
}

static void pause_between_attempts_holds_for_the_next(void **state) {
  static const char *const steps[] = {"200:size=5000", "200:size=5000:chunked",
                                      "200:size=900000"};

  (void)state;
  for (size_t i = 0; i < COUNT(steps); i++) {
    struct waiter waiter = {.got = 0};
    char key[32], plan[64];
    snprintf(key, sizeof key, "between%zu", i);
    snprintf(plan, sizeof plan, "503:ra=1,%s", steps[i]);
    waiter.curl = handle_for(key, plan);
    curl_easy_setopt(waiter.curl, CURLOPT_WRITEFUNCTION, take_unless_paused);
    curl_easy_setopt(waiter.curl, CURLOPT_WRITEDATA, &waiter);
    curl_easy_setopt(waiter.curl, CURLOPT_XFERINFOFUNCTION, pause_in_wait);
    curl_easy_setopt(waiter.curl, CURLOPT_XFERINFODATA, &waiter);
    curl_easy_setopt(waiter.curl, CURLOPT_NOPROGRESS, 0L);
    assert_int_equal(curl_easy_perform(waiter.curl), CURLE_OK);
    assert_true(waiter.has_gone_on);
    assert_int_equal(waiter.calls_while_paused, 0);
    assert_int_equal(waiter.got, i < 2 ? 5000 : 900000);
    assert_int_equal(server_count(key), 2);
    curl_easy_cleanup(waiter.curl);
  }
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(pause_and_cont_in_one_callback_go_on),
      cmocka_unit_test(piece_refused_after_a_pause_is_offered_once),
      cmocka_unit_test(pause_ends_with_its_transfer),
      cmocka_unit_test(pause_between_attempts_holds_for_the_next),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms",
                                       "CURLRETRY_HOLD_BYTES=100K", NULL};
  static const struct setup setup = {policy, tests, NULL};

  return setup_main(argc, argv, &setup);
}
