/* Sending a response's bytes: framing, pace and the plan's faults. */
#include "deliver.h"

#include "log.h"
#include "net.h"
#include "stats.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define BLOCK_SIZE 65536
#define CHUNK_LINE_SIZE 16

/* How many body bytes go out next, from POSITION on. */
static size_t next_size(const struct delivery *delivery,
                        const struct fault *fault, uint64_t position) {
  uint64_t size = BLOCK_SIZE;

  if (delivery->body->size - position < size)
    size = delivery->body->size - position;
  if (delivery->rate.first && delivery->rate.first < size)
    size = delivery->rate.first;
  if (delivery->framing == FRAMING_CHUNKED && delivery->chunk < size)
    size = delivery->chunk;
  if (fault->stall_at > position && fault->stall_at - position < size)
    size = fault->stall_at - position;
  if (fault->cut != CUT_NONE && fault->cut_at - position < size)
    size = fault->cut_at - position;
  return (size_t)size;
}

/* Sends SIZE body bytes from POSITION on, in one chunk if chunked. */
static bool send_block(const struct delivery *delivery, uint64_t position,
                       size_t size) {
  char block[CHUNK_LINE_SIZE + BLOCK_SIZE + 2];
  char *data = block + CHUNK_LINE_SIZE;
  char *start = data;
  size_t total = size;

  body_read(delivery->body, position, data, size);
  if (delivery->framing == FRAMING_CHUNKED) {
    char line[CHUNK_LINE_SIZE + 1];
    size_t length = (size_t)snprintf(line, sizeof line, "%zx\r\n", size);

    start = data - length;
    memcpy(start, line, length);
    memcpy(data + size, "\r\n", 2);
    total += length + 2;
  }
  log_sent(delivery->id, size);
  return net_send(delivery->fd, start, total, 0);
}

/* Sends the part of the head that the plan lets through. */
static enum delivered send_head(const struct delivery *delivery) {
  const struct fault *fault = &delivery->fault;
  size_t size = strlen(delivery->head);
  bool is_cut = fault->cut != CUT_NONE && fault->cut_at == AT_HEAD;
  /* With the first body bytes in one segment, as real servers send it. */
  bool has_more = delivery->body->size > 0 && fault->stall_at != 0 &&
                  !(fault->cut != CUT_NONE && fault->cut_at == 0);

  if (is_cut)
    size /= 2;
  else if (delivery->body->size == 0 && delivery->framing != FRAMING_CHUNKED &&
           fault->cut == CUT_NONE)
    stats_end(delivery->fd);
  if (!net_send(delivery->fd, delivery->head, size,
                has_more && !is_cut ? MSG_MORE : 0))
    return DELIVERED_LOST;
  if (is_cut)
    return fault->cut == CUT_CLOSE ? DELIVERED_CLOSE : DELIVERED_RESET;
  return DELIVERED_WHOLE;
}

/* The last chunk and the trailers (RFC 9112 7.1). */
static enum delivered send_end(const struct delivery *delivery) {
  char end[4096];

  stats_end(delivery->fd);
  if (delivery->framing != FRAMING_CHUNKED)
    return DELIVERED_WHOLE;
  snprintf(end, sizeof end, "0\r\n%s\r\n", delivery->trailers);
  return net_send(delivery->fd, end, strlen(end), 0) ? DELIVERED_WHOLE
                                                     : DELIVERED_LOST;
}

enum delivered deliver(const struct delivery *delivery) {
  struct fault fault = delivery->fault;
  uint64_t size = delivery->body->size;
  uint64_t position = 0;
  enum delivered result = send_head(delivery);

  while (result == DELIVERED_WHOLE) {
    size_t count;

    if (position == fault.stall_at) {
      fault.stall_at = AT_NEVER;
      if (net_wait_gone(delivery->fd, fault.stall_ms))
        return DELIVERED_LOST;
    }
    if (fault.cut != CUT_NONE && position == fault.cut_at)
      return fault.cut == CUT_CLOSE ? DELIVERED_CLOSE : DELIVERED_RESET;
    if (position == size)
      return send_end(delivery);
    count = next_size(delivery, &fault, position);
    /* The client may act on the last byte before we run again. */
    if (position + count == size && delivery->framing == FRAMING_LENGTH &&
        fault.stall_at == AT_NEVER && fault.cut == CUT_NONE)
      stats_end(delivery->fd);
    if (!send_block(delivery, position, count))
      return DELIVERED_LOST;
    position += count;
    if (delivery->rate.first && position < size &&
        net_wait_gone(delivery->fd, (int64_t)delivery->rate.second))
      return DELIVERED_LOST;
  }
  return result;
}
