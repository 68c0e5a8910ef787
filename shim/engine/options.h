/* options.h - what we set on the program's handle, and how it is given back:
 * outside a call nothing is changed. The only file that sets options of
 * libcurl.
 */
#ifndef CURLRETRY_OPTIONS_H
#define CURLRETRY_OPTIONS_H

#include "engine/call.h"

/* Our callbacks in place of the program's, for all attempts of the call.
 * `has_upload`: those for the request's body too. */
void options_install(struct call *call, bool has_upload);

/* From now on libcurl calls our progress callback, at least once a second:
 * most calls end without a moment at which that is needed. */
void options_start_clock(struct call *call);

/* Before an attempt with STALL_TIMEOUT: it bounds connecting as a whole. */
void options_bound_connect(const struct call *call);

/* The attempt is connected: its first header line came. A login of many
 * replies (FTP, SSH) is connecting to libcurl, too. */
void options_connected(const struct call *call);

/* The response was committed: MAX_TIME no longer ends the attempt. */
void options_committed(struct call *call);

/* Before an attempt after the first: what it changes. `is_fresh`: connect and
 * resolve anew. */
void options_override(struct call *call, bool is_fresh, int64_t now);

/* Whether `option` is replaced at this moment: the program's value then goes
 * to the shadow alone. */
bool options_hold(const struct call *call, CURLoption option);

/* The program set `option`, which is held: what hangs on it follows. */
void options_changed(struct call *call, CURLoption option);

/* The program sets `option` while the call runs: whether that may be for its
 * next job is noted. */
void options_seen(struct call *call, CURLoption option);

/* Give the program's values back to `curl`: the call's handle, or a duplicate
 * of it that was made while the call runs. */
void options_give_back(const struct call *call, CURL *curl);

/* The handle is as the program left it. */
void options_restore(struct call *call);

/* curl_easy_reset() in a callback. Whether libcurl did it: 8.22 refuses and
 * can't say so. CURLOPT_PRIVATE is the witness. */
bool options_reset(const struct library *library, CURL *curl);

#endif
