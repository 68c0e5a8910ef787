/* Sending a response's bytes: framing, pace and the plan's faults. */
#ifndef FAULTY_DELIVER_H
#define FAULTY_DELIVER_H

#include "body.h"
#include "plan.h"

enum framing { FRAMING_LENGTH, FRAMING_CHUNKED, FRAMING_EOF };

enum delivered {
  DELIVERED_WHOLE,
  DELIVERED_CLOSE, /* the plan closes here */
  DELIVERED_RESET, /* the plan resets here */
  DELIVERED_LOST   /* the client is gone */
};

struct delivery {
  int fd;
  uint64_t id; /* of the log entry */
  const char *head;
  const char *trailers; /* header lines, may be "" */
  const struct body *body;
  enum framing framing;
  uint64_t chunk;
  struct pair rate; /* first is 0: as fast as possible */
  struct fault fault;
};

enum delivered deliver(const struct delivery *delivery);

#endif
