/* test_multi_waiting.c - what a program may do with a transfer that waits: it
 * is in its multi handle and runs, as far as anybody can tell. */
#define _GNU_SOURCE
#include "multi_run.h"

#include <string.h>

/* One that waits. */
struct scene {
  struct drive drive;
  struct transfer transfer;
  struct crowd crowd;
};

static void begin(struct scene *scene, void **state, const char *key,
                  const char *plan) {
  scene->crowd = (struct crowd){&scene->transfer, 1, false};
  drive_open(&scene->drive, *state, crowd_turn, &scene->crowd);
  transfer_begin(&scene->transfer, key, plan, 3000);
  drive_add(&scene->drive, scene->transfer.curl);
  run_until_waiting(&scene->drive, key, 1);
  assert_null(scene->drive.trouble);
}

static void end(struct scene *scene, size_t requests) {
  run_to_end(&scene->drive);
  transfer_assert(&scene->transfer, requests);
  transfer_end(&scene->transfer);
  drive_close(&scene->drive);
}

static void it_can_not_be_used_otherwise(void **state) {
  CURLM *other = curl_multi_init();
  struct scene scene;
  CURL *curl;
  int left = -1;

  begin(&scene, state, "used", "503,BODY");
  curl = scene.transfer.curl;
  assert_int_equal(curl_multi_add_handle(scene.drive.multi, curl),
                   CURLM_ADDED_ALREADY);
  assert_int_equal(curl_multi_add_handle(other, curl), CURLM_ADDED_ALREADY);
  assert_int_equal(curl_easy_perform(curl), CURLE_FAILED_INIT);
  assert_null(curl_multi_info_read(scene.drive.multi, &left));
  assert_int_equal(left, 0);
  assert_int_equal(scene.drive.running, 1);
  end(&scene, 2);
  curl_multi_cleanup(other);
}

static void its_private_pointer_is_there(void **state) {
  char *private = NULL;
  struct scene scene;

  begin(&scene, state, "private", "503,BODY");
  assert_int_equal(
      curl_easy_getinfo(scene.transfer.curl, CURLINFO_PRIVATE, &private),
      CURLE_OK);
  assert_ptr_equal(private, &scene.transfer);
  end(&scene, 2);
}

static void it_can_be_paused_and_go_on(void **state) {
  struct scene scene;
  CURL *curl;

  begin(&scene, state, "pause", "503,BODY");
  curl = scene.transfer.curl;
  assert_int_equal(curl_easy_pause(curl, CURLPAUSE_ALL), CURLE_OK);
  drive_for(&scene.drive, 20);
  assert_int_equal(curl_easy_pause(curl, CURLPAUSE_CONT), CURLE_OK);
  end(&scene, 2);
}

/* Timers of some loops are a few milliseconds early: libcurl tells the time
 * once more. */
static void a_timer_that_was_early_is_set_again(void **state) {
  struct scene scene;

  begin(&scene, state, "early", "503,BODY");
  scene.drive.timer_calls = 0;
  assert_int_equal(curl_multi_socket_action(scene.drive.multi,
                                            CURL_SOCKET_TIMEOUT, 0,
                                            &scene.drive.running),
                   CURLM_OK);
  assert_int_equal(scene.drive.running, 1);
  if (scene.drive.loop->open) /* it has a timer */
    assert_true(scene.drive.timer_calls > 0);
  end(&scene, 2);
}

/* The copy has the program's options and no part in the call. */
static void its_copy_is_the_program_s(void **state) {
  char *private = NULL;
  struct transfer copy;
  struct scene scene;
  CURL *curl;

  begin(&scene, state, "original", "503,BODY");
  curl = curl_easy_duphandle(scene.transfer.curl);
  assert_non_null(curl);
  curl_easy_getinfo(curl, CURLINFO_PRIVATE, &private);
  assert_ptr_equal(private, &scene.transfer);
  /* nothing but the data and the URL */
  transfer_begin(&copy, "copy", "rst,BODY:chunked", 2000);
  curl_easy_cleanup(copy.curl);
  copy.curl = curl;
  curl_easy_setopt(curl, CURLOPT_URL, url_of(copy.key, copy.plan).text);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &copy);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &copy);
  curl_easy_setopt(curl, CURLOPT_PRIVATE, &copy);
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  transfer_assert(&copy, 2);
  end(&scene, 2);
  transfer_forget(&copy);
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  transfer_assert(&copy, 3);
  transfer_end(&copy);
}

struct failure {
  char body[64];
  size_t length;
};

static size_t on_failure(char *bytes, size_t size, size_t count, void *data) {
  struct failure *failure = data;

  for (size_t i = 0; i < size * count; i++)
    if (failure->length < sizeof failure->body - 1)
      failure->body[failure->length++] = bytes[i];
  return size * count;
}

static bool turn_until_message(struct drive *drive) {
  struct crowd *crowd = drive->data;

  read_messages(drive);
  return crowd->transfers[0].messages > 0;
}

/* The URL may be the next job's: the wait ends with the failure at hand. */
static void an_option_set_ends_the_wait(void **state) {
  struct transfer transfer, next;
  struct crowd crowd = {&transfer, 1, false};
  struct failure failure = {"", 0};
  struct drive drive;
  long status = 0;
  CURL *curl;

  drive_open(&drive, *state, turn_until_message, &crowd);
  transfer_begin(&transfer, "option", "503:hdr=X-One~1,BODY", 3000);
  transfer_begin(&next, "next", "503,BODY", 3000);
  curl = transfer.curl;
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_failure);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &failure);
  drive_add(&drive, curl);
  run_until_waiting(&drive, "option", 1);
  assert_int_equal(transfer.heads, 0);
  curl_easy_setopt(curl, CURLOPT_URL, url_of("next", next.plan).text);
  run_to_end(&drive);
  assert_int_equal(transfer.code, CURLE_OK);
  assert_int_equal(transfer.messages, 1);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  assert_int_equal(status, 503);
  assert_int_equal(transfer.heads, 1);
  assert_string_equal(failure.body, "503 planned\n");
  assert_int_equal(server_count("option"), 1);
  assert_int_equal(server_count("next"), 0);

  /* the next job is the program's */
  curl_easy_cleanup(next.curl);
  next.curl = curl;
  transfer_set(&next);
  crowd.transfers = &next;
  drive_add(&drive, curl);
  run_to_end(&drive);
  transfer_assert(&next, 2);
  transfer_end(&next);
  drive_close(&drive);
}

int main(int argc, char **argv) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(it_can_not_be_used_otherwise),
      cmocka_unit_test(its_private_pointer_is_there),
      cmocka_unit_test(it_can_be_paused_and_go_on),
      cmocka_unit_test(a_timer_that_was_early_is_set_again),
      cmocka_unit_test(its_copy_is_the_program_s),
      cmocka_unit_test(an_option_set_ends_the_wait),
  };
  static const char *const policy[] = {"CURLRETRY_BACKOFF=constant",
                                       "CURLRETRY_BUDGET=off", NULL};
  static const struct multi_run tests = {all, COUNT(all), policy, 800};

  return multi_run(argc, argv, &tests);
}
