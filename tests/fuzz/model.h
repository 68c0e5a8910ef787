/* model.h - a libcurl without network and without time, with any number of
 * easy and multi handles: what the shim's interposed functions are entered
 * with instead of the real one. It keeps options as the real one does, refuses
 * what that refuses, and draws from the input how each transfer goes.
 *
 * Sources: lib/setopt.c, lib/multi.c and lib/easy.c of 7.88.1 and 8.22.
 */
#ifndef CURLRETRY_FUZZ_MODEL_H
#define CURLRETRY_FUZZ_MODEL_H

#include "fuzz.h"

#include "libcurl/library.h"

/* --- options ---------------------------------------------------------------
 */

#define OPTIONS 400 /* numbers of options, without their type */

struct options {
  void *words[OPTIONS];
  char *texts[OPTIONS]; /* of strings: libcurl copies them */
  bool is_meter_off;    /* by the progress callback that was set last */
  enum { MODEL_GET, MODEL_HEAD, MODEL_POST, MODEL_FORM, MODEL_PUT } request;
};

void options_begin(struct options *options);
void options_end(struct options *options);
void options_copy(struct options *to, const struct options *from);

/* curl_easy_setopt(): its answer is the installed libcurl's. */
CURLcode options_put(struct options *options, CURLoption option, void *word);

void *options_word(const struct options *options, CURLoption option);
const char *options_text(const struct options *options, CURLoption option);

/* The name of the first option that differs; NULL: none does. */
const char *options_difference(const struct options *a,
                               const struct options *b);

/* An option of the installed headers, by lot, and its type. */
const struct curl_easyoption *options_draw(void);

/* --- handles ---------------------------------------------------------------
 */

enum stage { AT_REST, CONNECTING, SENDING, HEADERS, BODY, MESSAGE, TOLD };

/* How an attempt goes. */
struct plan {
  CURLcode code; /* what it breaks with; CURLE_OK: it doesn't */
  enum stage at; /* ... where */
  int status;
  int version;  /* of the body; 0: an error's */
  size_t first; /* of the body's bytes: a 206 */
  size_t cut;   /* ... where it breaks; or its end */
  int hops;     /* redirects before it */
  bool has_interim;
  bool has_length;
  int validator; /* 0: none, 1: a strong tag, 2: a weak one, 3: a date */
  bool takes_ranges;
};

/* An attempt's end. */
struct made {
  CURLcode code;
  int status;
  int version;
  bool was_sent;
  bool is_final; /* its last block is whole, and was the answer */
};

#define MADE_MAX 64

struct model_easy {
  struct options options;
  struct model_multi *multi; /* it is in */
  struct model_easy *next;   /* there */
  bool is_connected;         /* it is one of those that may be at once */
  bool has_note;             /* CURLMNOTIFY_EASY_DONE is to be told */
  bool is_performing;        /* curl_easy_perform() */
  int callbacks;             /* of it on the stack */
  enum stage stage;
  bool has_plan;
  struct plan plan;
  unsigned line; /* of the headers */
  size_t at;     /* of the body */
  int hop;
  bool is_paused, is_send_paused;
  char waiting[128]; /* what a pause left */
  size_t waiting_length;
  bool waiting_is_header;
  unsigned idle; /* steps without anything, in a row */
  curl_off_t sent;
  CURLMsg message;
  unsigned ended;             /* the how manieth of all */
  CURLcode refused;           /* by a callback */
  int status;                 /* CURLINFO_RESPONSE_CODE */
  char method[32];            /* of the first of those: */
  struct made made[MADE_MAX]; /* since the program began a transfer */
  unsigned made_count;
};

/* CURLMOPT_NOTIFYFUNCTION, of 8.17. */
typedef void (*notifier)(CURLM *multi, unsigned notification, CURL *easy,
                         void *data);

struct model_multi {
  struct model_easy *first;
  int callbacks; /* on the stack */
  curl_multi_timer_callback timer;
  void *timer_data;
  long told; /* to the timer */
  notifier notify;
  void *notify_data;
  unsigned notifications; /* enabled: a bit each */
  bool has_note;          /* CURLMNOTIFY_INFO_READ is to be told */
  bool is_notifying;
  int most; /* transfers that are connected at once; 0: any number */
};

extern struct model {
  struct library library;
  int64_t now; /* ms */
  int easies;  /* that are alive */
  int multis;
  unsigned ended; /* transfers of multi handles, ever */
  bool checks_uploads;
  bool drains; /* the end: every transfer goes well */
} model;

void model_begin(unsigned version);

/* What the program asked of the handle begins: forget what was made. */
void model_forget(struct model_easy *easy);

/* The version's byte there; the size of its whole body; the byte of what is
 * uploaded. */
char model_byte(int version, size_t at);
size_t model_size(int version);
char model_upload(size_t at);

/* --- between model.c, plan.c, transfer.c, multi.c ---------------------------
 */

/* How the next attempt goes; its header line by line, in `text` or constant;
 * NULL: the block has ended. */
void plan_draw(struct model_easy *easy);
const char *plan_line(const struct model_easy *easy, char *text, size_t size);

/* A transfer begins; one step of it. True: it has ended, `*code`. */
void transfer_begin(struct model_easy *easy);
bool transfer_step(struct model_easy *easy, CURLcode *code);

/* curl_easy_pause() */
CURLcode transfer_pause(struct model_easy *easy, int action);

/* After curl_easy_pause(): the timer callback is told. */
void multi_pausing(struct model_easy *easy);
void multi_fill(struct library *library);
const char *easy_method(const struct model_easy *easy);
CURLMcode multi_take_out(struct model_easy *easy);

#endif
