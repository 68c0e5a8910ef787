/* The body of an answer and the headers that describe it. */
#ifndef FAULTY_ENTITY_H
#define FAULTY_ENTITY_H

#include "answer.h"

#include <stdio.h>

#define ENTITY_TAG_SIZE 256

struct entity {
  int status; /* the step's, or 206 or 416 after a range request */
  struct body body;
  struct pair rate;
  const char *type;
  char tag[ENTITY_TAG_SIZE]; /* with quotes; "" for none */
  char modified[40];         /* "" for none */
  char content_range[128];   /* "" for none */
  const char *accept_ranges; /* or NULL */
  bool is_gzip;
};

/* Builds the entity of ANSWER; false when it would need too much memory.
   Release with entity_free() in either case. */
bool entity_build(struct entity *entity, const struct answer *answer);

void entity_write_headers(FILE *out, const struct entity *entity);

void entity_free(struct entity *entity);

#endif
