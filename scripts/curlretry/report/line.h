/* line.h - a line of a file as a record of a trace, by a JSON parser. */
#ifndef CURLRETRY_LINE_H
#define CURLRETRY_LINE_H

#include "record.h"

enum line_kind {
  LINE_WHOLE,
  LINE_TORN,   /* one of ours that was cut: a full disk, a power failure */
  LINE_FOREIGN /* anything else */
};

/* Reads a line of `length` bytes without its end. Where a cut line and a
 * whole one stand in one, as after a full disk, the whole one is read and
 * `*torn` counts the other. */
enum line_kind line_read(struct record *record, const char *line,
                         size_t length, uint64_t *torn);

#endif
