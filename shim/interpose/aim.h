/* aim.h - what a call of the multi interface is on. libcurl calls most of it
 * itself, in each curl_easy_perform(): that goes straight back to it, as does
 * everything on a multi handle that we never saw being made.
 */
#ifndef CURLRETRY_AIM_H
#define CURLRETRY_AIM_H

#include "drive/table.h"
#include "interpose/entrance.h"

struct aim {
  const struct library *library; /* NULL: none is reached */
  struct multi *row;       /* NULL: it has none, or libcurl calls itself */
  struct multi *multi;     /* the row; NULL: it does nothing but hand
                              callbacks on */
  struct library borrowed; /* what `library` may point to */
};

/* Where no row says it. */
void aim_take_elsewhere(struct aim *aim, struct entrance from);

static inline void aim_take(struct aim *aim, struct entrance from,
                            CURLM *real) {
  struct multi *row = table_find_multi(real);

  aim->row = NULL;
  aim->multi = NULL;
  if (!row || entrance_is_forward(from, row->library) ||
      entrance_is_libcurl(from, row->library)) {
    aim_take_elsewhere(aim, from);
    return;
  }
  aim->library = row->library;
  aim->row = row;
  if (!row->is_driven || multi_is_active(row))
    aim->multi = row;
}

/* What libcurl refuses in its own callbacks, we do in those that we call
 * outside it. In a notification almost everything is allowed: `in_notify`,
 * this isn't. */
bool aim_is_refused(const struct aim *aim, struct entrance from,
                    bool in_notify);

/* Whether libcurl is to be asked alone: it called the caller, or nothing was
 * begun here. */
bool aim_is_libcurls(const struct aim *aim, struct entrance from);

#endif
