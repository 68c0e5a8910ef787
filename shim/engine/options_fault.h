/* options_fault.h - what of the handle's options is ours while an attempt
 * fails on purpose: it connects to us, by a socket of ours.
 */
#ifndef CURLRETRY_OPTIONS_FAULT_H
#define CURLRETRY_OPTIONS_FAULT_H

#include "engine/call.h"

/* A connection of its own, made by `open` with the call as its data, to the
 * abstract Unix socket `name`, in HTTP/1.1. So libcurl looks up no name and
 * asks no proxy. */
void options_fault_set(struct call *call, const char *name,
                       curl_opensocket_callback open);

/* `url`, in plain HTTP, instead of the call's: for an answer. */
void options_fault_disguise(struct call *call, const char *url);

/* A transfer that begins `late_ms` after its call: of the program's own
 * timeout that much is over. */
void options_fault_late(struct call *call, int64_t late_ms);

/* The program's values again. */
void options_fault_lift(struct call *call);

/* The same for `curl`, a duplicate that was made meanwhile. */
void options_fault_give_back(const struct call *call, CURL *curl);

#endif
