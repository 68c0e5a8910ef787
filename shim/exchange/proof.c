/* Checkpoints: at 64 bytes, at each power of two up to 1 MiB, then at each
 * `step`. When there is no room for another one every second of the latter is
 * dropped and the step doubled. */
#include "exchange/proof.h"

#include <stdlib.h>
#include <string.h>

#define POWERS 15 /* 64 << 14 is PROOF_STEP */
_Static_assert(PROOF_FIRST << (POWERS - 1) == PROOF_STEP, "the last power");

struct proof *proof_new(void) {
  struct proof *proof = aligned_alloc(_Alignof(struct proof), sizeof(*proof));

  if (!proof)
    return NULL;
  proof->most = PROOF_POINTS;
  proof->points = NULL;
  proof->capacity = 0;
  proof_begin(proof);
  return proof;
}

void proof_free(struct proof *proof) {
  if (!proof)
    return;
  free(proof->points);
  free(proof);
}

void proof_begin(struct proof *proof) {
  hash_begin(&proof->delivered);
  proof->length = 0;
  proof->next = PROOF_FIRST;
  proof->step = PROOF_STEP;
  proof->count = 0;
  proof_rewind(proof);
}

void proof_rewind(struct proof *proof) {
  hash_begin(&proof->repeated);
  proof->seen = 0;
  proof->at = 0;
}

/* Where checkpoint `i` is. */
static int64_t position(const struct proof *proof, size_t i) {
  if (i < POWERS)
    return (int64_t)PROOF_FIRST << i;
  return PROOF_STEP + (int64_t)(i - POWERS + 1) * proof->step;
}

static bool grow(struct proof *proof) {
  size_t capacity = proof->capacity ? proof->capacity * 2 : 2 * (POWERS + 1);
  struct digest *points = NULL;

  if (capacity <= proof->most)
    points = realloc(proof->points, capacity * sizeof(*points));
  if (!points)
    return false;
  proof->points = points;
  proof->capacity = capacity;
  return true;
}

static void thin_out(struct proof *proof) {
  size_t kept = POWERS;

  for (size_t i = POWERS + 1; i < proof->count; i += 2)
    proof->points[kept++] = proof->points[i];
  proof->count = kept;
  proof->step *= 2;
}

/* The program has so much that a checkpoint is due. */
static void add_point(struct proof *proof) {
  if (proof->count == proof->capacity && !grow(proof)) {
    if (!proof->capacity) { /* the end alone is compared */
      proof->next = INT64_MAX;
      return;
    }
    thin_out(proof);
  }
  if (position(proof, proof->count) == proof->length)
    proof->points[proof->count++] = hash_digest(&proof->delivered);
  proof->next = position(proof, proof->count);
}

/* As much of `length` bytes at `from` as lie before `to`. */
static size_t before(int64_t from, int64_t to, size_t length) {
  return to - from < (int64_t)length ? (size_t)(to - from) : length;
}

void proof_add(struct proof *proof, const void *bytes, size_t length) {
  const char *at = bytes;

  while (length) {
    size_t piece = before(proof->length, proof->next, length);

    if (proof->length < PROOF_FIRST) /* up to the first checkpoint */
      memcpy(proof->first + proof->length, at, piece);
    hash_add(&proof->delivered, at, piece);
    proof->length += (int64_t)piece;
    at += piece;
    length -= piece;
    if (proof->length == proof->next)
      add_point(proof);
  }
}

static bool is_at(const struct proof *proof, struct digest digest) {
  return hash_is_same(hash_digest(&proof->repeated), digest);
}

/* An event of a stream may be all that comes for long. */
static bool is_first(const struct proof *proof, const char *bytes,
                     size_t length) {
  size_t piece = before(proof->seen, PROOF_FIRST, length);

  return proof->seen >= PROOF_FIRST ||
         !memcmp(proof->first + proof->seen, bytes, piece);
}

bool proof_repeats(struct proof *proof, const void *bytes, size_t length) {
  const char *at = bytes;

  while (length) {
    bool has_point = proof->at < proof->count;
    int64_t stop = has_point ? position(proof, proof->at) : proof->length;
    size_t piece = before(proof->seen, stop, length);

    if (!piece || !is_first(proof, at, piece))
      return false; /* beyond what the program has, or other bytes */
    hash_add(&proof->repeated, at, piece);
    proof->seen += (int64_t)piece;
    at += piece;
    length -= piece;
    if (has_point && proof->seen == stop &&
        !is_at(proof, proof->points[proof->at++]))
      return false;
  }
  return proof->seen < proof->length ||
         is_at(proof, hash_digest(&proof->delivered));
}
