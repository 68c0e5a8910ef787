/* sink.h - where a response's events reach the program, one way for held and
 * for direct ones.
 */
#ifndef CURLRETRY_SINK_H
#define CURLRETRY_SINK_H

#include "exchange/journal.h"
#include "exchange/resume.h"
#include "program/answers.h"

#include <stdatomic.h>

enum delivery { DELIVERED, DELIVERY_PAUSED, DELIVERY_REFUSED };

/* The program's word against the attempt at hand. */
struct refusal {
  CURLcode code; /* CURLE_OK: none */
  char text[96]; /* libcurl's own error text for it; "": libcurl writes it */
};

struct sink {
  const struct shadow *shadow;
  struct answers *answers; /* `view` while a held event is delivered */
  struct resume *resume;   /* counts what the program has */
  unsigned version;        /* of libcurl: its error texts differ */
  struct refusal refusal;
  struct info_view view; /* not on a stack that a longjmp leaves */
  int status;            /* of the block without a view; 0: libcurl's word */
  atomic_bool is_paused; /* by a callback's PAUSE or curl_easy_pause() */
  bool is_busy;          /* inside sink_play() */
  bool has_body;         /* a held piece of a body was delivered */
  int64_t delivered_at;  /* when the program last took something; ms */
};

/* Before a call. The pointers must outlive it. */
void sink_begin(struct sink *sink, const struct shadow *shadow,
                struct answers *answers, struct resume *resume,
                unsigned version);

/* Hand one event over. `*taken` is what the program's callback returned; a
 * refusal is recorded. */
enum delivery sink_put(struct sink *sink, const struct event *event,
                       size_t *taken);

/* Hand over what the journal holds, up to a pause or a refusal. */
enum delivery sink_play(struct sink *sink, struct journal *journal);

#endif
