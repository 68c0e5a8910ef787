/* The plans in use, by key, and how far each has got. */
#ifndef FAULTY_PLANS_H
#define FAULTY_PLANS_H

#include "plan.h"

/* One request's turn in a plan. */
struct turn {
  const struct step *step;
  uint64_t number; /* 1-based, of the requests that took a step of the plan */
  void *entry;
};

/* Stores TEXT as the plan of KEY and starts it anew; false with ERROR set
   when it is no plan. */
bool plans_store(const char *key, const char *text,
                 char error[PLAN_ERROR_SIZE]);

/* Takes the next step: of KEY's stored plan, else of INLINE_TEXT (which may
   be NULL), counted per key and text. False with ERROR set. */
bool plans_take(const char *key, const char *inline_text, struct turn *turn,
                char error[PLAN_ERROR_SIZE]);

/* Gives the step back: the next request takes it again. */
void plans_give_back(struct turn *turn);

#endif
