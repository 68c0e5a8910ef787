/* calls.c - see calls.h. */
#include "calls.h"

#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKET_BITS 12

struct calls {
  struct call *buckets[1 << BUCKET_BITS]; /* open calls, by hash */
  struct call *oldest, *newest;
  size_t open_count;
  struct call **kept[OUTCOME_COUNT]; /* heaps, the shortest call on top */
  size_t kept_count[OUTCOME_COUNT];
};

static const size_t most[OUTCOME_COUNT] = {100, 300, 300, 100};

size_t calls_most(enum outcome outcome) { return most[outcome]; }

struct calls *calls_begin(void) {
  struct calls *calls = text_room(NULL, sizeof *calls);
  memset(calls, 0, sizeof *calls);
  for (int i = 0; i < OUTCOME_COUNT; i++)
    calls->kept[i] = text_room(NULL, most[i] * sizeof(struct call *));
  return calls;
}

static void free_call(struct call *call) {
  if (call == NULL)
    return;
  free(call->program);
  free(call->method);
  free(call->url);
  free(call->key);
  free(call->steps);
  free(call);
}

/* --- calls that are not over --------------------------------------------- */

/* The link to a call, or to NULL where it would be. */
static struct call **place_of(struct calls *calls, double pid, double number) {
  uint64_t hash = ((uint64_t)pid << 32 ^ (uint64_t)number) *
                  0x9e3779b97f4a7c15u; /* Fibonacci hashing */
  struct call **place = &calls->buckets[hash >> (64 - BUCKET_BITS)];
  while (*place != NULL && ((*place)->pid != pid || (*place)->call != number))
    place = &(*place)->next;
  return place;
}

static struct call *take_out(struct calls *calls, struct call **place) {
  struct call *call = *place;
  if (call == NULL)
    return NULL;
  *place = call->next;
  *(call->older != NULL ? &call->older->newer : &calls->oldest) = call->newer;
  *(call->newer != NULL ? &call->newer->older : &calls->newest) = call->older;
  calls->open_count--;
  return call;
}

static struct call *new_call(const struct record *record) {
  struct call *call = text_room(NULL, sizeof *call);
  memset(call, 0, sizeof *call);
  call->pid = record->pid;
  call->call = record->call;
  return call;
}

static struct call *open_call(struct calls *calls,
                              const struct record *record) {
  struct call **place = place_of(calls, record->pid, record->call);
  if (*place != NULL)
    return *place;
  if (calls->open_count == OPEN_MAX) {
    const struct call *oldest = calls->oldest;
    free_call(take_out(calls, place_of(calls, oldest->pid, oldest->call)));
    place = place_of(calls, record->pid, record->call);
  }
  struct call *call = *place = new_call(record);
  call->older = calls->newest;
  *(calls->newest != NULL ? &calls->newest->newer : &calls->oldest) = call;
  calls->newest = call;
  calls->open_count++;
  return call;
}

static void copy_text(char *to, size_t size, const char *text) {
  (void)snprintf(to, size, "%s", text != NULL ? text : "");
}

static void add_step(struct call *call, const struct record *record) {
  if (call->step_count < STEPS_MAX) {
    call->steps =
        text_room(call->steps, (call->step_count + 1) * sizeof *call->steps);
    call->step_count++;
  }
  struct step *step = &call->steps[call->step_count - 1];
  *step = (struct step){
      .number = record->attempt,
      .at_ms = record->at_ms,
      .total = record->total,
      .dns = record->dns,
      .connect = record->connect,
      .tls = record->tls,
      .first_byte = record->first_byte,
      .delay_ms = record->delay_ms,
      .code = record->code,
      .status = record->status,
      .retry_class = record->retry_class,
      .injected = record->injected,
  };
  copy_text(step->host, sizeof step->host,
            record->at_proxy ? record->proxy : record->host);
  copy_text(step->peer, sizeof step->peer, record->peer);
  copy_text(step->message, sizeof step->message, record->message);
}

/* --- the worst ------------------------------------------------------------
 */

static double length_of(const struct call *call) {
  return isnan(call->total_ms) ? 0 : call->total_ms;
}

static void swap(struct call **heap, size_t one, size_t two) {
  struct call *call = heap[one];
  heap[one] = heap[two];
  heap[two] = call;
}

static void sift_up(struct call **heap, size_t at) {
  for (; at > 0 && length_of(heap[at]) < length_of(heap[(at - 1) / 2]);
       at = (at - 1) / 2)
    swap(heap, at, (at - 1) / 2);
}

static void sift_down(struct call **heap, size_t count) {
  for (size_t at = 0, child = 1; child < count; child = 2 * at + 1) {
    if (child + 1 < count &&
        length_of(heap[child + 1]) < length_of(heap[child]))
      child++;
    if (length_of(heap[at]) <= length_of(heap[child]))
      return;
    swap(heap, at, child);
    at = child;
  }
}

static bool is_worth_keeping(const struct calls *calls,
                             const struct record *record) {
  enum outcome outcome = record->outcome;
  return calls->kept_count[outcome] < most[outcome] ||
         record->total_ms > length_of(calls->kept[outcome][0]);
}

static void keep(struct calls *calls, struct call *call) {
  struct call **heap = calls->kept[call->outcome];
  size_t *count = &calls->kept_count[call->outcome];
  if (*count < most[call->outcome]) {
    heap[(*count)++] = call;
    sift_up(heap, *count - 1);
    return;
  }
  free_call(heap[0]);
  heap[0] = call;
  sift_down(heap, *count);
}

static char *kept_text(const char *text) {
  return text_keep(text != NULL ? text : "");
}

static void end_call(struct calls *calls, const struct record *record,
                     const char *key) {
  struct call *call =
      take_out(calls, place_of(calls, record->pid, record->call));
  if (!is_worth_keeping(calls, record)) {
    if (call != NULL)
      free_call(call);
    return;
  }
  if (call == NULL)
    call = new_call(record);
  call->program = kept_text(record->program);
  call->method = kept_text(record->method);
  call->url = kept_text(record->url);
  call->key = kept_text(key);
  call->at_ms = record->at_ms;
  call->total_ms = record->total_ms;
  call->waited_ms = record->waited_ms;
  call->attempts = record->attempts;
  call->code = record->code;
  call->status = record->status;
  call->outcome = record->outcome;
  keep(calls, call);
}

void calls_add(struct calls *calls, const struct record *record,
               const char *key) {
  if (record->event == EVENT_ATTEMPT)
    add_step(open_call(calls, record), record);
  else
    end_call(calls, record, key);
}

static int compare_calls(const void *first, const void *second) {
  double one = length_of(*(struct call *const *)first);
  double two = length_of(*(struct call *const *)second);
  return one > two ? -1 : one < two;
}

size_t calls_kept(struct calls *calls, enum outcome outcome,
                  struct call *const **list) {
  qsort(calls->kept[outcome], calls->kept_count[outcome],
        sizeof(struct call *), compare_calls);
  *list = calls->kept[outcome];
  return calls->kept_count[outcome];
}
