/* drain.h - reading a bounded rest of a response that will be discarded, so
 * that its connection can be used again.
 */
#ifndef CURLRETRY_DRAIN_H
#define CURLRETRY_DRAIN_H

#include "engine/call.h"

/* The response at hand will be discarded. */
void drain_begin(struct call *call);

/* A piece of its body. Returns what the write callback has to. */
size_t drain_body(struct call *call, char *bytes, size_t length);

/* From the progress callback: a body that comes slowly, or not at all.
 * CURLE_OK, or CURLE_WRITE_ERROR: the program refused at a commit. */
CURLcode drain_tick(struct call *call, int64_t now);

#endif
