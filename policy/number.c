/* number.c - see number.h. */
#include "number.h"

/* Digits after the point that count. The rest can't change a millisecond,
 * and 10^12 times an hour's milliseconds still fits in 64 bits. */
#define FRACTION_DIGITS 12
#define FRACTION_ONE UINT64_C(1000000000000)

static size_t count_digits(struct slice text) {
  size_t count = 0;
  while (count < text.length && slice_is_digit(text.at[count]))
    count++;
  return count;
}

#define SAFE_DIGITS 18 /* they always fit */

int64_t number_digits(const char **at, const char *end) {
  const char *from = *at;
  const char *digit = from;
  const char *safe = end - from > SAFE_DIGITS ? from + SAFE_DIGITS : end;
  int64_t value = 0;
  while (digit < safe && slice_is_digit(*digit))
    value = value * 10 + (*digit++ - '0');
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

/* The digits after the point in units of 10^-12; `is_zero`: all are 0. */
static uint64_t read_fraction(struct slice digits, bool *is_zero) {
  uint64_t sum = 0;
  *is_zero = true;
  for (size_t i = 0; i < digits.length || i < FRACTION_DIGITS; i++) {
    char c = '0';
    if (i < digits.length)
      c = digits.at[i];
    if (c != '0')
      *is_zero = false;
    if (i < FRACTION_DIGITS)
      sum = sum * 10 + (uint64_t)(c - '0');
  }
  return sum;
}

/* Milliseconds in a unit; 0: no such unit. */
static uint64_t unit_ms(struct slice unit) {
  static const uint32_t scale[] = {1000, 1000, 1, 60000, 3600000};
  int index = slice_find(unit, "|s|ms|m|h");
  return index < 0 ? 0 : scale[index];
}

bool number_duration(struct slice text, int64_t *value) {
  int64_t whole = 0;
  uint64_t fraction = 0;
  bool is_zero = true;
  size_t count = count_digits(text);
  struct slice digits = {text.at, count};
  if (!number_whole(digits, NUMBER_DURATION_MAX_MS, &whole))
    return false;
  text = slice_after(text, count);
  if (text.length != 0 && text.at[0] == '.') {
    text = slice_after(text, 1);
    digits = (struct slice){text.at, count_digits(text)};
    if (digits.length == 0)
      return false;
    fraction = read_fraction(digits, &is_zero);
    text = slice_after(text, digits.length);
  }
  uint64_t scale = unit_ms(text);
  if (scale == 0)
    return false;
  uint64_t ms = (uint64_t)whole * scale +
                (fraction * scale + FRACTION_ONE / 2) / FRACTION_ONE;
  if (ms == 0 && !is_zero)
    ms = 1;
  if (ms > (uint64_t)NUMBER_DURATION_MAX_MS)
    return false;
  *value = (int64_t)ms;
  return true;
}

bool number_size(struct slice text, int64_t *value) {
  int64_t whole = 0;
  size_t count = count_digits(text);
  struct slice digits = {text.at, count};
  int unit = slice_find(slice_after(text, count), "|k|m|g");
  if (unit < 0 ||
      !number_whole(digits, NUMBER_SIZE_MAX >> (10 * unit), &whole))
    return false;
  *value = whole << (10 * unit);
  return true;
}
