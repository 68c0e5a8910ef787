/* getinfo.h - what libcurl says of a call's transfer; where it says nothing,
 * or doesn't know the question: 0, NULL.
 */
#ifndef CURLRETRY_GETINFO_H
#define CURLRETRY_GETINFO_H

#include "engine/call.h"

static inline long getinfo_number(const struct call *call, CURLINFO id) {
  long number = 0;

  (void)call->handle->library->easy_getinfo(call->handle->curl, id, &number);
  return number;
}

static inline curl_off_t getinfo_offset(const struct call *call, CURLINFO id) {
  curl_off_t offset = 0;

  (void)call->handle->library->easy_getinfo(call->handle->curl, id, &offset);
  return offset;
}

static inline const char *getinfo_text(const struct call *call, CURLINFO id) {
  const char *text = NULL;

  (void)call->handle->library->easy_getinfo(call->handle->curl, id, &text);
  answers_correct(&call->handle->answers, id, &text);
  return text;
}

#endif
