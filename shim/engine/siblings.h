/* siblings.h - the calls of one multi handle, and what they share: a driver
 * that comes back when one of their clocks says so, a pool of connections, and
 * what breaks when one of these dies. Calls of curl_easy_perform() have none.
 */
#ifndef CURLRETRY_SIBLINGS_H
#define CURLRETRY_SIBLINGS_H

#include "engine/call.h"

/* What a budget was charged for (incident.h). */
struct incident {
  unsigned number; /* 1 is the first; 0: none */
  uint64_t origin;
  curl_off_t connection; /* connection_id() */
  uint64_t drive;        /* the drive call it happened in */
  int64_t at;            /* monotonic, ms */
};

#define SIBLINGS_INCIDENTS 8

struct siblings {
  int calls;            /* that run or wait */
  struct call *watched; /* the driver is to ask for their time */
  uint64_t drive;       /* the drive call at hand: 1 is the first */
  struct incident incidents[SIBLINGS_INCIDENTS];
  unsigned incident_count; /* ever: the last one's number */
};

/* The call is one of them from now on (NULL: it has none), and no longer. */
void siblings_join(struct siblings *siblings, struct call *call);
void siblings_leave(struct call *call);

/* A clock of the call's begins, or what it waits for has changed: the driver
 * is to look at it. Nothing for a call without siblings. */
void siblings_watch(struct call *call);

/* The next one that is to be looked at, which is no longer watched; NULL: no
 * more. */
struct call *siblings_next(struct siblings *siblings);

#endif
