/* facts.h - what the policy and the exchange are told about an attempt. Facts
 * only: what they mean is decided there.
 */
#ifndef CURLRETRY_FACTS_H
#define CURLRETRY_FACTS_H

#include "engine/call.h"

/* Collect the outcome of the attempt so far; `code` is its CURLcode (CURLE_OK
 * while it still runs). Pointers in it live as long as the call. */
void facts_collect(struct call *call, CURLcode code, struct outcome *outcome);

/* Whether METHODS lets the call's request be sent again once it was sent. */
bool facts_may_repeat(struct call *call);

/* The policy's verdict on that outcome. */
struct verdict facts_judge(struct call *call, CURLcode code);

/* The class that the attempt at hand is judged by, and the `status`, 0 when
 * its CURLcode decides. CLASS_COUNT: nothing failed. */
enum retry_class facts_class(const struct call *call, int *status);

/* Whether the outcome that the program gets is no failure: neither by its
 * CURLcode nor by its status. */
bool facts_has_succeeded(const struct call *call);

/* What a failed attempt's last answer to CONNECT says, of `status`
 * (CURLINFO_HTTP_CONNECTCODE; 0: none) and libcurl's error `text` (NULL, "":
 * none): 0 also of a challenge that libcurl answered, whose own answer is
 * missing. */
int facts_connect_status(long status, const char *text);

/* What the response says of itself, for a resume. Lives as long as the
 * attempt. */
struct answer facts_answer(const struct call *call);

/* The length of the body that begins; -1: unknown. */
int64_t facts_announced(const struct call *call);

/* What the connection at hand speaks: a redirect may lead to ftp, a proxy
 * speaks HTTP for ftp://. The call's scheme where libcurl can't say. */
enum url_scheme facts_hop_scheme(const struct call *call);

/* The getinfo view of the block that just ended. */
struct info_view facts_view(const struct call *call);

/* The origin of the call's URL, for its budget. */
uint64_t facts_origin(struct call *call);

/* The call's URL as the program gave it. "" when there is none. */
const char *facts_url(const struct call *call);

#endif
