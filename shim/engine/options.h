/* options.h - what we set on the program's handle, and how it is given back:
 * outside a call nothing is changed. The only file that sets options of
 * libcurl.
 */
#ifndef CURLRETRY_OPTIONS_H
#define CURLRETRY_OPTIONS_H

#include "engine/call.h"
#include "host/clock.h"

/* Our callbacks in place of the program's, for all attempts of the call.
 * `has_upload`: those for the request's body too. */
void options_install(struct call *call, bool has_upload);

/* From now on libcurl calls our progress callback, at least once a second:
 * most calls end without a moment at which that is needed. */
void options_start_clock(struct call *call);

/* The response streams through: where nothing else needs our progress callback
 * libcurl is spared calling it, with each piece of a body. What a pause leaves
 * starts it again. */
void options_stop_clock(struct call *call);

/* Before an attempt that STALL_TIMEOUT or MAX_TIME bounds: they bound
 * connecting as a whole. */
void options_bound_connect(struct call *call);

/* The attempt is connected: the first reply of FTP came. To libcurl its login
 * of many replies is connecting, too. */
void options_connected(const struct call *call);

/* MAX_TIME is no longer the attempt's timeout. */
void options_lift_bound(struct call *call);

/* A byte moved, of those that count for MAX_TIME: it counts from the last one.
 * Our progress callback looks at it from now on. */
static inline void options_moved(struct call *call) {
  call->moved_at = clock_about_now_ms();
  if (call->overrides.is_bounded)
    options_lift_bound(call);
}

/* The attempt is to be retried on another connection: this one is closed when
 * it ends. A server that serves one at a time would let the retry wait. */
void options_leave_connection(struct call *call);

/* Before an attempt after the first: what it changes. `is_fresh`: connect and
 * resolve anew. */
void options_override(struct call *call, bool is_fresh, int64_t now);

/* Whether `option` is replaced at this moment: the program's value then goes
 * to the shadow alone. */
bool options_hold(const struct call *call, CURLoption option);

/* The program set `option`, which is held: what hangs on it follows. */
void options_changed(struct call *call, CURLoption option);

/* Give the program's values back to `curl`: the call's handle, or a duplicate
 * of it that was made while the call runs. */
void options_give_back(const struct call *call, CURL *curl);

/* The handle is as the program left it. */
void options_restore(struct call *call);

/* curl_easy_reset() in a callback. Whether libcurl did it: 8.22 refuses and
 * can't say so. CURLOPT_PRIVATE is the witness. */
bool options_reset(const struct library *library, CURL *curl);

#endif
