#include "engine/block.h"

#include "engine/facts.h"
#include "engine/options.h"

/* The attempt's first header line: it is connected. */
static void connected(struct call *call) {
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

/* A status line: another block. */
static void begin(struct call *call) {
  drop_kept(call);
  entity_begin(&call->now->response.entity);
}

/* A line behind a block that isn't final: a trailer, or a reply of ftp, which
 * a redirect led to. */
static void look_behind(struct call *call, const char *line, size_t length) {
  struct hop *hop = &call->now->hop;

  if (facts_hop_scheme(call) != URL_FTP)
    return;
  hop_turn_ftp(hop);
  options_connected(call);
  hop_reply(hop, line, length);
}

enum hop_event block_line(struct call *call, const char *line, size_t length) {
  struct attempt *now = call->now;
  struct field field; /* none: block_field() has those */
  enum hop_event event;

  if (!now->hop.has_header)
    connected(call);
  event = hop_line(&now->hop, line, length, &field);
  if (event == HOP_FIRST_LINE)
    begin(call);
  else if (event == HOP_LINE && hop_may_turn(&now->hop) &&
           !now->response.is_final)
    look_behind(call, line, length);
  return event;
}
