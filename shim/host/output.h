/* output.h - where a line of the log goes: one write() each, no stdio, no
 * descriptor kept. What can't go there is complained about once.
 */
#ifndef CURLRETRY_OUTPUT_H
#define CURLRETRY_OUTPUT_H

#include "host/descriptor.h"
#include "host/line.h"
#include "policy.h"

#include <stdatomic.h>

/* One write() of the line, which is dropped where it can't be written at once.
 * 0, or the errno of the failure; EAGAIN: the reader sleeps. `is_torn`, for a
 * regular file, else NULL: whether its last line has no end, since the disk
 * was full. Then the end is written first; afterwards whether it is so now. */
int output_write(int file, const struct line *line, bool *is_torn);

/* The same where it neither waits nor raises a signal. */
int output_append(int file, const struct line *line, bool *is_torn);

/* Whether the last line of a regular file has no end: another process was the
 * one that met the full disk. False also where `file` is for writing alone. */
bool output_ends_torn(int file);

/* output_write() of a line to the file `path`, which was just opened as
 * `file`, and is closed. 0, or the errno of the failure. */
int output_once(const char *path, struct descriptor *file,
                const struct line *line);

/* Whether lines of the log go to syslog: then each begins as
 * output_begin_syslog() says. `policy` NULL, for what is said of one that
 * can't be understood: where stderr is gone. */
bool output_is_syslog(const struct policy *policy);

/* To the place that the policy names; NULL: as above, or to stderr. True: that
 * failed for the first time, which was complained about. */
bool output_line(const struct policy *policy, const struct line *line);

/* "curlretry: CURLRETRY_NAME=path: no such file or folder; WHAT" on stderr,
 * in syslog where stderr is gone: for an errno that isn't 0 or EAGAIN, once
 * for each `told`. True: this was the time. */
bool output_complain(atomic_flag *told, const char *variable, const char *path,
                     int error, const char *what);

/* "error", "warn" ...: LOG_LEVEL's words. Static text. */
const char *output_level_name(enum log_level level);

/* How a line for syslog begins: "<12>php-fpm[123]: ". */
void output_begin_syslog(struct line *line, enum log_level level);

#endif
