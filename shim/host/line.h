/* line.h - one line of a log or a trace, as it is built: values are cut to
 * fit, the line never is, and whatever a program or a server put into a value
 * stays in it.
 */
#ifndef CURLRETRY_LINE_H
#define CURLRETRY_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_SIZE 4096 /* PIPE_BUF: one write() is whole */

struct line {
  size_t length;
  char text[LINE_SIZE];
};

/* Append `text`, trusted, as it is. */
void line_put(struct line *line, const char *text);

/* Append a decimal number. */
void line_number(struct line *line, int64_t number);

/* Append microseconds as milliseconds: "12", "0.25". */
void line_ms(struct line *line, int64_t microseconds);

/* Append what a program or a server may have a part in, `room` bytes of it at
 * most. What is no printable ASCII becomes "?": a line break would make a line
 * of its own, and what isn't UTF-8 spoil the file for its readers. */
void line_value(struct line *line, const char *text, size_t room);

/* Append the date and time now: "2026-11-26T17:19:23.123Z". */
void line_time(struct line *line);

/* The end of the line: a line break, for which there always is room. */
void line_end(struct line *line);

/* --- members of a JSON object (RFC 8259), behind the first one ------------
 */

/* How a member begins, put together by the compiler. */
struct json_key {
  const char *text; /* ,"name": */
  size_t length;
};
#define JSON(name)                                                            \
  (struct json_key) { ",\"" name "\":", sizeof(",\"" name "\":") - 1 }

/* The object's beginning, with the time as its first member. */
void line_json_begin(struct line *line);

/* A string of `room` bytes at most, its quotes and escapes included; `text`
 * NULL: null. */
void line_json_text(struct line *line, struct json_key key, const char *text,
                    size_t room);

void line_json_number(struct line *line, struct json_key key, int64_t number);

/* The same, with null for what is below 0. */
void line_json_count(struct line *line, struct json_key key, int64_t number);

/* Microseconds as milliseconds; null below 0. */
void line_json_ms(struct line *line, struct json_key key,
                  int64_t microseconds);

void line_json_flag(struct line *line, struct json_key key, bool flag);

/* The object's end and the line's. */
void line_json_end(struct line *line);

#endif
