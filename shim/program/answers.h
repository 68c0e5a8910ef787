/* answers.h - what curl_easy_getinfo() and curl_easy_header() say where
 * libcurl's own answer is of another moment than the program's.
 */
#ifndef CURLRETRY_ANSWERS_H
#define CURLRETRY_ANSWERS_H

#include "libcurl/info.h"

struct answers {
  const struct info_view *view; /* of the held event that is delivered now */
  struct info *first; /* of the response that was resumed; owned, kept */
  struct info *past;  /* of the outcome that the program was given */
  struct info *way;   /* of the way's last block, while the way is shown */
  bool is_resumed;    /* `first` counts */
  bool is_rescued;    /* the call succeeded after attempts that failed */
  bool is_disguised;  /* libcurl was given another URL: */
  char *true_url;     /* the one the program gave; owned, kept; NULL: none */
  int64_t delivered;  /* body bytes the program has, for `first`; -1: libcurl
                         knows */

  /* Of TLS_SSL_PTR and TLS_SESSION, as long as there was a connection; NULL:
     not known, or none of TLS. */
  void *tls[2];
  struct curl_tlssessioninfo session; /* for answers_session() */
};

/* Answer `id` into `answer`, curl_easy_getinfo()'s third argument. False:
 * libcurl's own answer is right. */
bool answers_held_info(const struct answers *answers, CURLINFO id,
                       void *answer);
static inline bool answers_info(const struct answers *answers, CURLINFO id,
                                void *answer) {
  return (answers->view || answers->is_resumed || answers->past) &&
         answers_held_info(answers, id, answer);
}

/* Put right what libcurl answered to `id`, where it was given another URL, or
 * keeps the error of an attempt whose failure was got over. */
void answers_put_right(const struct answers *answers, CURLINFO id,
                       void *answer);
static inline void answers_correct(const struct answers *answers, CURLINFO id,
                                   void *answer) {
  if (answers->is_disguised || answers->is_rescued)
    answers_put_right(answers, id, answer);
}

/* In the middle of a transfer: what its TLS connection is, for a program that
 * asks when libcurl has parted from it. */
void answers_note_session(struct answers *answers,
                          const struct library *library, CURL *curl);

/* None is known. */
static inline void answers_forget_session(struct answers *answers) {
  answers->tls[0] = answers->tls[1] = NULL;
}

/* What libcurl answered to `id` holds no TLS connection: `*answer` is given
 * the one that the held event at hand came by, where libcurl keeps that in a
 * pool of this thread's (`is_alone`). Else, and where a fault was made of
 * https, an error: an answer without one crashes the example of
 * CURLINFO_TLS_SSL_PTR(3). */
CURLcode answers_find_session(struct answers *answers,
                              const struct library *library, CURL *curl,
                              CURLINFO id, void *answer, bool is_alone);
static inline CURLcode answers_session(struct answers *answers,
                                       const struct library *library,
                                       CURL *curl, CURLINFO id, void *answer,
                                       bool is_alone) {
  return answers->view &&
                 (id == CURLINFO_TLS_SSL_PTR || id == CURLINFO_TLS_SESSION)
             ? answers_find_session(answers, library, curl, id, answer,
                                    is_alone)
             : CURLE_OK;
}

/* The header fields to answer from; NULL: libcurl's own are right. */
struct headers *answers_headers(const struct answers *answers);

/* From now on libcurl's own answers are right. */
void answers_forget(struct answers *answers);

void answers_free(struct answers *answers);

#endif
