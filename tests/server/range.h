/* Range requests (RFC 9110 14). */
#ifndef FAULTY_RANGE_H
#define FAULTY_RANGE_H

#include "body.h"

#define RANGES_MAX 16

struct range {
  uint64_t first;
  uint64_t last; /* inclusive */
};

enum range_result {
  RANGE_IGNORED, /* no byte ranges, or malformed: the whole body */
  RANGE_PARTIAL,
  RANGE_UNSATISFIABLE
};

/* Reads the Range header VALUE for a body of SIZE bytes; ranges that lie
   behind its end are left out. */
enum range_result range_parse(const char *value, uint64_t size,
                              struct range ranges[RANGES_MAX], size_t *count);

/* The multipart/byteranges body of the ranges of WHOLE, parted by BOUNDARY.
   False when it would be too large. */
bool range_multipart(const struct body *whole, const struct range *ranges,
                     size_t count, const char *boundary, struct body *parts);

#endif
