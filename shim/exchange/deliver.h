/* deliver.h - handing bytes to the program's own callbacks. */
#ifndef CURLRETRY_DELIVER_H
#define CURLRETRY_DELIVER_H

#include "engine/call.h"

enum record_kind {
  RECORD_HEADER, /* for the header callback */
  RECORD_BODY,   /* for the write callback */
  RECORD_COPY    /* CURLOPT_HEADER: a header line for the write callback */
};

enum delivery { DELIVERED, DELIVERY_PAUSED, DELIVERY_REFUSED };

/* Call the program's header or write callback as libcurl does, defaults
 * included. Returns what it returned; records a refusal in the call. */
size_t deliver_header(struct call *call, char *line, size_t length);
size_t deliver_body(struct call *call, char *bytes, size_t length);

/* Whether header lines reach the program at all. */
static inline bool deliver_wants_headers(const struct call *call) {
  const struct held_options *held = &call->handle->shadow.held;

  return held->header || held->header_data;
}

/* Append a record to the journal. False: it can't be kept. */
bool deliver_journal(struct response *response, enum record_kind kind,
                     const char *bytes, size_t length);

/* Deliver the journal from its cursor. A refusal is recorded in the call. */
enum delivery deliver_held(struct call *call, struct response *response);

/* Deliver the journal after the real perform, behaving as inside it: SIGPIPE
 * ignored unless NOSIGNAL, a pause served until curl_easy_pause().
 * CURLE_OK or CURLE_WRITE_ERROR, or what ended the wait of a pause. */
CURLcode deliver_after(struct call *call, struct response *response);

#endif
