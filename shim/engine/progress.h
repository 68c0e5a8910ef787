/* progress.h - libcurl's progress calls: the program's, and our clocks. */
#ifndef CURLRETRY_PROGRESS_H
#define CURLRETRY_PROGRESS_H

#include "engine/call.h"

/* The callback we install: XFERINFOFUNCTION. */
int progress_on_info(void *data, curl_off_t download_total,
                     curl_off_t download_now, curl_off_t upload_total,
                     curl_off_t upload_now);

/* Whether the program set a progress callback and wants it called. */
bool progress_is_wanted(const struct call *call);

/* Call the program's callback with the last values. False: it said stop;
 * the refusal is recorded. */
bool progress_repeat(struct call *call);

#endif
