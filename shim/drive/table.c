/* A fixed array of buckets, each a list of nodes that only grows. A node is
 * claimed for a handle by compare-and-swap of its key, and given up by
 * storing NULL. Two threads never look for the same handle at once unless the
 * program uses one handle in two threads, which libcurl forbids. */
#include "drive/table.h"

#include "engine/options.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_BUCKETS 4096

struct node {
  _Atomic(const void *) key; /* NULL: free */
  void *row;
  struct node *next; /* constant once published */
};

static _Atomic(struct node *) buckets[TABLE_BUCKETS];

/* The key of a node that is being filled: never a handle. */
static char claimed;

static _Atomic(struct node *) *bucket_of(const void *key) {
  uint64_t hash = ((uintptr_t)key >> 4) * 0x9e3779b97f4a7c15u;

  return &buckets[hash >> 52];
}

static struct node *node_of(const void *key) {
  struct node *node =
      atomic_load_explicit(bucket_of(key), memory_order_acquire);

  while (node && atomic_load_explicit(&node->key, memory_order_acquire) != key)
    node = node->next;
  return node;
}

/* A free node of the bucket, claimed; or a new one. */
static struct node *claim(const void *key) {
  _Atomic(struct node *) *bucket = bucket_of(key);
  struct node *node = atomic_load(bucket);
  struct node *head;

  for (; node; node = node->next) {
    const void *expected = NULL;
    if (atomic_compare_exchange_strong(&node->key, &expected, &claimed))
      return node;
  }
  node = calloc(1, sizeof(*node));
  if (!node)
    return NULL;
  atomic_init(&node->key, &claimed);
  head = atomic_load(bucket);
  do
    node->next = head;
  while (!atomic_compare_exchange_weak(bucket, &head, node));
  return node;
}

/* False: out of memory. */
static bool put(const void *key, void *row) {
  struct node *node = claim(key);

  if (!node)
    return false;
  node->row = row;
  atomic_store_explicit(&node->key, key, memory_order_release);
  return true;
}

static void *take_out(const void *key) {
  struct node *node = key ? node_of(key) : NULL;
  void *row;

  if (!node)
    return NULL;
  row = node->row;
  node->row = NULL;
  atomic_store_explicit(&node->key, NULL, memory_order_release);
  return row;
}

/* --- easy handles ----------------------------------------------------------
 */

struct handle *table_find(CURL *curl) {
  struct node *node = curl ? node_of(curl) : NULL;

  return node ? node->row : NULL;
}

void table_empty(struct handle *handle) {
  if (handle->member)
    multi_leave(handle->member);
  call_free(handle->call);
  answers_free(&handle->answers);
  shadow_free(&handle->shadow);
}

struct handle *table_add(CURL *curl, const struct library *library) {
  struct handle *handle;

  table_remove(curl);
  handle = calloc(1, sizeof(*handle));
  if (!handle)
    return NULL;
  handle->library = library;
  handle->curl = curl;
  shadow_reset(&handle->shadow);
  if (put(curl, handle))
    return handle;
  free(handle);
  return NULL;
}

struct handle *table_add_copy(CURL *copy, const struct handle *from) {
  struct handle *handle = table_add(copy, from->library);

  if (call_of(from)) /* libcurl copied our callbacks */
    options_give_back(from->call, copy);
  if (!handle || shadow_copy(&handle->shadow, &from->shadow))
    return handle;
  table_remove(copy);
  return NULL;
}

struct handle *table_forget(CURL *curl) {
  return take_out(curl);
}

void table_remove(CURL *curl) {
  struct handle *handle = table_forget(curl);

  if (!handle)
    return;
  table_empty(handle);
  free(handle);
}

/* A third kind of key. */
static const void *key_of_stranger(const CURL *curl) {
  return curl ? (const char *)curl + 2 : NULL;
}

bool table_reserve_stranger(const CURL *curl) {
  const void *key = key_of_stranger(curl);

  return !key || node_of(key) || put(key, NULL);
}

void table_add_stranger(const CURL *curl, struct multi *multi) {
  struct node *node = node_of(key_of_stranger(curl));

  if (node) /* it was reserved */
    node->row = multi;
  else
    (void)put(key_of_stranger(curl), multi);
}

struct multi *table_take_stranger(const CURL *curl) {
  return take_out(key_of_stranger(curl));
}

/* --- multi handles ---------------------------------------------------------
 */

/* Not even a stale row is ever taken for one of the other kind. */
static const void *key_of(const CURLM *real) {
  return real ? (const char *)real + 1 : NULL;
}

struct multi *table_find_multi(const CURLM *real) {
  const void *key = key_of(real);
  struct node *node = key ? node_of(key) : NULL;

  return node ? node->row : NULL;
}

void table_add_multi(CURLM *real, const struct library *library) {
  struct multi *multi = table_forget_multi(real);

  if (multi)
    multi_free(multi);
  multi = multi_make(library, real);
  if (multi && !put(key_of(real), multi))
    multi_free(multi);
}

void table_put_multi(CURLM *real, struct multi *multi) {
  (void)put(key_of(real), multi); /* without memory it is passed through */
}

struct multi *table_forget_multi(CURLM *real) {
  return take_out(key_of(real));
}
