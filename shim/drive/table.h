/* table.h - the table of easy and multi handles the shim saw being made.
 *
 * Lock-free: look-ups never wait, and a fork at any moment leaves a usable
 * table. Nodes are never freed, only reused, so a look-up can't meet freed
 * memory; the table's size is bounded by the most handles ever alive.
 */
#ifndef CURLRETRY_TABLE_H
#define CURLRETRY_TABLE_H

#include "drive/multi.h"

/* The row of `curl`; NULL for a handle we never saw being made. */
struct handle *table_find(CURL *curl);

/* A row for a handle that was just made, with libcurl's defaults. A row left
 * behind by an address's former owner is reused. NULL: out of memory; the
 * handle is then passed through. */
struct handle *table_add(CURL *curl, const struct library *library);

/* The same for a handle that libcurl copied from that of `from`: with the
 * program's options, also where a call had ours on it. */
struct handle *table_add_copy(CURL *copy, const struct handle *from);

/* Forget the row before the handle is freed (its address may be reused by
 * another thread at once). Frees everything but the node. */
void table_remove(CURL *curl);

/* The same in two steps. The row is out of the table, and for a handle that is
 * freed inside its own call, which still uses it, never freed. NULL: no row.
 */
struct handle *table_forget(CURL *curl);

/* What it has is freed, its call ended; free() is for the caller. */
void table_empty(struct handle *handle);

/* Of a handle that isn't a member the multi handle has a message: it ends with
 * the handle. take: no longer; the multi handle, or NULL. */
void table_add_stranger(const CURL *curl, struct multi *multi);
struct multi *table_take_stranger(const CURL *curl);

/* Memory for that, as long as the handle lives. False: there is none. */
bool table_reserve_stranger(const CURL *curl);

/* The same for multi handles. None found: it is passed through. */
struct multi *table_find_multi(const CURLM *real);
void table_add_multi(CURLM *real, const struct library *library);

/* The row is out of the table, and the caller's to free or to put back. */
struct multi *table_forget_multi(CURLM *real);
void table_put_multi(CURLM *real, struct multi *multi);

#endif
