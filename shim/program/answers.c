#include "program/answers.h"

bool answers_held_info(const struct answers *answers, CURLINFO id,
                       void *answer) {
  if (answers->view && info_view_answer(answers->view, id, answer))
    return true;
  if (answers->is_resumed &&
      info_first_answer(answers->first, id, answers->delivered, answer))
    return true;
  return answers->past && info_answer(answers->past, id, answer);
}

struct headers *answers_headers(const struct answers *answers) {
  struct info *info = answers->is_resumed ? answers->first : answers->past;

  return info && (info->headers.copies || info->headers.is_live)
             ? &info->headers
             : NULL;
}

void answers_forget(struct answers *answers) {
  answers->view = NULL;
  answers->past = NULL;
  answers->is_resumed = false;
}

void answers_free(struct answers *answers) {
  answers_forget(answers);
  info_free(answers->first);
  answers->first = NULL;
}
