/* entity.h - what a header block says of the representation it carries:
 * validators and ranges (RFC 9110, 8.8, 14). Pure: no libcurl call.
 */
#ifndef CURLRETRY_ENTITY_H
#define CURLRETRY_ENTITY_H

#include "text/field.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ENTITY_TAG_SIZE 256 /* a longer tag is there, and can't be used */
#define ENTITY_DATE_SIZE 40

struct entity {
  /* Values, after entity_seal() those that can be used; "": none, or too long,
   * or lines that differ. */
  char tag[ENTITY_TAG_SIZE];       /* ETag with its quotes, W/ included */
  char modified[ENTITY_DATE_SIZE]; /* Last-Modified */
  char date[ENTITY_DATE_SIZE];     /* Date */
  unsigned short tag_length;
  unsigned short modified_length;
  unsigned short date_length;

  bool has_tag;        /* there is one, whether or not it can be used */
  bool has_modified;   /* the same of Last-Modified */
  bool has_date;       /* the same of Date */
  bool refuses_ranges; /* Accept-Ranges: none */
  bool is_multipart;   /* multipart/byteranges */
  bool names_range;    /* Content-Range, whatever it says */
  bool has_range;      /* ... understood */
  int64_t first, last; /* of it */
  int64_t total;       /* of the whole; -1: "*" */
  uint64_t location;   /* hash of Content-Location; 0: none */
};

/* Before a block. */
void entity_begin(struct entity *entity);

/* One field of the block. */
void entity_note(struct entity *entity, const struct field *field);

/* After the block, before anything is asked: a value that is no text can't be
 * used. Apart, since most responses end before anybody asks. */
void entity_seal(struct entity *entity);

/* Whether the tag is a strong one that can be used (RFC 9110, 8.8.3). */
bool entity_has_strong_tag(const struct entity *entity);

/* Whether both have one and the same strong tag. */
bool entity_has_same_tag(const struct entity *a, const struct entity *b);

#endif
