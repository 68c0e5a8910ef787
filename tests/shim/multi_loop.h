/* multi_loop.h - the ways programs drive a multi handle: one loop each, for
 * tests that hold in all of them (multi_run.h).
 *
 * A loop waits for as long as it may: what must happen earlier has to wake it.
 * None of its functions fails a test: they run in threads, too.
 */
#ifndef CURLRETRY_SHIM_MULTI_LOOP_H
#define CURLRETRY_SHIM_MULTI_LOOP_H

#include "setup.h"

struct drive;

/* A style. */
struct loop {
  const char *name;
  bool has_clock; /* it wakes up every few milliseconds, whatever happens */
  void (*open)(struct drive *drive); /* or NULL */
  void (*run)(struct drive *drive);  /* until it is over */
  void (*close)(struct drive *drive);
};

#define LOOPS 9
extern const struct loop loops[LOOPS];

/* NULL: no such loop. */
const struct loop *loop_named(const char *name);

/* A multi handle and the loop around it. */
struct drive {
  const struct loop *loop;
  CURLM *multi;
  /* the program's own work, after each drive call; true: all is done */
  bool (*turn)(struct drive *drive);
  void *data;          /* of turn() */
  int running;         /* as the last drive call said; -1: none since an add */
  long wakeups;        /* of the loop */
  long timer_calls;    /* of the timer callback */
  const char *trouble; /* the first one; NULL: none. The loop ends there */

  /* the loops' own */
  bool is_over;
  long long until;
  void *own;
};

void drive_open(struct drive *drive, const struct loop *loop,
                bool (*turn)(struct drive *drive), void *data);

/* Until turn() says so. False: `trouble` says what went wrong. */
bool drive_end(struct drive *drive);

/* For `ms`, longer where all is slow; true: turn() said so before. */
bool drive_for(struct drive *drive, long ms);

/* So long, where all is slow. */
long drive_slowly(long ms);

/* curl_multi_cleanup() and what is the loop's. */
void drive_close(struct drive *drive);

CURLMcode drive_add(struct drive *drive, CURL *curl);
CURLMcode drive_remove(struct drive *drive, CURL *curl);

void drive_complain(struct drive *drive, const char *trouble);

/* --- for the loops -------------------------------------------------------
 */

/* After each drive call: its answer. */
void drive_turn(struct drive *drive, CURLMcode code);

/* How long the loop may still wait; 0: it is over. */
int drive_left(const struct drive *drive);

#endif
