/* Small text helpers shared by the plan parser, the log and the answers. */
#ifndef FAULTY_TEXT_H
#define FAULTY_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Decodes %XX in place; anything else is left as it is. */
void text_decode(char *text);

/* Reads a whole decimal number with an optional K, M or G (1024) suffix.
   False, with *number untouched, for anything else. */
bool text_number(const char *text, uint64_t *number);

/* Writes TEXT as a JSON string, quotes included; bytes >= 0x80 as \u00XX. */
void text_json(FILE *out, const char *text);

/* Writes SIZE bytes as 2 * SIZE lower case hex digits and a NUL. */
void text_hex(char *out, const unsigned char *bytes, size_t size);

/* True when the comma separated list LIST has WORD, case-insensitively. */
bool text_list_has(const char *list, const char *word);

/* An HTTP date (RFC 9110 5.6.7) of WHEN (seconds since 1970). */
#define TEXT_DATE_SIZE 40
void text_date(char out[TEXT_DATE_SIZE], int64_t when);

/* The monotonic clock in milliseconds. */
int64_t text_now_ms(void);

#endif
