/* lot.h - a transfer drawn by lot, for test_random*.c: its plan at the server,
 * what the program's callbacks do, and whether what came of it is right. */
#ifndef CURLRETRY_SHIM_LOT_H
#define CURLRETRY_SHIM_LOT_H

#include "upload.h"

#define LOT_STEPS 80 /* more requests than any plan leads to */
#define LOT_VERSIONS                                                          \
  3 /* 0: an error's "503 planned"; the resource's: 1, 2                      \
     */

/* A policy, and what it promises. */
struct lot_scene {
  const char *name;
  const char *const *policy; /* beside the one of all scenes */
  bool resumes;              /* RESUME is not off */
  bool shows_headers;        /* they may be handed over before any byte */
  bool holds_all;            /* no body is handed over before its end */
  bool repeats_all;          /* METHODS=all */
  long long kept;            /* bytes of an upload, at most */
};

/* What the program's callbacks do with the response, once at or after
 * `habit_at`. */
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

/* What the read callback does, at or after byte `send_at`. */
enum send_habit {
  SEND_ALL,
  SEND_SLOWLY,
  SEND_PAUSE,      /* returns CURL_READFUNC_PAUSE, for send_times */
  SEND_PAUSE_CALL, /* gives bytes and calls curl_easy_pause() */
  SEND_ABORT,      /* returns CURL_READFUNC_ABORT */
  SEND_TOO_MUCH,   /* returns more than there is room for */
  SEND_HABITS
};

struct lot {
  unsigned long long state; /* of the generator */
  unsigned number;
  const struct lot_scene *scene;

  /* drawn */
  char key[32];
  char plan[900];
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

  /* drawn for an upload */
  bool has_upload;
  struct upload upload;
  const char *method;
  const char *gate; /* a header that changes what may be repeated; or NULL */
  bool is_gated;    /* a request that was sent must not be repeated */
  long auth;        /* HTTPAUTH; 0: none */
  bool expects;     /* it has an Expect header of its own */
  const char *expectation; /* option of its steps */
  bool has_rounds;         /* libcurl asks again by itself */
  bool has_prereq;
  bool ends_early; /* the last answer doesn't wait for the upload's end */
  enum send_habit send_habit;
  long long send_at;
  int send_times;

  /* what came of it */
  CURL *curl;
  CURLcode code;
  unsigned long long refusals; /* CURLcodes of the program's own, as bits */
  const char *trouble;         /* seen by a callback */
  int status;                  /* of the last status line */
  int version;                 /* its X-Version, and the body's; 0: none */
  int headers;                 /* lines */
  long long got;               /* body bytes */
  bool is_other[LOT_VERSIONS]; /* the body isn't this version's */
  bool is_after_block;         /* the last header block has ended */
  bool is_paused;
  bool has_refused; /* the response: nothing of it may come any more */
  curl_off_t shown; /* by the progress callback, once the body began */

  bool is_send_paused;
  bool is_repeated;     /* libcurl itself went on after a refusal */
  int requests;         /* as the prerequest callback counted them */
  int requests_refused; /* ... when the program refused to go on */
};

/* Transfer `number` of the run `seed`: a GET, or an upload. */
void lot_draw(struct lot *lot, unsigned long long seed, unsigned number,
              const struct lot_scene *scene);
void lot_draw_upload(struct lot *lot, unsigned long long seed, unsigned number,
                     const struct lot_scene *scene);

/* Perform it. Whatever the handle was used for before does not matter. */
void lot_perform(struct lot *lot, CURL *curl);

/* What is wrong with it; NULL: nothing. `seen`: of `count` requests. */
const char *lot_trouble(const struct lot *lot, const struct seen *seen,
                        size_t count);

/* Says in a few lines what was drawn and what came of it. */
void lot_print(const struct lot *lot, const struct seen *seen, size_t count,
               FILE *out);

void lot_free(struct lot *lot);

/* --- between lot.c and lot_upload.c: drawing ------------------------------
 */

void lot_begin(struct lot *lot, unsigned long long seed, unsigned number,
               const struct lot_scene *scene);

/* 0 ... limit - 1 */
unsigned lot_below(struct lot *lot, long long limit);
bool lot_chance(struct lot *lot, unsigned percent);

/* Sizes where something changes, and any; where a body breaks. */
long long lot_draw_size(struct lot *lot);
long long lot_draw_cut(struct lot *lot, long long most);
void lot_draw_habit(struct lot *lot);

/* More text of the plan. */
void lot_add(struct lot *lot, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A whole answer with this version. True: it ends with the connection, so
 * that a close can't be told from its end. */
bool lot_add_answer(struct lot *lot, int version);

/* Whether CURLOPT_CUSTOMREQUEST makes the method. */
bool lot_is_custom(const struct lot *lot);

/* --- between lot_perform.c and lot_send.c: performing ---------------------
 */

void lot_complain(struct lot *lot, const char *trouble);

/* The program refuses to go on: `code` is to come of it. */
void lot_refuse(struct lot *lot, CURLcode code);

/* The upload's options. */
void lot_send(struct lot *lot);

/* curl_easy_pause() with what is paused. */
void lot_pause(struct lot *lot);

/* What is wrong with what the server saw of the upload; NULL: nothing. */
const char *lot_upload_trouble(const struct lot *lot, const struct seen *seen,
                               size_t count);

#endif
