/* Where every byte of a response passes. Rules: design.md, "Response". What
 * can't be held for lack of memory or disk is committed: the transfer goes
 * on, it only can't be repeated any more. */
#include "exchange/response.h"

#include "engine/attempt.h"
#include "engine/report.h"
#include "exchange/deliver.h"
#include "exchange/drain.h"
#include "exchange/seam.h"
#include "host/runtime.h"

#include <stdlib.h>
#include <string.h>

#define JOURNAL_MEMORY (2 * 1024 * 1024) /* then the file */
#define JOURNAL_KEEP (64 * 1024)         /* kept between calls */

void response_init(struct response *response, const char *folder) {
  memset(response, 0, sizeof(*response));
  spool_init(&response->journal, folder);
  spool_limit(&response->journal, JOURNAL_MEMORY, INT64_MAX);
  response->announced = -1;
}

static void drop_views(struct response *response) {
  for (size_t i = 0; i < response->view_count; i++)
    free(response->views[i].url);
  response->view_count = 0;
  response->view_at = 0;
}

void response_clear(struct response *response) {
  drop_views(response);
  spool_clear(&response->journal, JOURNAL_KEEP);
  response->state = RESPONSE_HOLDING;
  response->cursor = 0;
  response->part = 0;
  response->body = 0;
  response->held = 0;
  response->header_at = 0;
  response->announced = -1;
  response->is_final = false;
  response->is_cut = false;
  response->is_last = false;
  response->is_delivering = false;
}

void response_free(struct response *response) {
  drop_views(response);
  free(response->views);
  free(response->scratch);
  spool_clear(&response->journal, 0);
  memset(response, 0, sizeof(*response));
  response->journal.file = -1;
}

bool response_has_pending(const struct response *response) {
  return response->cursor < spool_size(&response->journal);
}

bool response_is_waiting(const struct call *call) {
  return call->response.state == RESPONSE_HOLDING && call->response.is_final;
}

/* Remember what getinfo says of the hop whose block just ended, for the time
 * its held events are delivered. Without memory its events are delivered
 * with the answers of the later hop. */
static void add_view(struct call *call) {
  struct response *response = &call->response;
  struct response_view *view;
  const char *url = NULL;

  if (response->view_count == response->view_capacity) {
    size_t capacity = response->view_capacity * 2 + 4;
    struct response_view *views =
        realloc(response->views, capacity * sizeof(*views));
    if (!views)
      return;
    response->views = views;
    response->view_capacity = capacity;
  }
  view = &response->views[response->view_count++];
  memset(view, 0, sizeof(*view));
  view->end = spool_size(&response->journal);
  view->info.has_status = true;
  /* CURLINFO_RESPONSE_CODE is of the last response, never of a CONNECT */
  view->info.status = call->hop.status;
  if (call->hop.is_connect)
    view->info.status = response->view_count > 1 ? (view - 1)->info.status : 0;
  (void)call->library->easy_getinfo(call->curl, CURLINFO_EFFECTIVE_URL, &url);
  view->url = url ? strdup(url) : NULL;
  view->info.url = view->url;
  (void)call->library->easy_getinfo(call->curl, CURLINFO_SCHEME,
                                    &view->info.scheme);
}

/* Where the callback that noticed it can't return PAUSE, libcurl is told. */
static CURLcode pause_or_tell(struct call *call, bool *is_paused) {
  atomic_store(&call->is_receive_paused, true);
  attempt_start_clock(call);
  if (is_paused)
    *is_paused = true;
  else
    (void)call->library->easy_pause(
        call->curl,
        CURLPAUSE_RECV | (call->request.is_paused ? CURLPAUSE_SEND : 0));
  return CURLE_OK;
}

CURLcode response_flush(struct call *call, bool *is_paused) {
  struct response *response = &call->response;

  if (!response_has_pending(response)) {
    /* by the program between two attempts: libcurl doesn't know it yet */
    if (is_paused && atomic_load(&call->is_receive_paused))
      *is_paused = true;
    return CURLE_OK;
  }
  if (call->refusal != CURLE_OK)
    return call->refusal; /* inside curl_easy_pause(): it isn't asked again */
  switch (deliver_held(call, response)) {
  case DELIVERY_PAUSED:
    return pause_or_tell(call, is_paused);
  case DELIVERY_REFUSED:
    return call->refusal;
  default:
    drop_views(response);
    spool_clear(&response->journal, JOURNAL_KEEP);
    response->cursor = 0;
    return CURLE_OK;
  }
}

CURLcode response_commit(struct call *call, bool *is_paused) {
  call->response.state = RESPONSE_COMMITTED;
  attempt_committed(call);
  resume_committed(call);
  return response_flush(call, is_paused);
}

/* HOLD_TIME runs from now on. */
static CURLcode keep_holding(struct call *call) {
  if (call->policy->hold_time_ms != POLICY_UNLIMITED)
    attempt_start_clock(call);
  return CURLE_OK;
}

/* The final block has ended, or a body byte showed that it was final. */
static CURLcode final_block(struct call *call) {
  struct response *response = &call->response;
  const struct shadow *shadow = &call->handle->shadow;
  const struct hop *hop = &call->hop;
  struct verdict verdict;

  response->is_final = true;
  response->header_at = runtime_now_ms();
  response->announced = hop_announced(hop, shadow);
  if (hop->is_ftp || !hop->status) {
    curl_off_t length = -1;
    (void)call->library->easy_getinfo(
        call->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    response->announced = length > 0 ? length : -1;
  }
  if (response->state == RESPONSE_RESUMING)
    return seam_answer(call);
  if (hop->is_ftp || !hop->status)
    return keep_holding(call);
  if (hop->status >= 400) {
    if (!call_judge(call, CURLE_OK, &verdict)) {
      report_giving_up(call, &verdict);
      return response_commit(call, NULL);
    }
    if (call->policy->dry_run) {
      report_retry(call, &verdict);
      return response_commit(call, NULL);
    }
    drain_begin(call);
    return CURLE_OK;
  }
  response->is_last = hop_has_no_body(hop, shadow);
  if (hop->is_stream || hop->status == 101 || !call->policy->hold_bytes ||
      response->is_last)
    return response_commit(call, NULL);
  return keep_holding(call);
}

/* A redirect may lead to ftp: its replies are no trailers. */
static void notice_ftp(struct call *call) {
  const char *scheme = NULL;

  if (call->response.is_final || call->hop.is_ftp)
    return;
  (void)call->library->easy_getinfo(call->curl, CURLINFO_SCHEME, &scheme);
  if (scheme && (scheme[0] | 32) == 'f' && (scheme[1] | 32) == 't')
    call->hop.is_ftp = true;
}

/* Follow the block, whether or not its lines reach the program. */
static enum hop_event follow(struct call *call, const char *line,
                             size_t length) {
  struct field field;
  enum hop_event event = hop_line(&call->hop, line, length, &field);

  if (event == HOP_FIRST_LINE) {
    attempt_first_line(call);
    entity_begin(&call->response.entity);
  } else if (field.name != FIELD_OTHER) {
    entity_note(&call->response.entity, &field);
  } else if (event == HOP_LINE && call->hop.state == HOP_AFTER_BLOCK) {
    notice_ftp(call);
  }
  return event;
}

static size_t header_while_held(struct call *call, char *line, size_t length) {
  struct response *response = &call->response;
  enum hop_event event = follow(call, line, length);
  CURLcode code = CURLE_OK;

  if (response->state != RESPONSE_RESUMING && deliver_wants_headers(call) &&
      !deliver_journal(response, RECORD_HEADER, line, length)) {
    code = response_commit(call, NULL);
    return code ? 0 : deliver_header(call, line, length);
  }
  if (event != HOP_BLOCK_END)
    return length;
  if (hop_is_final(&call->hop, &call->handle->shadow))
    code = final_block(call);
  else if (response->state != RESPONSE_RESUMING)
    add_view(call);
  return code ? 0 : length;
}

size_t response_on_header(char *line, size_t size, size_t count, void *data) {
  struct call *call = data;
  size_t length = size * count;
  bool is_paused = false;

  attempt_active(call);
  if (!call->hop.has_header)
    attempt_connected(call);
  if (call->response.state != RESPONSE_COMMITTED)
    return header_while_held(call, line, length);
  if (response_flush(call, &is_paused))
    return 0;
  return is_paused ? CURL_WRITEFUNC_PAUSE : deliver_header(call, line, length);
}

size_t response_commit_and_pass(struct call *call, char *bytes,
                                size_t length) {
  bool is_paused = false;

  if (response_commit(call, &is_paused))
    return seam_refuse(length);
  if (is_paused)
    return CURL_WRITEFUNC_PAUSE;
  return deliver_body(call, bytes, length);
}

/* Whether this piece of a held body makes it time to commit. */
static bool is_due(struct call *call, size_t length) {
  struct response *response = &call->response;
  int64_t next = response->held + (int64_t)length;

  if (response->announced >= 0 && next >= response->announced) {
    response->is_last = true;
    return true;
  }
  if (next >= call->policy->hold_bytes)
    return true;
  return call->policy->hold_time_ms != POLICY_UNLIMITED &&
         runtime_now_ms() - response->header_at >= call->policy->hold_time_ms;
}

static size_t hold(struct call *call, char *bytes, size_t length) {
  struct response *response = &call->response;

  if (is_due(call, length) ||
      !deliver_journal(response, RECORD_BODY, bytes, length))
    return response_commit_and_pass(call, bytes, length);
  response->held += (int64_t)length;
  response->body += (int64_t)length;
  return length;
}

/* With CURLOPT_HEADER each header line comes to the write callback first,
 * then to the header callback, which alone moves the hop on. */
static bool is_header_copy(const struct call *call, const char *bytes,
                           size_t length) {
  const struct shadow *shadow = &call->handle->shadow;

  if (!shadow->includes_header || call->response.is_final ||
      call->scheme != URL_HTTP || call->hop.is_ftp)
    return false;
  return call->hop.state != HOP_AFTER_BLOCK ||
         (length > 5 && !memcmp(bytes, "HTTP/", 5));
}

static size_t body_while_held(struct call *call, char *bytes, size_t length) {
  struct response *response = &call->response;

  if (is_header_copy(call, bytes, length)) {
    if (response->state == RESPONSE_RESUMING)
      return length;
    if (deliver_journal(response, RECORD_COPY, bytes, length))
      return length;
    return response_commit(call, NULL) ? seam_refuse(length)
                                       : deliver_body(call, bytes, length);
  }
  if (!response->is_final) {
    hop_body(&call->hop);
    if (final_block(call))
      return seam_refuse(length);
  }
  switch (response->state) {
  case RESPONSE_DRAINING:
    return drain_body(call, bytes, length);
  case RESPONSE_RESUMING:
    return seam_skip(call, bytes, length);
  case RESPONSE_COMMITTED:
    return seam_pass(call, bytes, length);
  default:
    return hold(call, bytes, length);
  }
}

size_t response_on_body(char *bytes, size_t size, size_t count, void *data) {
  struct call *call = data;
  size_t length = size * count;

  attempt_active(call);
  return call->response.state == RESPONSE_COMMITTED
             ? seam_pass(call, bytes, length)
             : body_while_held(call, bytes, length);
}

CURLcode response_tick(struct call *call, int64_t now) {
  struct response *response = &call->response;

  if (response->state == RESPONSE_DRAINING)
    return drain_tick(call, now);
  if (response->state == RESPONSE_COMMITTED)
    return response_flush(call, NULL);
  if (response->state == RESPONSE_HOLDING && response->is_final &&
      call->policy->hold_time_ms != POLICY_UNLIMITED &&
      now - response->header_at >= call->policy->hold_time_ms)
    return response_commit(call, NULL);
  return CURLE_OK;
}
