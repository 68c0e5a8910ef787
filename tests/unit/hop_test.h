/* hop_test.h - what the tests of the hop share: an attempt, and the lines that
 * libcurl would hand on. */
#ifndef CURLRETRY_HOP_TEST_H
#define CURLRETRY_HOP_TEST_H

#include "unit_test.h"

#include "exchange/hop.h"

#define OK "HTTP/1.1 200 OK\n\n"

static struct hop hop;
static struct shadow shadow; /* libcurl's defaults, as far as hop.c looks */
static struct field field;   /* its value lives no longer than the call */

static inline void begin_with(bool has_prerequests, bool may_be_ftp) {
  memset(&shadow, 0, sizeof shadow);
  shadow.http_auth = shadow.proxy_auth = CURLAUTH_BASIC;
  memset(&hop, 0xa5, sizeof hop);
  hop_begin(&hop, has_prerequests, may_be_ftp);
}

/* An attempt of today's libcurl for an http URL. */
static inline void begin(void) { begin_with(true, false); }

/* One line as it is, in a place of its own. */
static inline enum hop_event feed_line(const char *line, size_t length) {
  char *copy = copy_of(line, length);
  enum hop_event event = hop_line(&hop, copy, length, &field);

  free(copy);
  return event;
}

/* Each line of `text` with a line end of HTTP; what the last one was. */
static inline enum hop_event feed(const char *text) {
  enum hop_event event = HOP_LINE;

  while (*text) {
    char line[200];
    size_t length = strcspn(text, "\n");
    snprintf(line, sizeof line, "%.*s\r\n", (int)length, text);
    event = feed_line(line, length + 2);
    text += text[length] ? length + 1 : length;
  }
  return event;
}

/* A request, and its answer's header block. */
static inline void exchange(const char *block) {
  hop_prerequest(&hop);
  assert_int_equal(feed(block), HOP_BLOCK_END);
}

static inline bool is_final(void) { return hop_is_final(&hop, &shadow); }

#endif
