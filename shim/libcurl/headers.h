/* headers.h - what curl_easy_header() must answer when libcurl's own answer
 * is of another attempt: the first response after a resume, the kept outcome.
 */
#ifndef CURLRETRY_HEADERS_H
#define CURLRETRY_HEADERS_H

#include "libcurl/library.h"

#include <stddef.h>

struct header_copy {
  struct curl_header header; /* name and value are owned by the set */
  int request;
};

/* A captured set of header fields. */
struct headers {
  size_t count;
  struct header_copy *copies; /* owned */
  char *text;                 /* owned: names and values */
  int requests;               /* requests made, CURLINFO's count + 1 */
  bool is_live; /* no copies: libcurl still has them, but went on since */
  /* what we handed out last: who walks through all may ask for one between */
  struct curl_header found, next;
};

/* Capture all fields `curl` has now. False: out of memory, or a libcurl
 * before 7.84 that has none; the set is then empty. */
bool headers_capture(struct headers *headers, const struct library *library,
                     CURL *curl);

/* Copy nothing: libcurl's own fields of the requests until now will answer. A
 * copy at each redirect would cost time with the cube of their number. `from`:
 * how many there are at least. Returns how many there are. */
int headers_pin(struct headers *headers, const struct library *library,
                CURL *curl, int from);

/* The request meant: -1 is the last one. */
static inline int headers_request(const struct headers *headers, int request) {
  return request == -1 ? headers->requests - 1 : request;
}

/* curl_easy_header() and curl_easy_nextheader() from a captured set; same
 * arguments and results as theirs (libcurl's manual). */
int headers_find(struct headers *headers, const char *name, size_t index,
                 unsigned origin, int request, struct curl_header **found);
struct curl_header *headers_next(struct headers *headers, unsigned origin,
                                 int request, struct curl_header *previous);

/* Whether `header` is one that they returned. */
static inline bool headers_gave(const struct headers *headers,
                                const struct curl_header *header) {
  return header == &headers->found || header == &headers->next;
}

void headers_free(struct headers *headers);

#endif
