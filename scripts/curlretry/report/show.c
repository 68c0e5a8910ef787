/* show.c - numbers for people; see formats.h. */
#include "formats.h"

#include "codes.h"

#include <inttypes.h>
#include <string.h>

#define TEXTS 8
#define TEXT_SIZE 256

static char *next_text(void) {
  static char texts[TEXTS][TEXT_SIZE];
  static size_t next;
  return texts[next++ % TEXTS];
}

static const char *write_count(char *text, uint64_t count) {
  char digits[24];
  size_t length = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, count);
  char *to = text;
  for (size_t i = 0; i < length; i++) {
    if (i != 0 && (length - i) % 3 == 0)
      *to++ = ',';
    *to++ = digits[i];
  }
  *to = '\0';
  return text;
}

const char *show_count(uint64_t count) {
  return write_count(next_text(), count);
}

static double whole_of(double number) { return (double)(uint64_t)number; }

/* Two units, the smaller one in whole numbers. */
static const char *show_long_time(double seconds) {
  static const struct {
    double seconds;
    char name;
  } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
  char *text = next_text();
  size_t at = seconds < 3600 ? 2 : seconds < 86400 ? 1 : 0;
  double rounded =
      whole_of(seconds / units[at + 1].seconds + 0.5) * units[at + 1].seconds;
  if (at > 0 && rounded >= units[at - 1].seconds)
    at--;
  double whole = whole_of(rounded / units[at].seconds);
  double rest = (rounded - whole * units[at].seconds) / units[at + 1].seconds;
  (void)snprintf(text, TEXT_SIZE, "%.0f%c%02.0f%c", whole, units[at].name,
                 whole_of(rest), units[at + 1].name);
  return text;
}

const char *show_time(double ms) {
  if (isnan(ms))
    return "-";
  if (ms >= 59950)
    return show_long_time(ms / 1000);
  char *text = next_text();
  if (ms == 0)
    (void)snprintf(text, TEXT_SIZE, "0s");
  else if (ms < 9.95)
    (void)snprintf(text, TEXT_SIZE, "%.1fms", ms);
  else if (ms < 999.5)
    (void)snprintf(text, TEXT_SIZE, "%.0fms", ms);
  else
    (void)snprintf(text, TEXT_SIZE, "%.1fs", ms / 1000);
  return text;
}

const char *show_classes(const uint64_t *classes) {
  uint64_t left[CLASS_COUNT];
  char count[32];
  char *text = next_text();
  size_t length = 0;
  memcpy(left, classes, sizeof left);
  text[0] = '\0';
  for (;;) {
    int most = 0;
    for (int i = 1; i < CLASS_COUNT; i++)
      most = left[i] > left[most] ? i : most;
    if (left[most] == 0 || length >= TEXT_SIZE - 40)
      return text;
    length += (size_t)snprintf(text + length, TEXT_SIZE - length, "%s%s %s",
                               length != 0 ? ", " : "",
                               policy_class_name((enum retry_class)most),
                               write_count(count, left[most]));
    left[most] = 0;
  }
}
