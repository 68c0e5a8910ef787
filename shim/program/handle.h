/* handle.h - one easy handle as the program has it. Plain data: the table that
 * finds it is drive/table.c, what runs on it is the engine's.
 */
#ifndef CURLRETRY_HANDLE_H
#define CURLRETRY_HANDLE_H

#include "program/answers.h"
#include "program/shadow.h"

#include <pthread.h>

/* The stack from which libcurl may call back: tells a nested use from a call
 * that a longjmp left. Set by the drivers. */
struct mark {
  pthread_t thread;
  const void *frame; /* NULL: nothing runs */
};

static inline struct mark mark_here(const void *frame) {
  return (struct mark){pthread_self(), frame};
}

/* Whether a function with this frame was called from there. */
static inline bool mark_is_above(const struct mark *mark, const void *frame) {
  return mark->frame && mark->thread == pthread_self() &&
         (uintptr_t)frame < (uintptr_t)mark->frame;
}

struct call;
struct member;

struct handle {
  const struct library *library; /* the libcurl that made it */
  CURL *curl;
  struct shadow shadow;
  struct answers answers;
  struct mark mark;
  struct call *call; /* memory for calls, kept between them; NULL: none yet */
  struct member *member; /* of a multi handle; NULL: it is in none */
  CURLMsg message; /* the last one that was read: as libcurl's it is there
                      until the handle is freed */
};

#endif
