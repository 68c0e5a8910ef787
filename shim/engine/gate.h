/* gate.h - what of the response reaches the program now, later or never. The
 * one way in for libcurl's events, and the one way out to journal and sink.
 */
#ifndef CURLRETRY_GATE_H
#define CURLRETRY_GATE_H

#include "engine/call.h"

/* A header line, a piece of the body: return what libcurl's callback has
 * to. */
size_t gate_header(struct call *call, char *line, size_t length);
size_t gate_body(struct call *call, char *bytes, size_t length);

/* The program is about to be asked for bytes of the request: it may wait, or
 * block, for the response that we hold. False: it refused. */
bool gate_open_for_read(struct call *call);

/* From a progress call: HOLD_TIME, the drain's bound, what a pause left.
 * False: the program refused. */
bool gate_tick(struct call *call);

/* Whether gate_tick() has anything to look at: else no time is asked for. */
bool gate_has_clock(const struct call *call);

/* The program paused or goes on (curl_easy_pause(); libcurl knows it already).
 * What a pause left is handed over: libcurl may have nothing to deliver that
 * would bring us there. False: the program refused. */
bool gate_pause(struct call *call, bool is_paused);

/* Hand over what is held of the attempt at hand, after the real transfer. */
enum delivery gate_hand_over(struct call *call);

#endif
