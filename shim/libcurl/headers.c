/* curl_easy_header(3), curl_easy_nextheader(3). The anchor of a copy is its
 * place in the set. */
#include "libcurl/headers.h"

#include "host/clock.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ORIGINS                                                               \
  (CURLH_HEADER | CURLH_TRAILER | CURLH_CONNECT | CURLH_1XX | CURLH_PSEUDO)
#define REQUESTS_MAX 256 /* requests of one transfer looked at */
#define COPIES_MAX 2048  /* fields of all of them */
#define COPIES_SURE 64   /* of those, whatever they cost */
#define COST_MS 50       /* that the others may */

/* Whether no further field is looked at: each costs libcurl a walk through all
 * that it has, and a server may send hundreds of thousands (trailers, which
 * libcurl 7.88 doesn't bound). */
static bool is_enough(size_t count, int64_t began_at) {
  return count == COPIES_MAX ||
         (count > COPIES_SURE && clock_about_now_ms() - began_at > COST_MS);
}

/* Walk what there is; with `copies`, copy so many fields. Returns how many. */
static size_t walk(const struct library *library, CURL *curl,
                   struct header_copy *copies, size_t count, char *text,
                   size_t *size, int *requests) {
  const int64_t began_at = clock_about_now_ms();
  size_t used = 0, at = 0;
  bool is_over = false;
  int request = 0;

  for (; request < REQUESTS_MAX && !is_over; request++) {
    struct curl_header *header = NULL;
    bool is_empty = true;
    while (!is_over && (header = library->easy_nextheader(
                            curl, ORIGINS, request, header)) != NULL) {
      size_t name = strlen(header->name) + 1;
      size_t value = strlen(header->value) + 1;
      is_empty = false;
      if (copies) {
        copies[at].header = *header;
        copies[at].header.anchor = &copies[at];
        copies[at].request = request;
        copies[at].header.name = memcpy(text + used, header->name, name);
        copies[at].header.value =
            memcpy(text + used + name, header->value, value);
      }
      used += name + value;
      at++;
      is_over = copies ? at == count : is_enough(at, began_at);
    }
    if (is_empty)
      break;
  }
  *size = used;
  *requests = request;
  return at;
}

bool headers_capture(struct headers *headers, const struct library *library,
                     CURL *curl) {
  size_t size;
  size_t count;

  headers_free(headers);
  if (!library->easy_nextheader)
    return false;
  count = walk(library, curl, NULL, 0, NULL, &size, &headers->requests);
  headers->copies = calloc(count + 1, sizeof(*headers->copies));
  headers->text = malloc(size + 1);
  if (!headers->copies || !headers->text) {
    headers_free(headers);
    return false;
  }
  headers->count = walk(library, curl, headers->copies, count, headers->text,
                        &size, &headers->requests);
  return true;
}

int headers_pin(struct headers *headers, const struct library *library,
                CURL *curl, int from) {
  headers_free(headers);
  if (!library->easy_nextheader)
    return 0;
  while (library->easy_nextheader(curl, ORIGINS, from, NULL))
    from++;
  headers->requests = from;
  headers->is_live = from > 0;
  return from;
}

static bool is_meant(const struct header_copy *copy, unsigned origin,
                     int request) {
  return copy->request == request && (copy->header.origin & origin);
}

int headers_find(struct headers *headers, const char *name, size_t index,
                 unsigned origin, int request, struct curl_header **found) {
  int meant = headers_request(headers, request);
  const struct header_copy *match = NULL;
  size_t amount = 0;

  if (!name || !found || !origin || origin > ORIGINS || request < -1)
    return CURLHE_BAD_ARGUMENT;
  if (!headers->count)
    return CURLHE_NOHEADERS;
  if (meant >= headers->requests)
    return CURLHE_NOREQUEST;
  for (size_t i = 0; i < headers->count; i++) {
    const struct header_copy *copy = &headers->copies[i];
    if (!is_meant(copy, origin, meant) ||
        strcasecmp(copy->header.name, name) != 0)
      continue;
    if (amount++ == index)
      match = copy;
  }
  if (!amount)
    return CURLHE_MISSING;
  if (!match)
    return CURLHE_BADINDEX;
  headers->found = match->header;
  headers->found.amount = amount;
  headers->found.index = index;
  *found = &headers->found;
  return CURLHE_OK;
}

struct curl_header *headers_next(struct headers *headers, unsigned origin,
                                 int request, struct curl_header *previous) {
  int meant = headers_request(headers, request);
  const struct header_copy *copy = headers->copies;
  const struct header_copy *end;

  if (!copy)
    return NULL;
  end = copy + headers->count;
  if (previous)
    copy = (const struct header_copy *)previous->anchor + 1;
  for (; copy < end; copy++)
    if (is_meant(copy, origin, meant)) {
      headers->next = copy->header;
      return &headers->next;
    }
  return NULL;
}

void headers_free(struct headers *headers) {
  free(headers->copies);
  free(headers->text);
  memset(headers, 0, sizeof(*headers));
}
