/* complaint.c - see complaint.h. */
#include "complaint.h"

#include <string.h>

#define SHOWN_LENGTH 64 /* of a name, a value, an entry */

struct sink {
  char *at;
  size_t room; /* without the final zero */
};

static void put(struct sink *sink, const char *text) {
  size_t length = strlen(text);
  if (length > sink->room)
    length = sink->room;
  memcpy(sink->at, text, length);
  sink->at += length;
  sink->room -= length;
  *sink->at = '\0';
}

/* Text from outside: cut, and nothing that could act on a terminal. */
static void put_foreign(struct sink *sink, struct slice text) {
  char shown[SHOWN_LENGTH + 1];
  size_t length = 0;
  for (; length < text.length && length < SHOWN_LENGTH; length++) {
    char c = text.at[length];
    shown[length] = c >= ' ' && c <= '~' ? c : '?';
  }
  shown[length] = '\0';
  put(sink, shown);
  if (length < text.length)
    put(sink, "...");
}

void complaint_write(const struct complaint *complaint, char *message) {
  struct sink sink = {message, POLICY_MESSAGE_SIZE - 1};
  put(&sink, POLICY_PREFIX);
  put_foreign(&sink, complaint->name);
  put(&sink, "=");
  put_foreign(&sink, complaint->value);
  put(&sink, ": ");
  if (complaint->entry.at != NULL) {
    put(&sink, "\"");
    put_foreign(&sink, complaint->entry);
    put(&sink, "\" ");
  }
  put(&sink, complaint->problem);
  if (complaint->accepts != NULL) {
    put(&sink, "; accepted: ");
    put(&sink, complaint->accepts);
  } else if (complaint->nearest != NULL) {
    put(&sink, "; nearest: " POLICY_PREFIX);
    put(&sink, complaint->nearest);
  } else {
    put(&sink, "; curlretry --help lists the variables");
  }
}
