/* methods.h - the METHODS list: which requests may be sent twice.
 *
 * An entry is METHOD[:STATUS+STATUS...][@GLOB]: `POST`, `POST:429+503`,
 * `POST@https://host/search*`, `POST:5xx@https://host/search`.
 * In this order, since a glob may hold colons and a status no `@`. METHOD may
 * be `idempotent` or `all`, STATUS what ON accepts as one. `!` takes away what
 * its entry means, no more: `all,!POST:503`. Later entries win.
 */
#ifndef CURLRETRY_METHODS_H
#define CURLRETRY_METHODS_H

#include "policy.h"
#include "slice.h"

/* A request that was sent, as far as METHODS asks: the call's first one. */
struct sent_request {
  const char *method;       /* NULL: unknown */
  const char *url;          /* NULL: unknown */
  int status;               /* its answer's; 0: none came, or it isn't what
                               the attempt failed by */
  bool has_idempotency_key; /* from here on as in struct outcome */
  bool is_git_read;
  bool has_precondition;
  bool has_side_commands;
};

/* Store a METHODS list in `methods` (POLICY_LIST_SIZE bytes), its methods in
 * upper case and without blanks. False with the entry that is not understood
 * in `bad`; the list's length is the caller's to check. */
bool methods_parse(char *methods, struct slice list, struct slice *bad);

/* Whether METHODS lets the request be repeated. Of an unknown method or URL
 * only what an entry with `!` says is taken to be meant. */
bool methods_allow(const char *methods, const struct sent_request *request);

#endif
