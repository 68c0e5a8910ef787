/* number.c - see number.h. */
#include "number.h"

#include <string.h>

/* Digits after the point that count. The rest can't change a millisecond, nor
 * a gigabyte by more than a thousandth of a byte; and 10^12 times the
 * milliseconds of an hour, a minute and a second still fits in 64 bits. */
#define FRACTION_DIGITS 12
#define FRACTION_ONE UINT64_C(1000000000000)

#define SAFE_DIGITS 18 /* they always fit */

int64_t number_digits(const char **at, const char *end) {
  const char *from = *at;
  const char *digit = from;
  const char *safe = end - from > SAFE_DIGITS ? from + SAFE_DIGITS : end;
  int64_t value = 0;
  for (; digit < safe; digit++) {
    unsigned now = (unsigned char)*digit - (unsigned)'0';
    if (now > 9)
      break;
    value = value * 10 + now;
  }
  while (digit < end && slice_is_digit(*digit) &&
         value <= (INT64_MAX - 9) / 10)
    value = value * 10 + (*digit++ - '0');
  *at = digit;
  if (digit == from || (digit < end && slice_is_digit(*digit)))
    return -1;
  return value;
}

bool number_whole(struct slice text, int64_t max, int64_t *value) {
  const char *end = text.at + text.length;
  int64_t number = number_digits(&text.at, end);
  if (number < 0 || text.at != end || number > max)
    return false;
  *value = number;
  return true;
}

/* Take the digits, or what comes before the next digit, off `text`. */
static struct slice take_run(struct slice *text, bool of_digits) {
  struct slice run = {text->at, 0};
  while (run.length < text->length &&
         slice_is_digit(run.at[run.length]) == of_digits)
    run.length++;
  *text = slice_after(*text, run.length);
  return run;
}

struct decimal {
  int64_t whole;
  uint64_t fraction; /* in units of 10^-12 */
  bool has_point;
  bool has_rest; /* a digit after the point, however far, is not 0 */
};

static void read_fraction(struct slice digits, struct decimal *number) {
  for (size_t i = 0; i < digits.length || i < FRACTION_DIGITS; i++) {
    char c = '0';
    if (i < digits.length)
      c = digits.at[i];
    if (c != '0')
      number->has_rest = true;
    if (i < FRACTION_DIGITS)
      number->fraction = number->fraction * 10 + (uint64_t)(c - '0');
  }
}

/* Take a number, its whole part at most `max`, off `text`. */
static bool take_decimal(struct slice *text, int64_t max,
                         struct decimal *number) {
  *number = (struct decimal){0, 0, false, false};
  if (!number_whole(take_run(text, true), max, &number->whole))
    return false;
  if (text->length == 0 || text->at[0] != '.')
    return true;
  *text = slice_after(*text, 1);
  struct slice digits = take_run(text, true);
  number->has_point = true;
  read_fraction(digits, number);
  return digits.length != 0;
}

bool number_duration(struct slice text, int64_t *value) {
  static const uint32_t scale[] = {3600000, 60000, 1000, 1};
  enum { NO_UNIT = -1, UNIT_SECOND = 2 };
  uint64_t ms = 0;
  uint64_t fraction = 0;
  bool has_rest = false;
  int last = NO_UNIT;
  do {
    struct decimal number;
    if (!take_decimal(&text, NUMBER_DURATION_MAX_MS, &number))
      return false;
    struct slice name = take_run(&text, false);
    int unit = slice_find(name, "h|m|s|ms");
    if (name.length == 0 && last == NO_UNIT)
      unit = UNIT_SECOND;
    if (unit <= last) /* no such unit, the same again, or a larger one */
      return false;
    last = unit;
    ms += (uint64_t)number.whole * scale[unit];
    fraction += number.fraction * scale[unit];
    has_rest = has_rest || number.has_rest;
  } while (text.length != 0);
  ms += (fraction + FRACTION_ONE / 2) / FRACTION_ONE;
  if (ms == 0 && has_rest)
    ms = 1;
  if (ms > (uint64_t)NUMBER_DURATION_MAX_MS)
    return false;
  *value = (int64_t)ms;
  return true;
}

bool number_size(struct slice text, int64_t *value) {
  struct decimal number;
  if (!take_decimal(&text, NUMBER_SIZE_MAX, &number))
    return false;
  int index = slice_find(text, "|k|kb|kib|m|mb|mib|g|gb|gib");
  int power = (index + 2) / 3;
  if (index < 0 || number.whole > NUMBER_SIZE_MAX >> (10 * power))
    return false;
  if (power == 0 && number.has_point)
    return false;
  /* In steps: 10^12 times a gigabyte doesn't fit in 64 bits. */
  for (int i = 0; i < power; i++) {
    number.fraction *= 1024;
    number.whole =
        number.whole * 1024 + (int64_t)(number.fraction / FRACTION_ONE);
    number.fraction %= FRACTION_ONE;
  }
  if (number.fraction >= FRACTION_ONE / 2)
    number.whole++;
  if (number.whole > NUMBER_SIZE_MAX)
    return false;
  *value = number.whole;
  return true;
}

#define PERCENT 10000 /* millionths */

bool number_share(struct slice text, int64_t *value) {
  struct decimal number;
  int64_t share;
  if (!take_decimal(&text, 100, &number) || text.length != 1 ||
      text.at[0] != '%')
    return false;
  share =
      number.whole * PERCENT +
      (int64_t)((number.fraction * PERCENT + FRACTION_ONE / 2) / FRACTION_ONE);
  if (share == 0 && number.has_rest)
    share = 1;
  if (share > 100 * PERCENT)
    return false;
  *value = share;
  return true;
}

static bool is_status(int64_t number) {
  return number >= POLICY_STATUS_MIN && number <= POLICY_STATUS_MAX;
}

/* `5xx`. */
static bool status_class(struct slice text, int64_t *first, int64_t *last) {
  if (text.length != 3 || !slice_is_digit(text.at[0]) ||
      !slice_is(slice_after(text, 1), "xx"))
    return false;
  *first = (text.at[0] - '0') * 100;
  *last = *first + 99;
  return true;
}

bool number_statuses(struct slice text, int64_t *first, int64_t *last) {
  const char *dash =
      text.length != 0 ? memchr(text.at, '-', text.length) : NULL;
  struct slice from = text;
  struct slice to = text;
  int64_t low = 0;
  int64_t high = 0;
  if (dash != NULL) {
    from.length = (size_t)(dash - text.at);
    to = slice_after(text, from.length + 1);
  }
  if (!status_class(text, &low, &high) &&
      (!number_whole(from, POLICY_STATUS_MAX, &low) ||
       !number_whole(to, POLICY_STATUS_MAX, &high)))
    return false;
  if (!is_status(low) || !is_status(high) || low > high)
    return false;
  *first = low;
  *last = high;
  return true;
}
