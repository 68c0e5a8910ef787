#include "engine/connection.h"

#include "engine/getinfo.h"
#include "engine/siblings.h"

#include <stdio.h> /* snprintf only */
#include <string.h>
#include <strings.h>

#define ID_VERSION 0x080200 /* 8.2.0 */

void connection_note(struct call *call) {
  struct attempt *now = call->now;
  long connects = getinfo_number(call, CURLINFO_NUM_CONNECTS);

  now->is_pooled = connects == now->connects;
  now->connects = connects;
}

void connection_peer(const struct call *call, char *text, size_t size) {
  const char *address = getinfo_text(call, CURLINFO_PRIMARY_IP);
  long port = getinfo_number(call, CURLINFO_PRIMARY_PORT);

  if (!address || !address[0])
    text[0] = 0;
  else if (strchr(address, ':'))
    (void)snprintf(text, size, "[%s]:%ld", address, port);
  else
    (void)snprintf(text, size, "%s:%ld", address, port);
}

/* libcurl's own number is gone once it has closed the connection, for all of
 * its transfers but the last (8.3 to 8.21). */
curl_off_t connection_id(const struct call *call) {
  long port = getinfo_number(call, CURLINFO_LOCAL_PORT);

  if (port > 0)
    return port;
  return call->handle->library->version >= ID_VERSION
             ? getinfo_offset(call, CURLINFO_CONN_ID)
             : -1;
}

/* Of an attempt that ended before libcurl knew: whether it asked for it. By
 * itself it does over TLS alone (CURLOPT_HTTP_VERSION(3)). */
static bool asks_for_http2(const struct call *call) {
  const char *scheme;

  switch (call->handle->shadow.socket.http_version) {
  case CURL_HTTP_VERSION_1_0:
  case CURL_HTTP_VERSION_1_1:
    return false;
  case CURL_HTTP_VERSION_NONE:
  case CURL_HTTP_VERSION_2TLS:
    scheme = getinfo_text(call, CURLINFO_SCHEME);
    return scheme && !strcasecmp(scheme, "https");
  default:
    return true;
  }
}

bool connection_is_multiplexed(const struct call *call) {
  long version;

  if (!call->siblings || call->siblings->calls < 2)
    return false;
  version = getinfo_number(call, CURLINFO_HTTP_VERSION);
  return version ? version >= CURL_HTTP_VERSION_2_0 : asks_for_http2(call);
}

bool connection_was_used(const struct call *call) {
  const struct attempt *now = call->now;
  bool is_real = !now->is_injected || now->breaks_body;

  return now->took_socket || (is_real && hop_may_be_sent(&now->hop));
}

void connection_failed(struct call *call) {
  curl_off_t id = call->verdict.status ? -1 : connection_id(call);

  call->used_socket = call->used_socket || connection_was_used(call);
  call->is_same_connection = id >= 0 && id + 1 == call->failed_connection;
  call->failed_connection = id + 1;
}

bool connection_may_be_left(const struct call *call) {
  bool is_again = call->retries > 1 || call->verdict.is_at_once;
  bool is_last = call->retries >= call->policy->max_retries;

  return call->policy->fresh_connect == FRESH_ALWAYS ||
         !connection_is_multiplexed(call) || (is_again && call->leads) ||
         (is_last && call->is_same_connection);
}
