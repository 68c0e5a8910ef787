/* test_multi_leak.c - after thousands of transfers with failures a multi
 * handle has the memory and the descriptors it had after the first ones; and
 * retries that are due at once lose no time. */
#define _GNU_SOURCE
#include "multi_draw.h"
#include "multi_run.h"

#include <malloc.h>
#include <string.h>

#define HEAP_BOUND (256 * 1024)
#define MEMORY_BOUND (2048 * 1024)
#define DUE 20

static long long heap(void) {
  struct mallinfo2 info = mallinfo2();

  return (long long)(info.uordblks + info.hblkhd);
}

/* Resident, bytes. */
static long long memory(void) {
  FILE *file = fopen("/proc/self/statm", "re");
  long long pages = 0;

  if (file && fscanf(file, "%*s %lld", &pages) != 1)
    pages = 0;
  if (file)
    fclose(file);
  return pages * 4096;
}

static void run_batch(struct drive *drive, unsigned number, unsigned count) {
  char name[32];
  struct batch batch = {.name = name,
                        .seed = multi_seed() + number,
                        .count = count,
                        .is_quick = true,
                        .reads_late = number % 4 == 0};

  snprintf(name, sizeof name, "b%u-", number);
  if (!batch_run(&batch, drive))
    fail_msg("%s", batch.trouble);
}

static void transfers_leave_nothing(void **state) {
  const struct loop *loop = *state;
  bool is_thorough = !strcmp(loop->name, "epoll");
  unsigned at_once = is_thorough ? 100 : 25;
  unsigned batches =
      multi_count(200, is_thorough ? 2000 : 300, is_thorough ? 100000 : 3000) /
      at_once;
  long long bytes = 0, resident = 0;
  int files = 0;
  struct drive drive;

  drive_open(&drive, *state, crowd_turn, NULL);
  for (unsigned i = 0; i < batches; i++) {
    if (i == (batches + 3) / 4) { /* not before the first */
      files = count_descriptors();
      bytes = heap();
      resident = memory();
    }
    run_batch(&drive, i, at_once);
    if (i % 60 == 59)
      multi_change_server();
  }
  /* what is in the pool may differ */
  assert_in_range(count_descriptors(), 0, files + (int)at_once);
  if (patience() == 1) { /* the sanitizers and valgrind count themselves */
    assert_in_range(heap(), 0, bytes + HEAP_BOUND);
    assert_in_range(memory(), 0, resident + MEMORY_BOUND);
  }
  drive_close(&drive);
}

/* With nothing in a pool the descriptors are those from before. */
static void multis_leave_nothing(void **state) {
  unsigned batches = multi_count(4, 12, 100);
  long long bytes = 0;
  int files = 0;
  struct drive drive;

  for (unsigned i = 0; i < batches; i++) {
    if (i == batches / 4) {
      files = count_descriptors();
      bytes = heap();
    }
    drive_open(&drive, *state, crowd_turn, NULL);
    run_batch(&drive, 100000 + i, 25);
    drive_close(&drive);
  }
  assert_int_equal(count_descriptors(), files);
  if (patience() == 1)
    assert_in_range(heap(), 0, bytes + HEAP_BOUND);
}

/* No loop sleeps for as long as it may: the briefest, a quarter of a second,
 * would make all slow, and a busy machine makes some. */
static void a_retry_that_is_due_wakes_the_loop(void **state) {
  struct transfer transfer;
  struct crowd crowd = {&transfer, 1, false};
  struct drive drive;
  int slow = 0;

  drive_open(&drive, *state, crowd_turn, &crowd);
  for (int i = 0; i < DUE; i++) {
    long long began = now_ms();
    char key[32];
    snprintf(key, sizeof key, "due%d", i);
    transfer_begin(&transfer, key, "503,503,BODY:chunked", 1000);
    drive_add(&drive, transfer.curl);
    run_to_end(&drive);
    slow += now_ms() - began >= 240;
    transfer_assert(&transfer, 3);
    transfer_end(&transfer);
  }
  if (patience() == 1 && !drive.loop->has_clock)
    assert_in_range(slow, 0, DUE / 2);
  drive_close(&drive);
}

int main(int argc, char **argv) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(transfers_leave_nothing),
      cmocka_unit_test(multis_leave_nothing),
      cmocka_unit_test(a_retry_that_is_due_wakes_the_loop),
  };
  static const char *const policy[] = {
      "CURLRETRY_BASE_DELAY=1ms", "CURLRETRY_MAX_DELAY=5ms",
      "CURLRETRY_HOLD_BYTES=16K", "CURLRETRY_BUDGET=off", NULL};
  static const struct multi_run tests = {all, COUNT(all), policy, 0};

  return multi_run(argc, argv, &tests);
}
