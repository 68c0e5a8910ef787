/* Reading a request's body, with the plan's faults on the way. */
#ifndef FAULTY_UPLOAD_H
#define FAULTY_UPLOAD_H

#include "request.h"

enum upload_result {
  UPLOAD_WHOLE,
  UPLOAD_CLOSE, /* the plan closes here */
  UPLOAD_RESET, /* the plan resets here */
  UPLOAD_SHORT, /* the body ended before the plan's fault: a wrong plan */
  UPLOAD_LOST   /* the client is gone or sends no HTTP */
};

/* Reads the body and keeps entry ID of the log up to date. */
enum upload_result upload_read(struct connection *connection,
                               const struct request *request,
                               const struct step *step, uint64_t id);

/* True when the request announces a body. */
bool upload_is_announced(const struct request *request);

#endif
