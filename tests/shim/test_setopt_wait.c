/* test_setopt_wait.c - what the program sets while its call waits for a retry,
 * or asks for while its transfer runs, is for its next job: the call ends with
 * what it has, and no request is sent that mixes the two. */
#define _GNU_SOURCE
#include "setup.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static struct curl_slist *list;
static char buffer[CURL_ERROR_SIZE];

struct job {
  CURL *curl;
  CURLoption option;
  const void *value;
  long long answered_at;
  bool is_early; /* set during the transfer, not in the wait */
  bool resets;
  bool is_set;
};

static int prepare_next(void *data, curl_off_t a, curl_off_t b, curl_off_t c,
                        curl_off_t d) {
  struct job *job = data;
  long status = 0;

  (void)a, (void)b, (void)c, (void)d;
  if (job->is_set)
    return 0;
  curl_easy_getinfo(job->curl, CURLINFO_RESPONSE_CODE, &status);
  if (status && !job->answered_at)
    job->answered_at = now_ms();
  if (job->is_early ? status : !status || now_ms() - job->answered_at < 150)
    return 0;
  job->is_set = true;
  if (job->resets)
    curl_easy_reset(job->curl);
  else
    curl_easy_setopt(job->curl, job->option, job->value);
  return 0;
}

static long perform(struct job *job, const char *key, const char *plan) {
  long status = 0;

  job->curl = handle_for(key, plan);
  curl_easy_setopt(job->curl, CURLOPT_XFERINFOFUNCTION, prepare_next);
  curl_easy_setopt(job->curl, CURLOPT_XFERINFODATA, job);
  curl_easy_setopt(job->curl, CURLOPT_NOPROGRESS, 0L);
  assert_int_equal(curl_easy_perform(job->curl), CURLE_OK);
  curl_easy_getinfo(job->curl, CURLINFO_RESPONSE_CODE, &status);
  assert_true(job->is_set);
  return status;
}

static void option_set_in_a_wait_ends_the_call(void **state) {
  static const struct {
    CURLoption option;
    const void *value;
  } rows[] = {
      {CURLOPT_URL, NULL}, /* the other place's */
      {CURLOPT_COPYPOSTFIELDS, "next job"},
      {CURLOPT_POSTFIELDS, "next job"},
      {CURLOPT_POST, (void *)1},
      {CURLOPT_UPLOAD, (void *)1},
      {CURLOPT_NOBODY, (void *)1},
      {CURLOPT_CUSTOMREQUEST, "DELETE"},
      {CURLOPT_HTTPHEADER, NULL},
      {CURLOPT_USERPWD, "user:next"},
      {CURLOPT_COOKIE, "next=1"},
      {CURLOPT_RANGE, "0-1"},
      {CURLOPT_USERAGENT, "next"},
      {CURLOPT_TIMEOUT, (void *)30},
      {CURLOPT_WRITEDATA, NULL},
      {CURLOPT_ERRORBUFFER, buffer},
      {CURLOPT_PROXY, ""},
  };

  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct job job = {.option = rows[i].option, .value = rows[i].value};
    struct url other;
    char key[32], next[32];
    struct seen seen;
    long status;
    snprintf(key, sizeof key, "wait%zu", i);
    snprintf(next, sizeof next, "next%zu", i);
    other = url_of(next, "200");
    if (rows[i].option == CURLOPT_URL)
      job.value = other.text;
    if (rows[i].option == CURLOPT_HTTPHEADER)
      job.value = list;
    log_forget();
    status = perform(&job, key, "503,200");
    if (status != 503 || server_count(key) != 1 ||
        log_count("meanwhile") != 1 || log_count(next))
      fail_msg("option %d: %ld, %zu requests, %zu lines", (int)rows[i].option,
               status, server_count(key), log_count("meanwhile"));
    /* it is there for the next job */
    curl_easy_setopt(job.curl, CURLOPT_URL, other.text);
    curl_easy_setopt(job.curl, CURLOPT_READFUNCTION, NULL);
    if (rows[i].option != CURLOPT_UPLOAD && rows[i].option != CURLOPT_POST) {
      assert_int_equal(curl_easy_perform(job.curl), CURLE_OK);
      assert_int_equal(server_saw(next, &seen, 1), 1);
      if (rows[i].option == CURLOPT_COPYPOSTFIELDS)
        assert_int_equal(seen.length, 8);
      if (rows[i].option == CURLOPT_CUSTOMREQUEST)
        assert_string_equal(seen.method, "DELETE");
    }
    curl_easy_cleanup(job.curl);
  }
}

static void harmless_option_leaves_the_retry(void **state) {
  static const struct {
    CURLoption option;
    const void *value;
  } rows[] = {
      {CURLOPT_VERBOSE, NULL},
      {CURLOPT_PRIVATE, buffer},
      {CURLOPT_MAX_RECV_SPEED_LARGE, (void *)1000000},
      {CURLOPT_NOPROGRESS, NULL},
      {CURLOPT_DEBUGDATA, buffer},
  };

  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct job job = {.option = rows[i].option, .value = rows[i].value};
    char key[32];
    snprintf(key, sizeof key, "harmless%zu", i);
    assert_int_equal(perform(&job, key, "503,200"), 200);
    assert_int_equal(server_count(key), 2);
    curl_easy_cleanup(job.curl);
  }
}

static void reset_in_a_wait_ends_the_call(void **state) {
  struct job job = {.resets = true};

  (void)state;
  if (is_libcurl(0x081600, UINT_MAX))
    skip(); /* libcurl refuses it in a callback */
  (void)perform(&job, "reset", "503:size=0,200");
  assert_int_equal(server_count("reset"), 1);
  curl_easy_cleanup(job.curl);
}

/* libcurl takes them from the next transfer on. */
static void request_named_in_a_transfer_is_not_the_retry_s(void **state) {
  static const struct {
    CURLoption option;
    const void *value;
  } rows[] = {
      {CURLOPT_URL, NULL},
      {CURLOPT_COPYPOSTFIELDS, "next job"},
      {CURLOPT_CUSTOMREQUEST, "DELETE"},
  };

  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct job job = {
        .option = rows[i].option, .value = rows[i].value, .is_early = true};
    struct url other = url_of("early-next", "200");
    char key[32];
    snprintf(key, sizeof key, "early%zu", i);
    if (!job.value)
      job.value = other.text;
    assert_int_equal(perform(&job, key, "503:wait=50,200"), 503);
    assert_int_equal(server_count(key), 1);
    assert_int_equal(server_count("early-next"), 0);
    curl_easy_cleanup(job.curl);
  }
}

static void timeout_set_in_a_transfer_leaves_the_retry(void **state) {
  struct job job = {
      .option = CURLOPT_TIMEOUT, .value = (void *)60, .is_early = true};

  (void)state;
  assert_int_equal(perform(&job, "timeout", "503:wait=50,200"), 200);
  assert_int_equal(server_count("timeout"), 2);
  curl_easy_cleanup(job.curl);
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(option_set_in_a_wait_ends_the_call),
      cmocka_unit_test(harmless_option_leaves_the_retry),
      cmocka_unit_test(reset_in_a_wait_ends_the_call),
      cmocka_unit_test(request_named_in_a_transfer_is_not_the_retry_s),
      cmocka_unit_test(timeout_set_in_a_transfer_leaves_the_retry),
  };
  int failed;

  list = curl_slist_append(NULL, "X-Next: 1");
  failed = cmocka_run_group_tests(all, NULL, NULL);
  curl_slist_free_all(list);
  return failed;
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=1s",
                                       "CURLRETRY_JITTER=none",
                                       "CURLRETRY_BUDGET=off", NULL};
  static const struct setup setup = {policy, tests, NULL};

  return setup_main(argc, argv, &setup);
}
