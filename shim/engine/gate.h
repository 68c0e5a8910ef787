/* gate.h - what of the response reaches the program now, later or never: the
 * one way in for libcurl's events, to the journal or to the outlet.
 */
#ifndef CURLRETRY_GATE_H
#define CURLRETRY_GATE_H

#include "engine/call.h"

/* CURLOPT_HEADERFUNCTION and CURLOPT_WRITEFUNCTION as we install them; `data`
 * is the struct call. */
size_t gate_header(char *line, size_t size, size_t count, void *data);
size_t gate_body(char *bytes, size_t size, size_t count, void *data);

/* The program is about to be asked for bytes of the request: it may wait, or
 * block, for the response that we hold. False: it refused. */
bool gate_open_for_read(struct call *call);

/* The program paused its upload, maybe until it sees an interim response or a
 * reply of ftp that we hold. False: it refused. */
bool gate_show_paused(struct call *call);

/* libcurl is about to send the next request: the program may refuse what led
 * there. False: it does. */
bool gate_show_way(struct call *call);

/* From a progress call: HOLD_TIME, the drain's bound, what a pause left.
 * False: the program refused. */
bool gate_tick(struct call *call);

/* When gate_tick() will have something to do; ms. INT64_MAX: never, as far as
 * is known now. */
int64_t gate_due(const struct call *call);

/* Whether gate_tick() has anything to look at: else no time is asked for. */
static inline bool gate_has_clock(const struct call *call) {
  const struct response *response = &call->now->response;

  return response->state == RESPONSE_COMMITTED
             ? !call_holds_nothing(call) && !call->sink.is_paused
             : response->is_final;
}

/* The program paused or goes on (curl_easy_pause(); libcurl knows it already).
 * What a pause left is handed over: libcurl may have nothing to deliver that
 * would bring us there. False: the program refused. */
bool gate_pause(struct call *call, bool is_paused);

#endif
