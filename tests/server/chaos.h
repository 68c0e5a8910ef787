/* Steps drawn by lot, for `faulty tcp --chaos`. */
#ifndef FAULTY_CHAOS_H
#define FAULTY_CHAOS_H

#include "plan.h"

struct chaos {
  uint64_t seed;
  uint64_t percent; /* of the connections that meet a fault */
  bool has_flips;   /* bytes may be changed on their way: under TLS only */
  bool has_resets;  /* no FIN: of ftp's data that would be a whole file */
};

/* From "SEED", "SEED~PERCENT", "SEED~PERCENT~flips", "SEED~PERCENT~resets";
   false: it's none of them. */
bool chaos_parse(const char *text, struct chaos *chaos);

/* What happens to the connection with 0-based NUMBER; it depends on nothing
   else. The plan, of one step, is the caller's. */
struct plan *chaos_draw(const struct chaos *chaos, uint64_t number);

#endif
