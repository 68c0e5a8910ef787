/* test_engine_memory.c - a retry was decided and paid for, and then there is
 * no memory to keep the outcome that it would replace. */
#include "scene.h"

#include "engine/ending.h"

static bool is_out_of_memory;

bool __wrap_ending_keep(struct call *call);
bool __real_ending_keep(struct call *call);

bool __wrap_ending_keep(struct call *call) {
  return !is_out_of_memory && __real_ending_keep(call);
}

/* The program gets that outcome; the reason is told, the tokens are back. */
static void a_retry_without_memory_is_given_up(void **unused) {
  (void)unused;
  is_out_of_memory = true;
  call_begins();
  busy_attempt();
  assert_waits_until(1000);
  pass_time(1000);
  assert_ends(CURLE_OK);
  assert_int_equal(scene.reason, VERDICT_NO_MEMORY);
  assert_got(BUSY);
  assert_int_equal(tokens(), 100);
}

/* One on a dead connection costs nothing; what was paid before is spent. */
static void one_that_was_free_gives_nothing_back(void **unused) {
  (void)unused;
  is_out_of_memory = false;
  call_begins();
  busy_attempt();
  assert_retries_at(1000);
  request_goes_out();
  libcurl_says(CURLINFO_NUM_CONNECTS, 0);
  is_out_of_memory = true;
  transfer_ends(CURLE_RECV_ERROR);
  assert_ends(CURLE_OK);
  assert_int_equal(scene.reason, VERDICT_NO_MEMORY);
  assert_got(BUSY);
  assert_int_equal(tokens(), 95);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      SCENE(a_retry_without_memory_is_given_up),
      SCENE(one_that_was_free_gives_nothing_back),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
