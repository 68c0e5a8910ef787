/* formats.h - the forms of a report. Each writes a whole one to a stream. */
#ifndef CURLRETRY_FORMATS_H
#define CURLRETRY_FORMATS_H

#include "tally.h"

#include <stdio.h>

/* The table for people, of lines of at most `columns` if these are no names.
 * `is_cut`: names are, too, as on a terminal. */
void table_write(FILE *out, const struct tally *tally, size_t columns,
                 bool is_cut);

/* One JSON object; and the fields of a row of it, from `"calls":` on, of the
 * total with `tally`'s torn and foreign lines, else NULL. */
void json_write(FILE *out, const struct tally *tally);
void json_write_row(FILE *out, const struct counts *counts,
                    const struct tally *tally);

/* A text in quotes, also for a <script> of HTML; a number, null where it is
 * UNKNOWN, else with up to three decimals. */
void json_write_text(FILE *out, const char *text);
void json_write_number(FILE *out, double number);

/* What a node exporter's textfile collector reads: the Prometheus text format
 * 0.0.4, with OpenMetrics' last line. */
void metrics_write(FILE *out, const struct tally *tally);

/* HAR 1.2: an entry for each attempt, as they are read. */
void har_take(FILE *out, const struct record *record);
void har_end(FILE *out);

/* A page of HTML that loads nothing. */
void page_write(FILE *out, struct tally *tally);

/* --- for people's eyes: static text, of the last eight calls --- */

/* "1,234" */
const char *show_count(uint64_t count);

/* "12ms", "1.2s", "3m20s", "5h12m", "2d4h"; "-" where it is UNKNOWN. */
const char *show_time(double ms);

/* "status 12, reset 3", the most frequent first; "" where none failed. */
const char *show_classes(const uint64_t *classes);

#endif
