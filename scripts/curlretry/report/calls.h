/* calls.h - the worst calls of a trace with their attempts, for the page.
 *
 * An attempt's line comes before its call's. The attempts wait here, for
 * OPEN_MAX calls at a time; of calls whose line never comes (the process was
 * killed) the oldest are forgotten. Of each outcome the longest calls are
 * kept.
 */
#ifndef CURLRETRY_CALLS_H
#define CURLRETRY_CALLS_H

#include "record.h"

#define STEPS_MAX 16 /* attempts kept of a call: the first, and the last */
#define OPEN_MAX 4096

struct step {
  double number; /* 1: the first attempt */
  double at_ms;  /* its end, since 1970 */
  double total, dns, connect, tls, first_byte, delay_ms;
  double code, status;
  int retry_class;
  bool injected;
  char host[64], peer[48], message[96];
};

struct call {
  double pid, call;
  char *program, *method, *url, *key;
  double at_ms, total_ms, waited_ms, attempts, code, status;
  enum outcome outcome;
  struct step *steps;
  size_t step_count;
  struct call *next;          /* of the same hash, while it is open */
  struct call *older, *newer; /* as they began */
};

struct calls;

struct calls *calls_begin(void);

/* An attempt or a call; `key` is its row's. */
void calls_add(struct calls *calls, const struct record *record,
               const char *key);

/* How many are kept of an outcome at most. */
size_t calls_most(enum outcome outcome);

/* The calls of an outcome that are kept, the longest first. No more may be
 * added after that. */
size_t calls_kept(struct calls *calls, enum outcome outcome,
                  struct call *const **list);

#endif
