/* source.h - the lines of a file, through a bounded buffer. */
#ifndef CURLRETRY_SOURCE_H
#define CURLRETRY_SOURCE_H

#include "tally.h"

/* What is done with a line of a trace. */
typedef void source_taker(void *context, const struct record *record);

/* Read a file from where it stands to its end. What is no whole line is
 * counted in the tally. False: errno. Meanwhile, a terminal at stderr shows
 * how far it is. */
bool source_read(int file, struct tally *tally, source_taker *take,
                 void *context);

#endif
