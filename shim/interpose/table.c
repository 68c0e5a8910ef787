/* A fixed array of buckets, each a list of nodes that only grows. A node is
 * claimed for a handle by compare-and-swap of its key, and given up by
 * storing NULL. Two threads never look for the same handle at once unless the
 * program uses one handle in two threads, which libcurl forbids. */
#include "interpose/table.h"

#include "engine/call.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_BUCKETS 4096

struct node {
  _Atomic(CURL *) key; /* NULL: free */
  struct handle *handle;
  struct node *next; /* constant once published */
};

static _Atomic(struct node *) buckets[TABLE_BUCKETS];

/* The key of a node that is being filled: never a handle. */
static char claimed;

static _Atomic(struct node *) *bucket_of(const CURL *curl) {
  uint64_t hash = ((uintptr_t)curl >> 4) * 0x9e3779b97f4a7c15u;

  return &buckets[hash >> 52];
}

static struct node *node_of(CURL *curl) {
  struct node *node =
      atomic_load_explicit(bucket_of(curl), memory_order_acquire);

  while (node &&
         atomic_load_explicit(&node->key, memory_order_acquire) != curl)
    node = node->next;
  return node;
}

struct handle *table_find(CURL *curl) {
  struct node *node = curl ? node_of(curl) : NULL;

  return node ? node->handle : NULL;
}

/* A free node of the bucket, claimed; or a new one. */
static struct node *claim(CURL *curl) {
  _Atomic(struct node *) *bucket = bucket_of(curl);
  struct node *node = atomic_load(bucket);
  struct node *head;

  for (; node; node = node->next) {
    CURL *expected = NULL;
    if (atomic_compare_exchange_strong(&node->key, &expected,
                                       (CURL *)&claimed))
      return node;
  }
  node = calloc(1, sizeof(*node));
  if (!node)
    return NULL;
  atomic_init(&node->key, (CURL *)&claimed);
  head = atomic_load(bucket);
  do
    node->next = head;
  while (!atomic_compare_exchange_weak(bucket, &head, node));
  return node;
}

static void release(struct handle *handle) {
  call_free(handle->call);
  answers_free(&handle->answers);
  shadow_free(&handle->shadow);
  free(handle);
}

struct handle *table_add(CURL *curl, const struct library *library) {
  struct handle *handle;
  struct node *node;

  table_remove(curl);
  handle = calloc(1, sizeof(*handle));
  if (!handle)
    return NULL;
  handle->library = library;
  handle->curl = curl;
  shadow_reset(&handle->shadow);
  node = claim(curl);
  if (!node) {
    free(handle);
    return NULL;
  }
  node->handle = handle;
  atomic_store_explicit(&node->key, curl, memory_order_release);
  return handle;
}

struct handle *table_forget(CURL *curl) {
  struct node *node = curl ? node_of(curl) : NULL;
  struct handle *handle;

  if (!node)
    return NULL;
  handle = node->handle;
  node->handle = NULL;
  atomic_store_explicit(&node->key, NULL, memory_order_release);
  return handle;
}

void table_remove(CURL *curl) {
  struct handle *handle = table_forget(curl);

  if (handle)
    release(handle);
}
