/* test_spool.c - bytes in memory, then in a file: their order, limits to the
 * byte, reading and taking back. */
#include "spool_test.h"

static void a_new_one_is_empty_and_owns_nothing(void **unused) {
  struct spool spool;
  size_t length;
  char byte;

  (void)unused;
  begin(&spool, 10, 10);
  assert_int_equal(spool_size(&spool), 0);
  assert_null(spool.memory);
  assert_int_equal(spool.file.number, -1);
  assert_int_equal(spool_read(&spool, 0, &byte, 1), 0);
  assert_null(spool_view(&spool, 0, &length));
  spool_clear(&spool, 0);
}

static void memory_is_filled_before_the_file(void **unused) {
  struct spool spool;

  (void)unused;
  begin(&spool, 10, 10);
  assert_int_equal(spool_append(&spool, bytes, 10), SPOOL_OK);
  assert_int_equal(spool.in_memory, 10);
  assert_int_equal(spool.file.number, -1);
  assert_int_equal(spool_append(&spool, bytes + 10, 1), SPOOL_OK);
  assert_int_equal(spool.in_memory, 10);
  assert_int_equal(spool.in_file, 1);
  assert_holds(&spool, 11);
  spool_clear(&spool, 0);
}

static void memory_grows_as_it_is_needed(void **unused) {
  static const size_t sizes[] = {1, 1024, 1025, 8192, 8193, MOST};

  (void)unused;
  for (size_t i = 0; i < COUNT(sizes); i++) {
    struct spool spool;
    begin(&spool, MOST, 0);
    assert_int_equal(spool_append(&spool, bytes, sizes[i] / 2), SPOOL_OK);
    assert_int_equal(
        spool_append(&spool, bytes + sizes[i] / 2, sizes[i] - sizes[i] / 2),
        SPOOL_OK);
    assert_true(spool.capacity >= sizes[i]);
    assert_true(spool.capacity == 1024 || spool.capacity < 2 * sizes[i]);
    assert_holds(&spool, sizes[i]);
    spool_clear(&spool, 0);
  }
}

static void limits_hold_to_the_byte(void **unused) {
  static const struct {
    int64_t memory, file;
  } rows[] = {{10, 5}, {10, 0}, {0, 5}, {0, 0}, {1, 1}, {5000, 3000}};

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    size_t most = (size_t)(rows[i].memory + rows[i].file);
    for (size_t length = most ? most - 1 : 0; length <= most + 1; length++) {
      enum spool_status status = length <= most ? SPOOL_OK : SPOOL_FULL;
      struct spool spool;
      size_t kept;
      begin(&spool, rows[i].memory, rows[i].file);
      assert_int_equal(spool_append(&spool, bytes, length), status);
      assert_holds(&spool, status ? 0 : length);
      spool_clear(&spool, 0);
      begin(&spool, rows[i].memory, rows[i].file);
      assert_int_equal(spool_append_some(&spool, bytes, length, &kept),
                       status);
      assert_int_equal(kept, status ? most : length);
      assert_holds(&spool, kept);
      assert_int_equal(spool.file.number >= 0, (int64_t)kept > rows[i].memory);
      spool_clear(&spool, 0);
    }
  }
}

static void limits_hold_byte_by_byte(void **unused) {
  struct spool spool;
  size_t kept;

  (void)unused;
  begin(&spool, 7, 9);
  for (size_t i = 0; i < 16; i++) {
    assert_int_equal(spool_append(&spool, bytes + i, 1), SPOOL_OK);
    assert_int_equal(spool.in_memory, i < 7 ? i + 1 : 7);
  }
  assert_int_equal(spool_append(&spool, bytes + 16, 1), SPOOL_FULL);
  assert_int_equal(spool_append_some(&spool, bytes + 16, 1, &kept),
                   SPOOL_FULL);
  assert_int_equal(kept, 0);
  assert_int_equal(spool_append(&spool, bytes + 16, 0), SPOOL_OK);
  assert_holds(&spool, 16);
  spool_clear(&spool, 0);
}

/* Memory full or not, a file there or not. */
static void a_refused_append_leaves_all_as_it_was(void **unused) {
  (void)unused;
  for (size_t before = 0; before <= 15; before++) {
    struct spool spool;
    begin(&spool, 10, 5);
    assert_int_equal(spool_append(&spool, bytes, before), SPOOL_OK);
    assert_int_equal(spool_append(&spool, bytes + 100, 16 - before),
                     SPOOL_FULL);
    assert_holds(&spool, before);
    assert_int_equal(spool_append(&spool, bytes + before, 15 - before),
                     SPOOL_OK);
    assert_holds(&spool, 15);
    spool_clear(&spool, 0);
  }
}

static void the_last_bytes_can_be_dropped(void **unused) {
  (void)unused;
  for (size_t dropped = 0; dropped <= 20; dropped++) {
    struct spool spool;
    size_t left = 20 - dropped;
    begin_full(&spool, 8, 20);
    spool_drop(&spool, dropped);
    assert_holds(&spool, left);
    assert_int_equal(spool.in_memory, left < 8 ? left : 8);
    /* and others come in their place */
    assert_int_equal(spool_append(&spool, bytes + left, 30 - left), SPOOL_OK);
    assert_int_equal(spool.in_memory, 8);
    assert_holds(&spool, 30);
    spool_clear(&spool, 0);
  }
}

static void any_part_is_read_across_the_border(void **unused) {
  struct spool spool;

  (void)unused;
  begin_full(&spool, 8, 20);
  for (size_t offset = 0; offset <= 22; offset++)
    for (size_t length = 0; length <= 22; length++) {
      unsigned char content[22] = {0};
      unsigned char nothing[22] = {0};
      size_t left = offset < 20 ? 20 - offset : 0;
      size_t count = length < left ? length : left;
      assert_int_equal(spool_read(&spool, (int64_t)offset, content, length),
                       count);
      assert_memory_equal(content, bytes + offset, count);
      assert_memory_equal(content + count, nothing, sizeof content - count);
    }
  spool_clear(&spool, 0);
}

static void a_view_is_of_memory_alone(void **unused) {
  struct spool spool;
  size_t length;

  (void)unused;
  begin_full(&spool, 8, 20);
  for (int64_t offset = 0; offset < 8; offset++) {
    const unsigned char *view = spool_view(&spool, offset, &length);
    assert_int_equal(length, 8 - offset);
    assert_memory_equal(view, bytes + offset, length);
  }
  assert_null(spool_view(&spool, -1, &length));
  assert_null(spool_view(&spool, 8, &length));
  assert_null(spool_view(&spool, 19, &length));
  assert_null(spool_view(&spool, 20, &length));
  spool_clear(&spool, 0);
}

static void clear_keeps_no_more_memory_than_asked(void **unused) {
  struct spool spool;
  unsigned char *memory;

  (void)unused;
  begin_full(&spool, 5000, 5000);
  memory = spool.memory;
  assert_int_equal(spool.capacity, 8192);
  spool_clear(&spool, 8192);
  assert_holds(&spool, 0);
  assert_ptr_equal(spool.memory, memory);
  assert_int_equal(spool.capacity, 8192);
  assert_int_equal(spool_append(&spool, bytes, 5001), SPOOL_OK);
  assert_holds(&spool, 5001);
  spool_clear(&spool, 8191);
  assert_null(spool.memory);
  assert_int_equal(spool.capacity, 0);
  assert_int_equal(spool_append(&spool, bytes, 5001), SPOOL_OK);
  assert_holds(&spool, 5001);
  spool_clear(&spool, 0);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_one_is_empty_and_owns_nothing),
      cmocka_unit_test(memory_is_filled_before_the_file),
      cmocka_unit_test(memory_grows_as_it_is_needed),
      cmocka_unit_test(limits_hold_to_the_byte),
      cmocka_unit_test(limits_hold_byte_by_byte),
      cmocka_unit_test(a_refused_append_leaves_all_as_it_was),
      cmocka_unit_test(the_last_bytes_can_be_dropped),
      cmocka_unit_test(any_part_is_read_across_the_border),
      cmocka_unit_test(a_view_is_of_memory_alone),
      cmocka_unit_test(clear_keeps_no_more_memory_than_asked),
  };

  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
