/* number.h - numbers, durations, sizes and statuses as the variables spell
 * them, and the digits that header lines begin with.
 *
 * No strtol, no strtod: they follow the host's locale and set its errno.
 * What returns a bool is false for text that is not wholly such a number, and
 * for one beyond the bound; `*value` is then unchanged.
 */
#ifndef CURLRETRY_NUMBER_H
#define CURLRETRY_NUMBER_H

#include "policy.h"
#include "slice.h"

#define NUMBER_DURATION_MAX_MS (INT64_C(365) * 24 * 60 * 60 * 1000)
#define NUMBER_SIZE_MAX (INT64_C(1) << 50)

/* The number that the digits from `*at` on make, which ends before `end` or
 * at the first other character: `*at` moves there. -1 when there are no
 * digits, and when there are too many for the type (`*at` then lies among
 * them). */
int64_t number_digits(const char **at, const char *end);

/* Digits only; at most `max`, which is below 2^60. */
bool number_whole(struct slice text, int64_t max, int64_t *value);

/* `250ms`, `1.5s`, `2m`, `1h`, `1m30s` (each unit once, the larger first),
 * `0.5` (seconds), in milliseconds, rounded to the nearest; what is more than
 * nothing is at least 1 ms. */
bool number_duration(struct slice text, int64_t *value);

/* `65536`, `64K`, `1.5M`, `2G` (1024; KB and KiB are K), in bytes, rounded to
 * the nearest. A plain count of bytes has no fraction. */
bool number_size(struct slice text, int64_t *value);

/* `10%`, `0.5%`: at most 100%, in millionths, rounded to the nearest; what is
 * more than nothing is at least one. */
bool number_share(struct slice text, int64_t *value);

/* `503`, `520-527`, `5xx`: the first and the last of the statuses meant, both
 * from POLICY_STATUS_MIN to POLICY_STATUS_MAX. */
bool number_statuses(struct slice text, int64_t *first, int64_t *last);

#endif
