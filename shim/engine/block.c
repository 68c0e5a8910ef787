#include "engine/block.h"

#include "engine/facts.h"

/* An answer came: the outcome before it is gone. A CONNECT reply and a 1xx are
 * none yet. What broke a committed body stays until the body goes on. */
static void drop_kept(struct call *call) {
  const struct hop *hop = &call->now->hop;

  if (!call->kept || hop->is_connect || hop->status < 200 ||
      call->kept->response.state == RESPONSE_COMMITTED)
    return;
  attempt_clear(call->kept);
  call->kept = NULL;
}

enum hop_event block_line(struct call *call, const char *line, size_t length) {
  struct hop *hop = &call->now->hop;
  struct entity *entity = &call->now->response.entity;
  struct field field;
  enum hop_event event = hop_line(hop, line, length, &field);

  if (event == HOP_FIRST_LINE) {
    drop_kept(call);
    entity_begin(entity);
  } else if (field.name != FIELD_OTHER) {
    entity_note(entity, &field);
  } else if (event == HOP_LINE && hop_may_turn(hop) &&
             !call->now->response.is_final && facts_is_ftp(call)) {
    hop_turn_ftp(hop);
  }
  return event;
}
