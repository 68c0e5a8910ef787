/* text.h - texts that live as long as this process: nothing is freed. Where
 * memory is too short, the process ends with a word. */
#ifndef CURLRETRY_TEXT_H
#define CURLRETRY_TEXT_H

#include <stddef.h>

/* A copy of `text`, of its first `length` bytes, of two joined. */
char *text_keep(const char *text);
char *text_part(const char *text, size_t length);
char *text_join(const char *text, const char *more);

/* realloc(3) that never fails. */
void *text_room(void *before, size_t size);

#endif
