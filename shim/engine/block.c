#include "engine/block.h"

#include "engine/facts.h"
#include "engine/options.h"

void block_connected(struct call *call) {
  if (call->scheme == URL_FTP)
    options_connected(call);
}

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

void block_begin(struct call *call) {
  drop_kept(call);
  entity_begin(&call->now->response.entity);
}

void block_look_behind(struct call *call, const char *line, size_t length) {
  struct hop *hop = &call->now->hop;

  if (facts_hop_scheme(call) != URL_FTP)
    return;
  hop_turn_ftp(hop);
  options_connected(call);
  hop_reply(hop, line, length);
}
