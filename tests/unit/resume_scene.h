/* resume_scene.h - what the tests of resumes share: a body that breaks off in
 * its middle, after the program had that much of it. */
#ifndef CURLRETRY_RESUME_SCENE_H
#define CURLRETRY_RESUME_SCENE_H

#include "scene.h"

/* The first half of ten bytes; then the connection breaks. */
static inline void break_after(const char *line) {
  request_goes_out();
  response("HTTP/1.1 200 OK", line, "Content-Length: 10");
  body("01234");
  transfer_fails(CURLE_PARTIAL_FILE, "broke");
}

/* A call of such an attempt, under a policy that holds nothing. */
static inline void begin_broken(const char *line) {
  call_begins();
  break_after(line);
  scene.program.got[0] = 0;
}

static inline void begin_tagged(void) {
  variables("HOLD_BYTES=off");
  begin_broken("ETag: \"v1\"");
}

/* The rest, and the end. */
static inline void rest_comes(const char *range) {
  request_goes_out();
  response("HTTP/1.1 206 Part", "ETag: \"v1\"", range);
  body("56789");
  transfer_ends(CURLE_OK);
}

#endif
