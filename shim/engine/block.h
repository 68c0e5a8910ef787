/* block.h - the header block that is coming: hop and entity follow it, whether
 * or not its lines reach the program.
 */
#ifndef CURLRETRY_BLOCK_H
#define CURLRETRY_BLOCK_H

#include "engine/call.h"

/* One header line; what it was. */
enum hop_event block_line(struct call *call, const char *line, size_t length);

/* The same for a field line of a block (hop_expects_field()). Inline: most
 * lines are. */
static inline void block_field(struct call *call, const char *line,
                               size_t length) {
  struct field field;

  field_parse(&field, line, length);
  if (field.name == FIELD_OTHER)
    return;
  if (field.name <= FIELD_CONTENT_TYPE)
    hop_field(&call->now->hop, &field);
  if (field.name >= FIELD_CONTENT_TYPE)
    entity_note(&call->now->response.entity, &field);
}

#endif
