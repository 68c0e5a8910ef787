/* block.h - the header block that is coming: hop and entity follow it, whether
 * or not its lines reach the program.
 */
#ifndef CURLRETRY_BLOCK_H
#define CURLRETRY_BLOCK_H

#include "engine/call.h"

/* The attempt's first header line: it is connected. */
void block_connected(struct call *call);

/* A status line: another block. */
void block_begin(struct call *call);

/* A line behind a block that isn't final: a trailer, or a reply of ftp, which
 * a redirect led to. */
void block_look_behind(struct call *call, const char *line, size_t length);

/* One header line; what it was. Inline: it is called for each. */
static inline enum hop_event block_line(struct call *call, const char *line,
                                        size_t length) {
  struct attempt *now = call->now;
  struct field field;
  enum hop_event event;

  if (!now->hop.has_header)
    block_connected(call);
  event = hop_line(&now->hop, line, length, &field);
  if (field.name != FIELD_OTHER)
    entity_note(&now->response.entity, &field);
  else if (event == HOP_FIRST_LINE)
    block_begin(call);
  else if (event == HOP_LINE && hop_may_turn(&now->hop) &&
           !now->response.is_final)
    block_look_behind(call, line, length);
  return event;
}

#endif
