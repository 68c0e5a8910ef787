/* No stdio and no C library's time functions: gmtime_r() takes a lock that a
 * fork() may leave locked in the child. */
#include "host/line.h"

#include <string.h>
#include <time.h>

#define CUT "..."
#define TAIL 2 /* "}" and the line break */

static void put(struct line *line, const char *text, size_t n) {
  if (n > LINE_SIZE - TAIL - line->length)
    n = LINE_SIZE - TAIL - line->length;
  memcpy(line->text + line->length, text, n);
  line->length += n;
}

void line_put(struct line *line, const char *text) {
  put(line, text, strlen(text));
}

/* At least `digits` of them. */
static void put_digits(struct line *line, uint64_t number, int digits) {
  char text[24];
  char *at = text + sizeof(text);

  for (; number || digits > 0; digits--) {
    *--at = (char)('0' + number % 10);
    number /= 10;
  }
  put(line, at, (size_t)(text + sizeof(text) - at));
}

void line_number(struct line *line, int64_t number) {
  if (number < 0)
    line_put(line, "-");
  put_digits(line, number < 0 ? -(uint64_t)number : (uint64_t)number, 1);
}

void line_ms(struct line *line, int64_t microseconds) {
  int64_t rest = microseconds % 1000;
  int digits = 3;

  line_number(line, microseconds / 1000);
  if (rest <= 0)
    return;
  for (; rest % 10 == 0; rest /= 10)
    digits--;
  line_put(line, ".");
  put_digits(line, (uint64_t)rest, digits);
}

static void put_value(struct line *line, const char *text, size_t room,
                      bool is_json) {
  size_t end = LINE_SIZE - TAIL - sizeof(CUT);

  if (line->length >= end)
    return;
  if (room < end - line->length)
    end = line->length + (room < sizeof(CUT) ? 0 : room - sizeof(CUT));
  for (; *text && line->length < end; text++) {
    char byte = *text >= ' ' && *text < 127 ? *text : '?';

    if (is_json && (byte == '"' || byte == '\\'))
      line->text[line->length++] = '\\'; /* RFC 8259, 7 */
    line->text[line->length++] = byte;
  }
  if (*text)
    line_put(line, CUT);
}

void line_value(struct line *line, const char *text, size_t room) {
  put_value(line, text, room, false);
}

/* The date of a day since 1970 (proleptic Gregorian calendar), counted in
 * years that begin in March and eras of 400 years. */
static void put_date(struct line *line, int64_t day) {
  int64_t era, of_era, year, of_year, month;

  day += 719468; /* from 0000-03-01 on */
  era = day / 146097;
  of_era = day % 146097;
  year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  of_year = of_era - (365 * year + year / 4 - year / 100);
  month = (5 * of_year + 2) / 153;
  year += era * 400 + (month >= 10);
  put_digits(line, (uint64_t)year, 4);
  line_put(line, "-");
  put_digits(line, (uint64_t)(month < 10 ? month + 3 : month - 9), 2);
  line_put(line, "-");
  put_digits(line, (uint64_t)(of_year - (153 * month + 2) / 5 + 1), 2);
}

void line_time(struct line *line) {
  struct timespec now;
  uint64_t second;

  if (clock_gettime(CLOCK_REALTIME, &now)) /* a sandbox, see clock.c */
    now = (struct timespec){.tv_sec = time(NULL)};
  if (now.tv_sec < 0)
    now.tv_sec = 0;
  second = (uint64_t)now.tv_sec % 86400;
  put_date(line, now.tv_sec / 86400);
  line_put(line, "T");
  put_digits(line, second / 3600, 2);
  line_put(line, ":");
  put_digits(line, second / 60 % 60, 2);
  line_put(line, ":");
  put_digits(line, second % 60, 2);
  line_put(line, ".");
  put_digits(line, (uint64_t)now.tv_nsec / 1000000, 3);
  line_put(line, "Z");
}

void line_end(struct line *line) { line->text[line->length++] = '\n'; }

/* --- JSON ------------------------------------------------------------------
 */

void line_json_begin(struct line *line) {
  line_put(line, "{\"time\":\"");
  line_time(line);
  line_put(line, "\"");
}

void line_json_text(struct line *line, struct json_key key, const char *text,
                    size_t room) {
  put(line, key.text, key.length);
  if (!text) {
    line_put(line, "null");
    return;
  }
  line_put(line, "\"");
  put_value(line, text, room - 2, true);
  line_put(line, "\"");
}

void line_json_number(struct line *line, struct json_key key, int64_t number) {
  put(line, key.text, key.length);
  line_number(line, number);
}

void line_json_count(struct line *line, struct json_key key, int64_t number) {
  if (number >= 0)
    line_json_number(line, key, number);
  else
    line_json_text(line, key, NULL, 0);
}

void line_json_ms(struct line *line, struct json_key key,
                  int64_t microseconds) {
  put(line, key.text, key.length);
  if (microseconds < 0)
    line_put(line, "null");
  else
    line_ms(line, microseconds);
}

void line_json_flag(struct line *line, struct json_key key, bool flag) {
  put(line, key.text, key.length);
  line_put(line, flag ? "true" : "false");
}

void line_json_end(struct line *line) {
  line->text[line->length++] = '}';
  line_end(line);
}
