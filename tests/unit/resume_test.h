/* resume_test.h - responses made of their header lines, as the parts before
 * struct resume see them. */
#ifndef CURLRETRY_RESUME_TEST_H
#define CURLRETRY_RESUME_TEST_H

#include "exchange_test.h"

#include "exchange/resume.h"

#include <stdlib.h>

#define PLACE "https://a.example/file"

/* A block, and what is said of it. */
struct seen {
  struct hop hop;
  struct entity entity;
  struct answer answer;
};

/* Dates in these tests are numbers; anything else is none. */
static inline time_t getdate_of_numbers(const char *text,
                                        const time_t *unused) {
  char *end;
  long seconds = strtol(text, &end, 10);

  (void)unused;
  assert_true(*text); /* what isn't there isn't asked for */
  return *end || end == text ? -1 : seconds;
}

static inline void see_line(struct seen *seen, const char *text,
                            size_t length) {
  char line[512];
  struct field field;

  assert_true(length + 2 < sizeof line);
  memcpy(line, text, length);
  memcpy(line + length, "\r\n", 2);
  (void)hop_line(&seen->hop, line, length + 2, &field);
  if (field.name != FIELD_OTHER)
    entity_note(&seen->entity, &field);
  entity_seal(&seen->entity);
}

/* `block`: lines with "|" between them, the status line's "HTTP/1.1 " left
 * out; "": FTP, which has no status of HTTP's. */
static inline void see(struct seen *seen, const char *block,
                       const struct shadow *shadow) {
  char first[128];
  size_t length = strcspn(block, "|");

  memset(seen, 0, sizeof *seen);
  entity_begin(&seen->entity);
  hop_begin(&seen->hop, true, !block[0]);
  hop_prerequest(&seen->hop);
  seen->answer = (struct answer){.hop = &seen->hop,
                                 .entity = &seen->entity,
                                 .announced = -1,
                                 .url = PLACE,
                                 .first_url = PLACE,
                                 .getdate = getdate_of_numbers};
  if (!block[0])
    return;
  assert_true(length + 9 < sizeof first);
  memcpy(first, "HTTP/1.1 ", 9);
  memcpy(first + 9, block, length);
  see_line(seen, first, length + 9);
  for (block += length; *block; block += length) {
    block++;
    length = strcspn(block, "|");
    see_line(seen, block, length);
  }
  see_line(seen, "", 0);
  seen->answer.is_http = true;
  seen->answer.status = seen->hop.status;
  seen->answer.announced = hop_announced(&seen->hop, shadow);
}

/* The program got this response, and so many bytes of its body. */
static inline void commit(struct resume *resume, const char *block,
                          const struct shadow *shadow, const char *body,
                          size_t length) {
  struct seen seen;

  memset(resume, 0, sizeof *resume);
  resume_begin(resume);
  see(&seen, block, shadow);
  resume_committed(resume, &seen.answer, shadow);
  if (resume->is_possible)
    resume_delivered(resume, body, length);
}

#endif
