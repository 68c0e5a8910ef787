/* test_multi_many.c - hundreds of transfers at once, each with another
 * failure: every byte is right, every message comes once, and a program that
 * counts what runs never believes that all has ended. */
#define _GNU_SOURCE
#include "multi_draw.h"
#include "multi_run.h"

static void run(void **state, struct batch batch) {
  struct drive drive;

  batch.seed = multi_seed();
  drive_open(&drive, *state, crowd_turn, NULL);
  if (!batch_run(&batch, &drive))
    fail_msg("%s", batch.trouble);
  drive_close(&drive);
}

static void many_at_once_all_end_well(void **state) {
  run(state, (struct batch){.name = "m",
                            .count = multi_count(60, 200, 1000),
                            .connections = 200});
}

static void messages_read_at_the_end_are_all_there(void **state) {
  run(state, (struct batch){.name = "l",
                            .count = multi_count(30, 60, 500),
                            .is_quick = true,
                            .reads_late = true,
                            .connections = 200});
}

static void many_on_few_connections_all_end_well(void **state) {
  run(state, (struct batch){.name = "f",
                            .count = multi_count(30, 60, 500),
                            .is_quick = true,
                            .connections = 6});
}

int main(int argc, char **argv) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(many_at_once_all_end_well),
      cmocka_unit_test(messages_read_at_the_end_are_all_there),
      cmocka_unit_test(many_on_few_connections_all_end_well),
  };
  static const char *const policy[] = {
      "CURLRETRY_BASE_DELAY=20ms", "CURLRETRY_MAX_DELAY=100ms",
      "CURLRETRY_BUDGET=off", "CURLRETRY_HOLD_BYTES=16K", NULL};
  static const struct multi_run tests = {all, COUNT(all), policy, 0};

  return multi_run(argc, argv, &tests);
}
