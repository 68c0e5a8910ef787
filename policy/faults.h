/* faults.h - failures on purpose: FAULTS (design.md, "Faults").
 *
 * ENTRY[,ENTRY...], an entry being [!]KIND[:SHARE%][:first=N]; KIND a status,
 * a class, CLASS@SIZE (timeout, reset, partial) or delay=DURATION.
 */
#ifndef CURLRETRY_FAULTS_H
#define CURLRETRY_FAULTS_H

#include "policy.h"
#include "slice.h"

#define FAULTS_SEED_MAX ((INT64_C(1) << 60) - 1)

/* Parse a list, or `none`. False: `*bad` is the entry that isn't understood,
 * or the first one too many. `!KIND` takes away the earlier entries of that
 * status, or of that class, with `@SIZE` or without. */
bool faults_parse(struct faults *faults, struct slice list, struct slice *bad);

/* What becomes of an attempt. */
struct fault {
  enum fault_kind kind; /* never FAULT_DELAY */
  int status;
  int64_t after;    /* body bytes before it; -1: nothing is sent */
  int64_t delay_ms; /* to wait before the transfer; 0: none */
};

/* Draw the faults of the call's attempt number `attempt`, 1 being the first.
 * Each entry is drawn by itself, in order: the first failure that hits counts,
 * and the first delay. `is_http`: statuses are for it alone. `random`: a
 * uniform number of this attempt's; the entries' numbers are made of it. */
struct fault faults_draw(const struct faults *faults, unsigned attempt,
                         bool is_http, uint64_t random);

/* The uniform number for an attempt of a call under FAULTS_SEED: the same for
 * the same arguments. */
uint64_t faults_number(int64_t seed, uint64_t call, unsigned attempt);

#endif
