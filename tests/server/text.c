/* Small text helpers shared by the plan parser, the log and the answers. */
#include "text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* The value of one hex digit, or -1. */
static int hex_value(char digit) {
  if (digit >= '0' && digit <= '9')
    return digit - '0';
  if (digit >= 'a' && digit <= 'f')
    return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F')
    return digit - 'A' + 10;
  return -1;
}

void text_decode(char *text) {
  char *out = text;

  while (*text) {
    int high = *text == '%' ? hex_value(text[1]) : -1;
    int low = high >= 0 ? hex_value(text[2]) : -1;

    if (low >= 0) {
      *out++ = (char)(high * 16 + low);
      text += 3;
    } else {
      *out++ = *text++;
    }
  }
  *out = '\0';
}

bool text_number(const char *text, uint64_t *number) {
  static const char suffixes[] = "KMG";
  uint64_t value = 0;
  const char *suffix;

  if (!isdigit((unsigned char)*text))
    return false;
  for (; isdigit((unsigned char)*text); text++) {
    if (value > UINT64_MAX / 100)
      return false;
    value = value * 10 + (uint64_t)(*text - '0');
  }
  if (*text) {
    suffix = strchr(suffixes, *text++);
    if (!suffix || *text || value >> 33)
      return false;
    value <<= 10 * (suffix - suffixes + 1);
  }
  *number = value;
  return true;
}

void text_json(FILE *out, const char *text) {
  putc('"', out);
  for (; *text; text++) {
    unsigned char byte = (unsigned char)*text;

    if (byte == '"' || byte == '\\')
      fprintf(out, "\\%c", byte);
    else if (byte < 0x20 || byte >= 0x7f)
      fprintf(out, "\\u%04x", byte);
    else
      putc(byte, out);
  }
  putc('"', out);
}

void text_hex(char *out, const unsigned char *bytes, size_t size) {
  static const char digits[] = "0123456789abcdef";

  for (size_t i = 0; i < size; i++) {
    *out++ = digits[bytes[i] >> 4];
    *out++ = digits[bytes[i] & 15];
  }
  *out = '\0';
}

bool text_list_has(const char *list, const char *word) {
  size_t length = strlen(word);

  while (list && *list) {
    list += strspn(list, " \t,");
    size_t item = strcspn(list, " \t,;");

    if (item == length && strncasecmp(list, word, length) == 0)
      return true;
    list += item;
    list += strcspn(list, ",");
  }
  return false;
}

void text_date(char out[TEXT_DATE_SIZE], int64_t when) {
  time_t seconds = (time_t)when;
  struct tm parts;

  gmtime_r(&seconds, &parts);
  strftime(out, TEXT_DATE_SIZE, "%a, %d %b %Y %H:%M:%S GMT", &parts);
}

int64_t text_now_ms(void) {
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
