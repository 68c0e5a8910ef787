#include "engine/siblings.h"

void siblings_watch(struct call *call) {
  if (!call->siblings || call->watched_by)
    return;
  call->watched_by = &call->siblings->watched;
  call->next_watched = call->siblings->watched;
  if (call->next_watched)
    call->next_watched->watched_by = &call->next_watched;
  call->siblings->watched = call;
}

static void unwatch(struct call *call) {
  if (!call->watched_by)
    return;
  *call->watched_by = call->next_watched;
  if (call->next_watched)
    call->next_watched->watched_by = call->watched_by;
  call->next_watched = NULL;
  call->watched_by = NULL;
}

void siblings_join(struct siblings *siblings, struct call *call) {
  call->siblings = siblings;
  if (siblings)
    siblings->calls++;
}

void siblings_leave(struct call *call) {
  unwatch(call);
  if (call->siblings)
    call->siblings->calls--;
}

struct call *siblings_next(struct siblings *siblings) {
  struct call *call = siblings->watched;

  if (call)
    unwatch(call);
  return call;
}
