/* multi_deeds.h - main() of a test program whose callbacks call libcurl: each
 * deed in each place and each loop answers with the shim as without it.
 */
#ifndef CURLRETRY_SHIM_MULTI_DEEDS_H
#define CURLRETRY_SHIM_MULTI_DEEDS_H

#include "multi_loop.h"

/* Of the transfer's own multi handle, unless said otherwise. */
enum deed {
  PERFORM,
  SOCKET_ACTION,
  SOCKET_ALL,
  ADD,
  ADD_ELSEWHERE,
  REMOVE,
  REMOVE_OTHER,
  INFO_READ,
  CLEANUP,
  SETOPT,
  WAIT,
  POLL,
  FDSET,
  TIMEOUT,
  WAKEUP,
  ASSIGN,
  EASY_PERFORM,
  EASY_PERFORM_OTHER,
  EASY_SETOPT,
  EASY_PAUSE,
  EASY_PAUSE_OTHER,
  EASY_GETINFO,
  EASY_DUPHANDLE
};

#define DEED_CODES 12

/* A transfer whose callback does it. */
struct actor {
  CURL *curl;
  CURL *other; /* not added */
  CURL *added; /* runs beside it */
  CURLM *multi, *elsewhere;
  enum deed deed;
  int place; /* the test's own number */
  int calls; /* of the callback */
  long long got;
  int codes[DEED_CODES]; /* of the deed, each once */
  int used;
  int messages;
  CURLcode result;
};

struct deeds {
  const enum deed *deeds;
  size_t deed_count;
  int place_count;
  const char *const *plans; /* a retry comes before the last one */
  size_t plan_count;
  void (*set)(struct actor *actor);     /* its callbacks, but for the body's */
  void (*on_body)(struct actor *actor); /* or NULL: called for each piece */
};

/* The one whose transfer runs; NULL: none. */
extern struct actor *actor_now;

/* Does it; what libcurl answered. */
int deed_do(struct actor *actor);

/* Notes an answer, for the comparison. */
void deed_note(struct actor *actor, int code);

int deeds_main(int argc, char **argv, const struct deeds *deeds);

#endif
