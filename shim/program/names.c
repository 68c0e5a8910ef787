#include "program/names.h"

#include <stdatomic.h>

/* Any handle ever was. */
static atomic_bool are_given;

void names_give(struct names *names) {
  names->has_given = true;
  atomic_store(&are_given, true);
}

bool names_are_cached(const struct names *names) {
  return names->has_given || (names->is_shared && atomic_load(&are_given));
}
