/* What a step of the plan answers: status, headers and body. */
#ifndef FAULTY_ANSWER_H
#define FAULTY_ANSWER_H

#include "deliver.h"
#include "plans.h"
#include "request.h"

struct answer {
  struct connection *connection;
  const struct request *request;
  const struct step *step;
  const char *key;
  uint64_t turn;
  uint64_t id; /* of the log entry */
  int status;
  const char *challenge; /* "digest", "basic" or NULL */
  const char *error;     /* text of a 599, or NULL */
  bool has_unread;       /* request body left unread */
};

/* Sends the answer. *KEEP tells whether the connection may go on. */
enum delivered answer_send(const struct answer *answer, bool *keep);

#endif
