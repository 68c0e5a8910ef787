/* test_hash.c - the hash that proves a repetition: the same however the bytes
 * came, in both ways of computing it, and another one for other bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/hash.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define MOST 70000

static unsigned char bytes[MOST];
static const size_t sizes[] = {0,   1,    16,   17,   128,   129,   240,
                               241, 1023, 1024, 1025, 16384, 40000, MOST};

static void fill(void) {
  uint32_t state = 1;

  for (size_t i = 0; i < MOST; i++) {
    state = state * 1664525u + 1013904223u;
    bytes[i] = (unsigned char)(state >> 24);
  }
}

static bool is_same(const struct hash *a, const struct hash *b) {
  return hash_is_same(hash_digest(a), hash_digest(b));
}

/* In pieces of `most` bytes. */
static void hash_pieces(struct hash *hash, size_t size, size_t most) {
  hash_begin(hash);
  for (size_t at = 0; at < size; at += most)
    hash_add(hash, bytes + at, size - at < most ? size - at : most);
}

/* As this file's compiler makes it, without any choice. */
static void hash_plainly(struct hash *hash, size_t size) {
  XXH3_state_t state;

  (void)XXH3_128bits_reset(&state);
  (void)XXH3_128bits_update(&state, bytes, size);
  memcpy(hash->state, &state, sizeof state);
}

static void pieces_make_no_difference(void **unused) {
  static const size_t pieces[] = {1, 7, 64, 255, 256, 1000, 16384, MOST};

  (void)unused;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    struct hash plain;
    hash_plainly(&plain, sizes[i]);
    for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
      struct hash hash;
      hash_pieces(&hash, sizes[i], pieces[k]);
      assert_true(is_same(&hash, &plain));
    }
  }
}

static void one_other_byte_makes_one(void **unused) {
  (void)unused;
  for (size_t i = 1; i < sizeof sizes / sizeof *sizes; i++) {
    struct hash right, wrong;
    unsigned char *last = bytes + sizes[i] - 1;
    hash_pieces(&right, sizes[i], 5000);
    *last ^= 4;
    hash_pieces(&wrong, sizes[i], 5000);
    *last ^= 4;
    assert_false(is_same(&right, &wrong));
    hash_pieces(&wrong, sizes[i] - 1, 5000);
    assert_false(is_same(&right, &wrong));
  }
}

int main(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(pieces_make_no_difference),
      cmocka_unit_test(one_other_byte_makes_one),
  };

  fill();
  return cmocka_run_group_tests(all, NULL, NULL);
}
