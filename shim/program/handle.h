/* handle.h - the table of easy handles the shim saw being made.
 *
 * Lock-free: look-ups never wait, and a fork at any moment leaves a usable
 * table. Nodes are never freed, only reused, so a look-up can't meet freed
 * memory; the table's size is bounded by the most handles ever alive.
 */
#ifndef CURLRETRY_HANDLE_H
#define CURLRETRY_HANDLE_H

#include "program/shadow.h"

struct call;

/* What belongs to one easy handle. */
struct handle {
  const struct library *library; /* the libcurl that made it */
  CURL *curl;
  struct shadow shadow;
  struct call *call;  /* memory for calls, kept between them; NULL: none yet */
  bool is_in_call;    /* a call runs, or was left by longjmp */
  bool has_past_info; /* getinfo is answered from call->past */
  bool has_resumed_info; /* and this from call->first */
};

/* The row of `curl`; NULL for a handle we never saw being made. */
struct handle *handle_find(CURL *curl);

/* A row for a handle that was just made, with libcurl's defaults. A row left
 * behind by an address's former owner is reused. NULL: out of memory; the
 * handle is then passed through. */
struct handle *handle_add(CURL *curl, const struct library *library);

/* Forget the row before the handle is freed (its address may be reused by
 * another thread at once). Frees everything but the node. */
void handle_remove(CURL *curl);

#endif
