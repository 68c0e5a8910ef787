#include "engine/call.h"

#include "host/start.h"

#include <stdatomic.h>
#include <stdio.h> /* snprintf only */
#include <stdlib.h>
#include <string.h>

/* What is an attempt's own. */
static void forget(struct attempt *attempt) {
  const size_t from = offsetof(struct attempt, number);

  memset((char *)attempt + from, 0, sizeof(*attempt) - from);
}

static void init_attempt(struct attempt *attempt) {
  response_init(&attempt->response, start_folder());
  attempt->info = NULL;
  forget(attempt);
}

/* Not zeroed as a whole: each transfer of a multi handle has one, and most of
 * it is room for texts. */
static struct call *make(struct handle *handle, struct ours (*ours)(void)) {
  const size_t from = offsetof(struct call, rest);
  struct call *call = malloc(sizeof(*call));

  if (!call)
    return NULL;
  memset((char *)call + from, 0, sizeof(*call) - from);
  call->handle = handle;
  call->ours = ours();
  for (int i = 0; i < 2; i++)
    init_attempt(&call->attempts[i]);
  request_init(&call->request, start_folder());
  resume_init(&call->resume);
  journal_init(&call->rest, start_folder());
  return call;
}

/* It says, too, how many there were. */
static uint64_t next_number(void) {
  static _Atomic uint64_t last;

  return atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
}

struct call *call_renew(struct handle *handle, const struct policy *policy,
                        struct ours (*ours)(void)) {
  const size_t from = offsetof(struct call, policy);
  struct call *call = handle->call ? handle->call : make(handle, ours);

  if (!call)
    return NULL;
  handle->call = call;
  memset((char *)call + from, 0, sizeof(*call) - from);
  call->method[0] = 0;
  call->number = next_number();
  call->policy = policy;
  call->now = &call->attempts[0];
  resume_begin(&call->resume);
  way_begin(&call->way);
  sink_begin(&call->sink, &handle->shadow, &handle->answers, &call->resume,
             handle->library->version);
  return call;
}

void attempt_clear(struct attempt *attempt) {
  response_clear(&attempt->response);
  forget(attempt);
}

void call_drop_held(struct call *call) {
  journal_clear(&call->rest);
  for (int i = 0; i < 2; i++)
    journal_clear(&call->attempts[i].response.journal);
}

void call_clear(struct call *call) {
  for (int i = 0; i < 2; i++)
    if (call->attempts[i].number)
      attempt_clear(&call->attempts[i]);
  request_end(&call->request);
  if (!journal_is_empty(&call->rest))
    journal_clear(&call->rest);
  free(call->former_url);
  call->former_url = NULL;
  call->phase = PHASE_NONE;
}

void call_free(struct call *call) {
  if (!call)
    return;
  for (int i = 0; i < 2; i++) {
    response_free(&call->attempts[i].response);
    info_free(call->attempts[i].info);
  }
  request_free(&call->request);
  journal_free(&call->rest);
  free(call->tally);
  free(call->former_url);
  free(call->faulting);
  resume_free(&call->resume);
  free(call);
}

int64_t call_moved_at(const struct call *call) {
  int64_t moved_at = call->began_at;

  if (moved_at < call->sink.delivered_at)
    moved_at = call->sink.delivered_at;
  if (moved_at < call->moved_at)
    moved_at = call->moved_at;
  return moved_at;
}

int64_t call_idle_ms(const struct call *call, int64_t now) {
  return now - call_moved_at(call);
}

int64_t call_time_left_ms(const struct call *call, int64_t now) {
  long timeout = call->handle->shadow.attempt.timeout_ms;

  if (timeout <= 0 || call->policy->timeout_scope == SCOPE_ATTEMPT)
    return POLICY_UNLIMITED;
  return timeout - (now - call->began_at);
}

bool call_is_out_of_time(const struct call *call, int64_t now) {
  long timeout = call->handle->shadow.attempt.timeout_ms;
  bool is_attempts = call->policy->timeout_scope == SCOPE_ATTEMPT;

  return timeout > 0 &&
         now - (is_attempts ? call->attempt_at : call->began_at) >= timeout;
}

void call_set_error(const struct call *call, const char *text) {
  char *buffer = call->handle->shadow.error_buffer;

  if (buffer)
    (void)snprintf(buffer, CURL_ERROR_SIZE, "%s", text);
}
