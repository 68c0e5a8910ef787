#include "interpose/aim.h"

#include "drive/table.h"

static __attribute__((noinline)) void take_elsewhere(struct aim *aim,
                                                     struct entrance from) {
  aim->library = entrance_library(from, &aim->borrowed);
}

void aim_take(struct aim *aim, struct entrance from, CURLM *real) {
  struct multi *row = table_find_multi(real);

  aim->row = NULL;
  aim->multi = NULL;
  if (!row || entrance_is_forward(from, row->library) ||
      entrance_is_libcurl(from, row->library)) {
    take_elsewhere(aim, from);
    return;
  }
  aim->library = row->library;
  aim->row = row;
  if (!row->is_driven || multi_is_active(row))
    aim->multi = row;
}

bool aim_is_refused(const struct aim *aim, struct entrance from,
                    bool in_notify) {
  const struct multi *multi = aim->multi;

  return multi && multi_is_nested(multi, from.frame) &&
         multi->guard != GUARD_LIBCURL &&
         (multi->guard != GUARD_NOTIFY || in_notify);
}

bool aim_is_libcurls(const struct aim *aim, struct entrance from) {
  return !aim->multi || !multi_is_active(aim->multi) ||
         (multi_is_nested(aim->multi, from.frame) &&
          aim->multi->guard == GUARD_LIBCURL);
}
