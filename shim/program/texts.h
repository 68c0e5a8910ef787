/* texts.h - values of options that libcurl copies: so do we.
 */
#ifndef CURLRETRY_TEXTS_H
#define CURLRETRY_TEXTS_H

#include <stdbool.h>

enum text_place {
  TEXT_RANGE,
  TEXT_SOCKET,    /* UNIX_SOCKET_PATH, ABSTRACT_UNIX_SOCKET */
  TEXT_PROTOCOLS, /* PROTOCOLS_STR; PROTOCOLS without text */
  TEXT_PROXY,     /* NULL: none, or one of the environment */
  TEXT_PRE_PROXY,
  TEXT_NO_PROXY, /* NULL: that of the environment */
  TEXT_REFERER,
  TEXT_COUNT
};

struct text_option {
  char *text; /* owned; NULL: none */
  int option; /* of several that set the same, the last */
};

struct texts {
  struct text_option at[TEXT_COUNT];
  int lacks; /* an option that there was no memory for; 0: none */
};

/* `text` may be NULL. Without memory the former one stays, and `lacks` says
 * so. errno is kept. */
void texts_set(struct texts *texts, enum text_place place, int option,
               const char *text);

/* Of a struct that was copied as it is: texts of its own. False: out of
 * memory; it can be freed. */
bool texts_copied(struct texts *texts);

void texts_free(struct texts *texts);

#endif
