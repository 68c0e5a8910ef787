/* list.h - comma separated lists: `!` negates, later entries win, and a list
 * that begins with a negation takes away from something.
 */
#ifndef CURLRETRY_LIST_H
#define CURLRETRY_LIST_H

#include "slice.h"

/* A walk through a list, with the answer of the entries walked so far. */
struct list {
  struct slice rest;
  struct slice entry; /* the one at hand, trimmed and without its `!` */
  bool is_negated;    /* it has a `!` */
  bool is_selected;   /* before the first entry: whether that one is negated;
                         who means less than "everything" by it changes it */
};

/* Before the first entry of `text`. An empty list has one empty entry. */
struct list list_of(struct slice text);

/* Go to the next entry. False at the end. */
bool list_next(struct list *list);

/* If the entry at hand matches what is asked, it decides so far. */
void list_decide(struct list *list, bool is_match);

/* Store a list without the blanks around its entries, zero-terminated; never
 * longer than `list` is. */
void list_store(char *text, struct slice list);

#endif
