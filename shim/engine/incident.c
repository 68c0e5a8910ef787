#include "engine/incident.h"

#include "engine/connection.h"
#include "engine/siblings.h"
#include "host/clock.h"

/* All that a death ends fails in one drive call, or in some that follow at
 * once. A server that resets each stream of a connection that lives is none:
 * it would be charged once for ever. */
#define AT_ONCE_MS 1000

/* Where libcurl can't tell connections apart, the transfers of one drive call
 * have shared one only if they may have. */
static bool is_of(const struct call *call, const struct incident *known,
                  uint64_t origin, curl_off_t connection) {
  if (known->origin != origin || known->connection != connection)
    return false;
  return connection >= 0 || (known->drive == call->siblings->drive &&
                             connection_is_multiplexed(call));
}

/* The last one that the failure is part of; NULL: none. */
static const struct incident *find(const struct call *call, uint64_t origin) {
  const struct siblings *siblings = call->siblings;
  curl_off_t connection;

  if (!siblings || !call->now->hop.was_sent)
    return NULL;
  connection = connection_id(call);
  for (unsigned i = 0; i < SIBLINGS_INCIDENTS; i++) {
    unsigned number = siblings->incident_count - i;
    const struct incident *known =
        &siblings->incidents[number % SIBLINGS_INCIDENTS];
    if (!number || known->number != number)
      break;
    if (is_of(call, known, origin, connection))
      return known->number != call->incident &&
                     clock_now_ms() - known->at < AT_ONCE_MS
                 ? known
                 : NULL;
  }
  return NULL;
}

bool incident_is_paid(const struct call *call, uint64_t origin) {
  return find(call, origin) != NULL;
}

void incident_join(struct call *call, uint64_t origin) {
  const struct incident *known = find(call, origin);
  struct siblings *siblings = call->siblings;

  if (known) {
    call->incident = known->number;
  } else if (siblings && call->now->hop.was_sent) {
    call->incident = ++siblings->incident_count;
    siblings->incidents[call->incident % SIBLINGS_INCIDENTS] =
        (struct incident){call->incident, origin, connection_id(call),
                          siblings->drive, clock_now_ms()};
  }
}
