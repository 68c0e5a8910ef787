/* The plans in use, by key, and how far each has got. Parsed plans are never
   freed while the server runs: a connection may still point into one. */
#include "plans.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLANS_MAX 8192

struct entry {
  char *key;
  char *text;
  bool is_stored; /* by PUT /_plan/KEY, or else written in a URL */
  bool is_replaced;
  struct plan *plan;
  uint64_t taken;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct entry *entries[PLANS_MAX];
static size_t entry_count;

/* The entry of KEY: the stored one, or that of TEXT; NULL when new. */
static struct entry *find(const char *key, const char *text) {
  struct entry *found = NULL;

  for (size_t i = 0; i < entry_count; i++) {
    struct entry *entry = entries[i];

    if (entry->is_replaced || strcmp(entry->key, key) != 0)
      continue;
    if (entry->is_stored)
      return entry;
    if (text && strcmp(entry->text, text) == 0)
      found = entry;
  }
  return found;
}

static struct entry *add(const char *key, const char *text, bool is_stored,
                         char *error) {
  struct entry *entry = calloc(1, sizeof *entry);

  if (!entry)
    abort();
  if (entry_count == PLANS_MAX)
    snprintf(error, PLAN_ERROR_SIZE, "more than %d plans", PLANS_MAX);
  else
    entry->plan = plan_parse(text, error);
  if (!entry->plan) {
    free(entry);
    return NULL;
  }
  entry->key = strdup(key);
  entry->text = strdup(text);
  entry->is_stored = is_stored;
  entries[entry_count++] = entry;
  return entry;
}

bool plans_store(const char *key, const char *text,
                 char error[PLAN_ERROR_SIZE]) {
  struct entry *old;
  struct entry *entry;

  pthread_mutex_lock(&lock);
  old = find(key, NULL);
  entry = add(key, text, true, error);
  if (entry && old)
    old->is_replaced = true;
  pthread_mutex_unlock(&lock);
  return entry != NULL;
}

bool plans_take(const char *key, const char *inline_text, struct turn *turn,
                char error[PLAN_ERROR_SIZE]) {
  struct entry *entry;

  pthread_mutex_lock(&lock);
  entry = find(key, inline_text);
  if (!entry && inline_text)
    entry = add(key, inline_text, false, error);
  else if (!entry)
    snprintf(error, PLAN_ERROR_SIZE, "no plan for key '%.80s'", key);
  if (entry) {
    turn->step = plan_step(entry->plan, entry->taken);
    turn->number = ++entry->taken;
    turn->entry = entry;
  }
  pthread_mutex_unlock(&lock);
  return entry != NULL;
}

void plans_give_back(struct turn *turn) {
  struct entry *entry = turn->entry;

  pthread_mutex_lock(&lock);
  entry->taken--;
  pthread_mutex_unlock(&lock);
}
