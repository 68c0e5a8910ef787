/* test_callbacks.c - what a program may do in its callbacks works as
 * unshimmed: inside the transfer, and while held data are handed over. */
#define _GNU_SOURCE
#include "setup.h"

#include <stdlib.h>
#include <string.h>

enum action {
  NOTHING,
  SWITCH_DATA,     /* WRITEDATA, to the second sink */
  SWITCH_FUNCTION, /* WRITEFUNCTION */
  DUPLICATE,       /* and perform on the copy after the call */
  NESTED,          /* perform on another handle */
  SAME,            /* perform on the same handle */
  RESET,
  CLEANUP_OTHER
};

struct actor {
  CURL *curl, *other;
  struct actor *second;
  enum action action; /* at the first call of the write callback */
  long long got;
  int calls;
  CURLcode code; /* of what the action did */
  long status;
};

static size_t on_body(char *bytes, size_t size, size_t count, void *data);

static size_t on_other_body(char *bytes, size_t size, size_t count,
                            void *data) {
  struct actor *actor = data;

  (void)bytes;
  actor->second->got += (long long)(size * count);
  return size * count;
}

static void act(struct actor *actor) {
  switch (actor->action) {
  case SWITCH_DATA:
    actor->code =
        curl_easy_setopt(actor->curl, CURLOPT_WRITEDATA, actor->second);
    break;
  case SWITCH_FUNCTION:
    actor->code =
        curl_easy_setopt(actor->curl, CURLOPT_WRITEFUNCTION, on_other_body);
    break;
  case DUPLICATE:
    actor->other = curl_easy_duphandle(actor->curl);
    break;
  case NESTED:
    actor->code = curl_easy_perform(actor->other);
    break;
  case SAME:
    actor->code = curl_easy_perform(actor->curl);
    break;
  case RESET:
    curl_easy_reset(actor->curl);
    break;
  case CLEANUP_OTHER:
    curl_easy_cleanup(actor->other);
    break;
  default:
    break;
  }
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data) {
  struct actor *actor = data;

  (void)bytes;
  actor->got += (long long)(size * count);
  curl_easy_getinfo(actor->curl, CURLINFO_RESPONSE_CODE, &actor->status);
  if (!actor->calls++)
    act(actor);
  return size * count;
}

static void begin(struct actor *actor, enum action action, const char *key,
                  const char *plan) {
  memset(actor, 0, sizeof *actor);
  actor->action = action;
  actor->curl = handle_for(key, plan);
  curl_easy_setopt(actor->curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(actor->curl, CURLOPT_WRITEDATA, actor);
  curl_easy_setopt(actor->curl, CURLOPT_BUFFERSIZE, 1024L);
}

/* Handed over inside the transfer, after it, streamed; alone and retried. */
static const struct {
  const char *plan;
  size_t requests;
} plans[] = {
    {"200:size=5000:rate=1000~5", 1},
    {"200:size=5000:chunked:rate=1000~5", 1},
    {"503,200:size=5000:rate=1000~5", 2},
    {"rst,200:size=5000:chunked:rate=1000~5", 2},
};

static void key_of(char *key, const char *name, size_t i) {
  snprintf(key, 32, "%s%zu", name, i);
}

static void write_data_set_in_a_callback_is_used_at_once(void **state) {
  char key[32];

  (void)state;
  for (size_t i = 0; i < COUNT(plans); i++) {
    struct actor actor, second;
    key_of(key, "data", i);
    begin(&actor, SWITCH_DATA, key, plans[i].plan);
    second = (struct actor){.curl = actor.curl, .calls = 1};
    actor.second = &second;
    assert_int_equal(curl_easy_perform(actor.curl), CURLE_OK);
    assert_int_equal(actor.code, CURLE_OK);
    assert_int_equal(actor.calls, 1);
    assert_int_equal(actor.got + second.got, 5000);
    assert_true(second.got > 0);
    assert_int_equal(curl_easy_perform(actor.curl), CURLE_OK);
    assert_int_equal(actor.got + second.got, 10000); /* it stays set */
    assert_int_equal(actor.calls, 1);
    assert_int_equal(server_count(key), plans[i].requests + 1);
    curl_easy_cleanup(actor.curl);
  }
}

static void write_function_set_in_a_callback_is_used_at_once(void **state) {
  char key[32];

  (void)state;
  for (size_t i = 0; i < COUNT(plans); i++) {
    struct actor actor, second = {0};
    key_of(key, "function", i);
    begin(&actor, SWITCH_FUNCTION, key, plans[i].plan);
    actor.second = &second;
    assert_int_equal(curl_easy_perform(actor.curl), CURLE_OK);
    assert_int_equal(actor.calls, 1);
    assert_int_equal(actor.got + second.got, 5000);
    assert_int_equal(curl_easy_perform(actor.curl), CURLE_OK);
    assert_int_equal(actor.calls, 1);
    assert_int_equal(actor.got + second.got, 10000);
    curl_easy_cleanup(actor.curl);
  }
}

static void duplicate_made_in_a_callback_is_the_program_s(void **state) {
  char key[32];

  (void)state;
  for (size_t i = 0; i < COUNT(plans); i++) {
    struct actor actor;
    key_of(key, "dup", i);
    begin(&actor, DUPLICATE, key, plans[i].plan);
    assert_int_equal(curl_easy_perform(actor.curl), CURLE_OK);
    assert_int_equal(actor.got, 5000);
    assert_non_null(actor.other);
    curl_easy_setopt(actor.other, CURLOPT_URL,
                     url_of(key, "503,200:size=77").text);
    assert_int_equal(curl_easy_perform(actor.other), CURLE_OK);
    assert_int_equal(actor.got, 5077);
    assert_int_equal(server_count(key), plans[i].requests + 2);
    curl_easy_cleanup(actor.curl);
    actor.curl = actor.other;
    assert_int_equal(curl_easy_perform(actor.other), CURLE_OK);
    assert_int_equal(actor.got, 5154);
    curl_easy_cleanup(actor.other);
  }
}

static void nested_call_on_another_handle_is_retried(void **state) {
  char key[32], inner[32];

  (void)state;
  for (size_t i = 0; i < COUNT(plans); i++) {
    struct actor actor, nested;
    key_of(key, "outer", i);
    key_of(inner, "inner", i);
    begin(&actor, NESTED, key, plans[i].plan);
    begin(&nested, NOTHING, inner, "503,200:size=300:chunked");
    actor.other = nested.curl;
    assert_int_equal(curl_easy_perform(actor.curl), CURLE_OK);
    assert_int_equal(actor.code, CURLE_OK);
    assert_int_equal(actor.got, 5000);
    assert_int_equal(actor.status, 200);
    assert_int_equal(nested.got, 300);
    assert_int_equal(server_count(key), plans[i].requests);
    assert_int_equal(server_count(inner), 2);
    curl_easy_cleanup(actor.curl);
    curl_easy_cleanup(nested.curl);
  }
}

static void other_handle_is_cleaned_up_in_a_callback(void **state) {
  char key[32];

  (void)state;
  for (size_t i = 0; i < COUNT(plans); i++) {
    struct actor actor;
    key_of(key, "clean", i);
    begin(&actor, CLEANUP_OTHER, key, plans[i].plan);
    actor.other = handle_for(key, "200");
    assert_int_equal(curl_easy_perform(actor.other), CURLE_OK);
    assert_int_equal(curl_easy_perform(actor.curl), CURLE_OK);
    assert_int_equal(actor.got, 5000);
    curl_easy_cleanup(actor.curl);
  }
}

/* "CODE-INSIDE CODE GOT" for each good plan. */
static void perform_inside(const char *name, FILE *out) {
  for (size_t i = 0; i < 2; i++) {
    struct actor actor;
    CURLcode code;
    begin(&actor, SAME, name, plans[i].plan);
    code = curl_easy_perform(actor.curl);
    fprintf(out, "%d %d %lld; ", actor.code, code, actor.got);
    code = curl_easy_perform(actor.curl);
    fprintf(out, "%d %lld; ", code, actor.got);
    curl_easy_cleanup(actor.curl);
  }
}

static void perform_on_the_same_handle_is_refused_as_unshimmed(void **state) {
  (void)state;
  assert_as_unshimmed("same");
}

/* 7.88 lets it through, 8.22 refuses it: no more than "nothing breaks". The
 * body comes in one piece: after a reset libcurl writes to stdout. */
static void reset_in_a_callback_breaks_nothing(void **state) {
  static const char *const whole[] = {"200:size=500", "200:size=500:chunked",
                                      "503,200:size=500",
                                      "rst,200:size=500:chunked"};
  char key[32];

  (void)state;
  for (size_t i = 0; i < COUNT(whole); i++) {
    struct actor actor;
    key_of(key, "reset", i);
    begin(&actor, RESET, key, whole[i]);
    curl_easy_setopt(actor.curl, CURLOPT_BUFFERSIZE, 100000L);
    (void)curl_easy_perform(actor.curl);
    assert_int_equal(actor.calls, 1);
    assert_int_equal(server_count(key), i < 2 ? 1 : 2);
    curl_easy_reset(actor.curl);
    curl_easy_setopt(actor.curl, CURLOPT_URL,
                     url_of(key, "503,200:size=10").text);
    curl_easy_setopt(actor.curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(actor.curl, CURLOPT_WRITEDATA, &actor);
    actor.got = 0;
    assert_int_equal(curl_easy_perform(actor.curl), CURLE_OK);
    assert_int_equal(actor.got, 10);
    assert_int_equal(server_count(key), i < 2 ? 3 : 4);
    curl_easy_cleanup(actor.curl);
  }
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(write_data_set_in_a_callback_is_used_at_once),
      cmocka_unit_test(write_function_set_in_a_callback_is_used_at_once),
      cmocka_unit_test(duplicate_made_in_a_callback_is_the_program_s),
      cmocka_unit_test(nested_call_on_another_handle_is_retried),
      cmocka_unit_test(other_handle_is_cleaned_up_in_a_callback),
      cmocka_unit_test(perform_on_the_same_handle_is_refused_as_unshimmed),
      cmocka_unit_test(reset_in_a_callback_breaks_nothing),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms",
                                       "CURLRETRY_BUDGET=off", NULL};
  static const struct setup setup = {policy, tests, perform_inside};

  return setup_main(argc, argv, &setup);
}
