/* incident.h - one cause of several failures at once: the connection that the
 * transfers of a multi handle shared has died. Retries after it are no more
 * load than one, so one of them is charged for all (design.md, Multi).
 */
#ifndef CURLRETRY_INCIDENT_H
#define CURLRETRY_INCIDENT_H

#include "engine/call.h"

/* Whether the call's failure, if no answer tells of it, is of an incident that
 * another's retry was charged for. A call's second failure is no part of the
 * same one. `origin`: of the call. */
bool incident_is_paid(const struct call *call, uint64_t origin);

/* The retry after such a failure is charged: for it and for those to come, or
 * it was. */
void incident_join(struct call *call, uint64_t origin);

#endif
