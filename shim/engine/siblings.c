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

bool siblings_share_incident(struct siblings *siblings, uint64_t origin,
                             curl_off_t connection) {
  unsigned count = siblings->incident_count;

  for (unsigned i = 0; i < SIBLINGS_INCIDENTS; i++) {
    const struct incident *known = &siblings->incidents[i];
    if (known->drive && known->origin == origin &&
        (known->drive == siblings->drive ||
         (connection >= 0 && known->connection == connection)))
      return true;
  }
  siblings->incidents[count % SIBLINGS_INCIDENTS] =
      (struct incident){siblings->drive, origin, connection};
  siblings->incident_count = count + 1;
  return false;
}
