/* The program must not be able to tell a held byte from a direct one: same
 * pieces, same order, same return values honoured. Source: the manual pages
 * of CURLOPT_WRITEFUNCTION, CURLOPT_HEADERFUNCTION, CURLOPT_HEADERDATA. */
#define _GNU_SOURCE
#include "exchange/deliver.h"

#include "engine/wait.h"
#include "host/runtime.h"

#include <signal.h>
#include <stdio.h> /* fwrite: libcurl's default write callback; snprintf */
#include <stdlib.h>
#include <string.h>

#define NEW_TEXT_VERSION 0x080700 /* 8.7.0 */

struct record {
  uint32_t length;
  uint32_t kind;
};

/* A refusal ends the call; libcurl writes its own error text from the value
 * we pass on. */
static size_t refuse_unless(struct call *call, size_t taken, size_t length) {
  if (taken == CURL_WRITEFUNC_PAUSE)
    atomic_store(&call->is_receive_paused, true);
  else if (taken != length)
    call->refusal = CURLE_WRITE_ERROR;
  return taken;
}

/* libcurl's default write callback. Called here, so that its address needn't
 * be looked up at the start of every process. */
static size_t write_file(char *bytes, size_t size, size_t count, void *file) {
  return fwrite(bytes, size, count, file);
}

size_t deliver_header(struct call *call, char *line, size_t length) {
  const struct held_options *held = &call->handle->shadow.held;
  curl_write_callback function = held->header ? held->header : held->write;

  if (!deliver_wants_headers(call))
    return length;
  if (!function)
    function = write_file;
  return refuse_unless(call, function(line, 1, length, held->header_data),
                       length);
}

/* CURLOPT_HEADER's lines, and the body. */
static size_t write_out(struct call *call, char *bytes, size_t length) {
  const struct held_options *held = &call->handle->shadow.held;
  curl_write_callback function = held->write ? held->write : write_file;

  return refuse_unless(call, function(bytes, 1, length, held->write_data),
                       length);
}

size_t deliver_body(struct call *call, char *bytes, size_t length) {
  size_t taken = write_out(call, bytes, length);

  if (taken == length && call->resume.is_possible) {
    resume_delivered(call, bytes, length);
    call->delivered_at = runtime_about_now_ms();
  }
  return taken;
}

bool deliver_journal(struct response *response, enum record_kind kind,
                     const char *bytes, size_t length) {
  struct record record = {.length = (uint32_t)length, .kind = kind};
  struct spool *journal = &response->journal;

  if (length > UINT32_MAX)
    return false;
  if (spool_append(journal, &record, sizeof(record)))
    return false;
  if (!length || !spool_append(journal, bytes, length))
    return true;
  spool_drop(journal, sizeof(record));
  return false;
}

/* `length` bytes at `offset`: in place where they lie in memory. */
static char *fetch(struct response *response, int64_t offset, size_t length) {
  size_t available;
  const unsigned char *view =
      spool_view(&response->journal, offset, &available);

  if (!length)
    return (char *)response; /* an empty write: no byte is looked at */
  if (view && available >= length)
    return (char *)(uintptr_t)view;
  if (length > response->scratch_size) {
    char *scratch = realloc(response->scratch, length);
    if (!scratch)
      return NULL;
    response->scratch = scratch;
    response->scratch_size = length;
  }
  if (spool_read(&response->journal, offset, response->scratch, length) !=
      (int64_t)length)
    return NULL;
  return response->scratch;
}

/* The getinfo view of the record at the cursor. */
static void set_view(struct call *call, struct response *response,
                     bool is_header) {
  struct info_view *view = &call->view_now;

  while (response->view_at < response->view_count &&
         response->cursor >= response->views[response->view_at].end)
    response->view_at++;
  memset(view, 0, sizeof(*view));
  if (response->view_at < response->view_count)
    *view = response->views[response->view_at].info;
  view->is_header = is_header;
  call->view = view;
}

/* libcurl's own text for a refused piece (lib/sendf.c, lib/cw-out.c). */
static void explain(struct call *call, enum record_kind kind, size_t length,
                    size_t taken) {
  char *text = call->refusal_text;
  size_t size = sizeof(call->refusal_text);

  if (call->library->version < NEW_TEXT_VERSION)
    (void)snprintf(text, size, "%s",
                   kind == RECORD_HEADER
                       ? "Failed writing header"
                       : "Failure writing output to destination");
  else if (taken == 0xFFFFFFFF) /* CURL_WRITEFUNC_ERROR */
    (void)snprintf(text, size, "client returned ERROR on write of %zu bytes",
                   length);
  else
    (void)snprintf(text, size,
                   "Failure writing output to destination, "
                   "passed %zu returned %zu",
                   length, taken);
}

/* One piece of a record: a header line whole, body bytes in slices of at
 * most CURL_MAX_WRITE_SIZE. */
static enum delivery deliver_piece(struct call *call,
                                   struct response *response,
                                   const struct record *record) {
  int64_t offset = response->cursor + (int64_t)sizeof(*record);
  size_t length = record->length - response->part;
  size_t taken;
  char *bytes;

  if (record->kind != RECORD_HEADER && length > CURL_MAX_WRITE_SIZE)
    length = CURL_MAX_WRITE_SIZE;
  bytes = fetch(response, offset + (int64_t)response->part, length);
  if (!bytes) {
    call->refusal = CURLE_OUT_OF_MEMORY;
    return DELIVERY_REFUSED;
  }
  if (record->kind == RECORD_HEADER)
    taken = deliver_header(call, bytes, length);
  else if (record->kind == RECORD_COPY)
    taken = write_out(call, bytes, length);
  else
    taken = deliver_body(call, bytes, length);
  if (taken == CURL_WRITEFUNC_PAUSE)
    return DELIVERY_PAUSED;
  if (taken != length) {
    explain(call, record->kind, length, taken);
    return DELIVERY_REFUSED;
  }
  response->part += length;
  if (response->part >= record->length) {
    response->cursor = offset + record->length;
    response->part = 0;
  }
  return DELIVERED;
}

enum delivery deliver_held(struct call *call, struct response *response) {
  enum delivery result = DELIVERED;

  if (response->is_delivering || atomic_load(&call->is_receive_paused))
    return DELIVERY_PAUSED;
  response->is_delivering = true;
  while (result == DELIVERED &&
         response->cursor < spool_size(&response->journal)) {
    struct record record;
    if (spool_read(&response->journal, response->cursor, &record,
                   sizeof(record)) != (int64_t)sizeof(record)) {
      call->refusal = CURLE_OUT_OF_MEMORY;
      result = DELIVERY_REFUSED;
      break;
    }
    set_view(call, response, record.kind != RECORD_BODY);
    result = deliver_piece(call, response, &record);
    if (result == DELIVERED && atomic_load(&call->is_receive_paused))
      result = DELIVERY_PAUSED; /* by curl_easy_pause() in the callback */
  }
  call->view = NULL;
  response->is_delivering = false;
  call->delivered_at = runtime_now_ms();
  return result;
}

CURLcode deliver_after(struct call *call, struct response *response) {
  struct sigaction ignore, before;
  bool ignores = !call->handle->shadow.has_no_signal;
  CURLcode code = CURLE_OK;
  enum call_phase phase = call->phase;

  if (!response_has_pending(response))
    return CURLE_OK;
  memset(&ignore, 0, sizeof(ignore));
  ignore.sa_handler = SIG_IGN;
  if (ignores)
    ignores = !sigaction(SIGPIPE, &ignore, &before);
  call->phase = PHASE_HAND_OVER;
  while (!code) {
    enum delivery delivery;
    delivery = deliver_held(call, response);
    if (delivery == DELIVERED)
      break;
    if (delivery == DELIVERY_PAUSED) {
      code = call->refusal ? call->refusal : wait_for_unpause(call);
      continue;
    }
    code = call->refusal;
  }
  call->phase = phase;
  if (ignores)
    (void)sigaction(SIGPIPE, &before, NULL);
  return code;
}
