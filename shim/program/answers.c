#include "program/answers.h"

#include <stdlib.h>

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
  answers->is_disguised = false;
}

void answers_free(struct answers *answers) {
  answers_forget(answers);
  info_free(answers->first);
  answers->first = NULL;
  free(answers->true_url);
  answers->true_url = NULL;
}
