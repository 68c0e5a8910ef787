/* proof.h - whether a body is repeated byte for byte: its first bytes, and a
 * running hash of what the program has, with checkpoints, so that other bytes
 * are noticed where they begin. Memory is bounded, whatever the length.
 */
#ifndef CURLRETRY_PROOF_H
#define CURLRETRY_PROOF_H

#include "host/hash.h"

#define PROOF_POINTS 8192 /* at most; 16 bytes each */

/* What is kept, and the first checkpoint; the last power of two, and from
 * there on each. */
#define PROOF_FIRST 64
#define PROOF_STEP (1024 * 1024)

struct proof {
  struct hash delivered;            /* of all the program has */
  struct hash repeated;             /* of what the attempt at hand repeats */
  unsigned char first[PROOF_FIRST]; /* bytes of it */
  int64_t length;                   /* of what the program has */
  int64_t seen;                     /* of its repetition */
  int64_t next;                     /* where the next checkpoint is made */
  int64_t step;                     /* between those from PROOF_STEP on */
  size_t most;                      /* checkpoints: PROOF_POINTS */
  struct digest *points;            /* owned, memory kept */
  size_t count;
  size_t capacity;
  size_t at; /* the checkpoint the repetition comes to next */
};

/* One without memory for checkpoints yet; NULL: out of memory. */
struct proof *proof_new(void);

/* A new body: nothing of it was delivered. */
void proof_begin(struct proof *proof);

/* The program took `length` more bytes. */
void proof_add(struct proof *proof, const void *bytes, size_t length);

/* An attempt begins to repeat the body. */
void proof_rewind(struct proof *proof);

/* `length` bytes of the repetition, no more than the program has. False: they
 * are others: at once among the first, else at the next checkpoint or where
 * the program's end. */
bool proof_repeats(struct proof *proof, const void *bytes, size_t length);

/* NULL is allowed. */
void proof_free(struct proof *proof);

#endif
