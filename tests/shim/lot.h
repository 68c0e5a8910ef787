/* lot.h - a transfer drawn by lot, for test_random.c: its plan at the server,
 * what the program's callbacks do, and whether what came of it is right. */
#ifndef CURLRETRY_SHIM_LOT_H
#define CURLRETRY_SHIM_LOT_H

#include "setup.h"

#define LOT_STEPS 16 /* more than any plan has */
#define LOT_VERSIONS                                                          \
  3 /* 0: an error's "503 planned"; of the resource: 1, 2                     \
     */

/* What the program's callbacks do, once at or after `habit_at`. */
enum habit {
  HABIT_NONE,
  HABIT_PAUSE_BODY,   /* the write callback pauses, for habit_times */
  HABIT_PAUSE_CALL,   /* it calls curl_easy_pause() */
  HABIT_PAUSE_HEADER, /* the header callback pauses */
  HABIT_SHORT_BODY,   /* takes less than it was given */
  HABIT_SHORT_HEADER,
  HABIT_ABORT, /* the progress callback ends the transfer */
  HABITS
};

struct lot {
  unsigned long long state; /* of the generator */
  unsigned number;

  /* drawn */
  char key[32];
  char plan[768];
  size_t plan_used;
  long long sizes[LOT_VERSIONS];
  const char *validator; /* printf format for the version */
  const char *ranges;
  bool has_validator; /* a strong one: versions can be told apart */
  bool is_gzip;
  bool has_redirects;
  bool must_succeed; /* every failure of the plan can be got over */
  enum habit habit;
  long long habit_at; /* body bytes, or header lines */
  int habit_times;
  bool has_progress;
  bool is_reused;

  /* what came of it */
  CURL *curl;
  CURLcode code;
  const char *trouble;         /* seen by a callback */
  int status;                  /* of the last status line */
  int version;                 /* its X-Version, and the body's; 0: none */
  int headers;                 /* lines */
  long long got;               /* body bytes */
  bool is_other[LOT_VERSIONS]; /* the body isn't this version's */
  bool is_after_block;         /* the last header block has ended */
  bool is_paused;
  bool has_refused;
  curl_off_t shown; /* by the progress callback, once the body began */
};

/* Transfer `number` of the run `seed`. `resumes`: RESUME is not off. */
void lot_draw(struct lot *lot, unsigned long long seed, unsigned number,
              bool resumes);

/* Perform it. Whatever the handle was used for before does not matter. */
void lot_perform(struct lot *lot, CURL *curl);

/* What is wrong with it; NULL: nothing. */
const char *lot_trouble(const struct lot *lot);

const char *lot_habit(const struct lot *lot);

#endif
