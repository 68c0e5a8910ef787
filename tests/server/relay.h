/* Passes bytes between a client and a target, with the plan's faults:
   step->down counts bytes to the client, step->up bytes to the target. */
#ifndef FAULTY_RELAY_H
#define FAULTY_RELAY_H

#include "plan.h"

enum relay_end {
  RELAY_DONE,  /* both sides ended, or one is lost */
  RELAY_CLOSE, /* the plan closes here */
  RELAY_RESET  /* the plan resets here */
};

struct relay {
  int client; /* stays the caller's */
  int target; /* closed by relay_run() */
  const struct step *step;
  uint64_t id;       /* log entry that counts bytes to the client, or 0 */
  const char *early; /* read from the client already */
  size_t early_size;
  uint64_t down_bytes, up_bytes; /* out: passed on */
};

enum relay_end relay_run(struct relay *relay);

#endif
