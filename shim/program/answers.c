#include "program/answers.h"

#include <stdlib.h>
#include <string.h>

/* What lies behind the blocks of the way, as a greeting of the protocol that a
 * redirect led to, is of now. */
static struct info *way_of(const struct answers *answers) {
  return answers->view && answers->view->has_status ? answers->way : NULL;
}

bool answers_held_info(const struct answers *answers, CURLINFO id,
                       void *answer) {
  const struct info *past = way_of(answers) ? way_of(answers) : answers->past;

  if (answers->view && info_view_answer(answers->view, id, answer))
    return true;
  if (answers->is_resumed &&
      info_first_answer(answers->first, id, answers->delivered, answer))
    return true;
  return past && info_answer(past, id, answer);
}

void answers_put_right(const struct answers *answers, CURLINFO id,
                       void *answer) {
  if (answers->is_disguised)
    info_correct(answers->true_url, id, answer);
  /* these two outlive the transfer that failed; the first up to 8.x */
  if (answers->is_rescued &&
      (id == CURLINFO_OS_ERRNO || id == CURLINFO_PROXY_ERROR))
    *(long *)answer = 0;
}

/* The internals of one kind; NULL: none. */
static void *ask_session(const struct library *library, CURL *curl,
                         CURLINFO id) {
  const struct curl_tlssessioninfo *session = NULL;

  return !library->easy_getinfo(curl, id, &session) && session
             ? session->internals
             : NULL;
}

void answers_note_session(struct answers *answers,
                          const struct library *library, CURL *curl) {
  answers->tls[0] = ask_session(library, curl, CURLINFO_TLS_SSL_PTR);
  answers->tls[1] = answers->tls[0]
                        ? ask_session(library, curl, CURLINFO_TLS_SESSION)
                        : NULL;
}

/* Whether libcurl keeps the connection of the last transfer. */
static bool is_connected(const struct library *library, CURL *curl) {
  curl_socket_t socket = CURL_SOCKET_BAD;

  return !library->easy_getinfo(curl, CURLINFO_ACTIVESOCKET, &socket) &&
         socket != CURL_SOCKET_BAD;
}

/* By the scheme, also where HSTS made it another one: "HTTPS", "ftps". */
static bool has_tls(const struct library *library, CURL *curl) {
  const char *scheme = NULL;
  size_t length;

  if (library->easy_getinfo(curl, CURLINFO_SCHEME, &scheme) || !scheme)
    return false;
  length = strlen(scheme);
  return length && (scheme[length - 1] | 32) == 's';
}

CURLcode answers_find_session(struct answers *answers,
                              const struct library *library, CURL *curl,
                              CURLINFO id, void *answer, bool is_alone) {
  const struct curl_tlssessioninfo **session = answer;
  void *internals = answers->tls[id != CURLINFO_TLS_SSL_PTR];

  if (!*session || (*session)->internals ||
      (!internals && !answers->is_disguised && !has_tls(library, curl)))
    return CURLE_OK;
  if (!internals || !is_alone || answers->past || !is_connected(library, curl))
    return CURLE_UNKNOWN_OPTION;
  answers->session = **session;
  answers->session.internals = internals;
  *session = &answers->session;
  return CURLE_OK;
}

struct headers *answers_headers(const struct answers *answers) {
  struct info *info = answers->is_resumed ? answers->first : answers->past;

  if (way_of(answers))
    info = way_of(answers);
  return info && (info->headers.copies || info->headers.is_live)
             ? &info->headers
             : NULL;
}

void answers_forget(struct answers *answers) {
  answers->view = NULL;
  answers->past = NULL;
  answers->way = NULL;
  answers->is_resumed = false;
  answers->is_rescued = false;
  answers->is_disguised = false;
  answers_forget_session(answers);
}

void answers_free(struct answers *answers) {
  answers_forget(answers);
  info_free(answers->first);
  answers->first = NULL;
  free(answers->true_url);
  answers->true_url = NULL;
}
