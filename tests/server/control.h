/* The paths that begin with "/_": the log, the counters, stored plans. */
#ifndef FAULTY_CONTROL_H
#define FAULTY_CONTROL_H

#include "request.h"

/* True when REQUEST is for this module. */
bool control_is_request(const struct request *request);

/* Answers it; false when the connection is to be closed. */
bool control_serve(struct connection *connection,
                   const struct request *request);

#endif
