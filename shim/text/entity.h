/* entity.h - what a header block says of the representation it carries:
 * validators and ranges (RFC 9110, 8.8, 14). Pure: no libcurl call.
 */
#ifndef CURLRETRY_ENTITY_H
#define CURLRETRY_ENTITY_H

#include "text/field.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ENTITY_TAG_SIZE 256 /* a longer tag is no validator */
#define ENTITY_DATE_SIZE 40

struct entity {
  char tag[ENTITY_TAG_SIZE]; /* ETag with its quotes, W/ included; "": none */
  char modified[ENTITY_DATE_SIZE]; /* Last-Modified; "": none */
  char date[ENTITY_DATE_SIZE];     /* Date; "": none */
  bool refuses_ranges;             /* Accept-Ranges: none */
  bool is_multipart;               /* multipart/byteranges */
  bool has_range;                  /* Content-Range, understood */
  int64_t first, last;             /* of Content-Range, if any */
  int64_t total;                   /* of the whole; -1: "*", or no number */
};

/* Before a block. */
void entity_begin(struct entity *entity);

/* One field of the block. */
void entity_note(struct entity *entity, const struct field *field);

/* Whether the tag is a strong one (RFC 9110, 8.8.3). */
bool entity_has_strong_tag(const struct entity *entity);

#endif
