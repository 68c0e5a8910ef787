/* test_proof.c - a body is repeated byte for byte, or it is noticed where
 * other bytes begin; however it is cut into pieces, in bounded memory. */
#include "unit_test.h"

#include "exchange/proof.h"

#define MIB (1024 * 1024)
#define MOST (5 * MIB)

static unsigned char bytes[MOST];

static void fill(void) {
  uint32_t state = 7;

  for (size_t i = 0; i < MOST; i++) {
    state = state * 1664525u + 1013904223u;
    bytes[i] = (unsigned char)(state >> 24);
  }
}

static void add(struct proof *proof, size_t size, size_t piece) {
  for (size_t at = 0; at < size; at += piece)
    proof_add(proof, bytes + at, size - at < piece ? size - at : piece);
}

/* How many bytes were looked at before others were noticed; `size` and one:
 * none were. */
static size_t repeat(struct proof *proof, size_t size, size_t piece) {
  proof_rewind(proof);
  for (size_t at = 0; at < size; at += piece) {
    size_t length = size - at < piece ? size - at : piece;
    if (!proof_repeats(proof, bytes + at, length))
      return at + length;
  }
  return size + 1;
}

static const size_t pieces[] = {1, 63, 64, 65, 1000, 16384, MIB + 1, MOST};
static const size_t sizes[] = {1,       63,          64,   65,  127,
                               128,     129,         1000, MIB, MIB + 1,
                               2 * MIB, 2 * MIB + 5, MOST};

static void the_same_bytes_are_the_same_in_any_pieces(void **unused) {
  struct proof *proof = proof_new();

  (void)unused;
  for (size_t s = 0; s < COUNT(sizes); s++)
    for (size_t a = 0; a < COUNT(pieces); a++)
      for (size_t b = 0; b < COUNT(pieces); b++) {
        if (sizes[s] > 2000 && (pieces[a] < 1000 || pieces[b] < 1000))
          continue;
        proof_begin(proof);
        add(proof, sizes[s], pieces[a]);
        assert_int_equal(repeat(proof, sizes[s], pieces[b]), sizes[s] + 1);
      }
  proof_free(proof);
}

/* The next checkpoint behind byte `at`. */
static size_t point_after(size_t at) {
  size_t point = PROOF_FIRST;

  while (point <= at)
    point += point < PROOF_STEP ? point : PROOF_STEP;
  return point;
}

static void other_bytes_are_noticed_at_the_next_checkpoint(void **unused) {
  static const size_t places[] = {
      0,    1,       63,  64,      100,     127,         128,     4095,
      4096, MIB - 1, MIB, MIB + 1, 2 * MIB, 3 * MIB + 9, MOST - 1};
  struct proof *proof = proof_new();

  (void)unused;
  add(proof, MOST, 10000);
  for (size_t i = 0; i < COUNT(places); i++)
    for (size_t p = 4; p < COUNT(pieces) - 2; p++) {
      size_t noticed, point = point_after(places[i]);
      bytes[places[i]] ^= 1;
      noticed = repeat(proof, MOST, pieces[p]);
      bytes[places[i]] ^= 1;
      if (places[i] < PROOF_FIRST) /* kept as they are */
        point = places[i] + 1;
      assert_true(noticed >= point && noticed < point + pieces[p]);
    }
  proof_free(proof);
}

/* An event of a stream may be all that comes for long. */
static void the_first_bytes_are_compared_one_by_one(void **unused) {
  struct proof *proof = proof_new();

  (void)unused;
  add(proof, 1000, 7);
  for (size_t at = 0; at < PROOF_FIRST; at++) {
    bytes[at] ^= 1;
    assert_int_equal(repeat(proof, 1000, 1), at + 1);
    assert_int_equal(repeat(proof, 1000, 5), at / 5 * 5 + 5);
    bytes[at] ^= 1;
  }
  proof_free(proof);
}

/* Where the program's bytes end they are compared, checkpoint or not. */
static void the_last_byte_counts(void **unused) {
  struct proof *proof = proof_new();

  (void)unused;
  for (size_t s = 0; s < COUNT(sizes); s++) {
    unsigned char *last = bytes + sizes[s] - 1;
    proof_begin(proof);
    add(proof, sizes[s], 4000);
    *last ^= 1;
    assert_int_equal(repeat(proof, sizes[s], 5000), sizes[s]);
    *last ^= 1;
  }
  proof_free(proof);
}

/* A body that broke twice: what the second attempt added counts, too. */
static void a_continued_body_is_proved_whole(void **unused) {
  struct proof *proof = proof_new();

  (void)unused;
  add(proof, 100000, 7000);
  assert_int_equal(repeat(proof, 100000, 9999), 100001);
  for (size_t at = 100000; at < 300000; at += 1000)
    proof_add(proof, bytes + at, 1000);
  assert_int_equal(repeat(proof, 300000, 3000), 300001);
  bytes[200000] ^= 1;
  assert_true(repeat(proof, 300000, 3000) < 300000);
  bytes[200000] ^= 1;
  proof_free(proof);
}

static void more_than_the_program_has_is_no_repetition(void **unused) {
  struct proof *proof = proof_new();

  (void)unused;
  assert_false(proof_repeats(proof, bytes, 1));
  add(proof, 100, 100);
  proof_rewind(proof);
  assert_false(proof_repeats(proof, bytes, 101));
  proof_free(proof);
}

/* Where there is room for few, those far behind are thinned out: what is
 * compared are still the same bytes, and others are noticed, later. */
static void few_checkpoints_are_enough_for_any_length(void **unused) {
  enum { ROUNDS = 200 };
  struct proof *proof = proof_new();

  (void)unused;
  proof->most = 32;
  for (int round = 0; round < ROUNDS; round++)
    proof_add(proof, bytes, MIB);
  assert_true(proof->count <= 32 && proof->capacity <= 32);
  assert_true(proof->step > 8 * MIB && proof->step < 32 * MIB);
  proof_rewind(proof);
  for (int round = 0; round < ROUNDS; round++)
    assert_true(proof_repeats(proof, bytes, MIB));
  proof_rewind(proof);
  for (int round = 0; round < 100; round++)
    assert_true(proof_repeats(proof, bytes, MIB));
  for (int round = 0; round < 16; round++)
    if (!proof_repeats(proof, bytes + 1, MIB)) {
      proof_free(proof);
      return;
    }
  fail_msg("16 MiB of other bytes");
}

static void a_new_body_begins_with_nothing(void **unused) {
  struct proof *proof = proof_new();

  (void)unused;
  proof->most = 32;
  for (int round = 0; round < 100; round++)
    proof_add(proof, bytes, MIB);
  proof_begin(proof);
  add(proof, 3 * MIB, MIB);
  assert_true(proof->step == PROOF_STEP && proof->count == 17);
  assert_int_equal(repeat(proof, 3 * MIB, 16384), 3 * MIB + 1);
  proof_free(proof);
  proof_free(NULL);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_bytes_are_the_same_in_any_pieces),
      cmocka_unit_test(other_bytes_are_noticed_at_the_next_checkpoint),
      cmocka_unit_test(the_first_bytes_are_compared_one_by_one),
      cmocka_unit_test(the_last_byte_counts),
      cmocka_unit_test(a_continued_body_is_proved_whole),
      cmocka_unit_test(more_than_the_program_has_is_no_repetition),
      cmocka_unit_test(few_checkpoints_are_enough_for_any_length),
      cmocka_unit_test(a_new_body_begins_with_nothing),
  };

  fill();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
