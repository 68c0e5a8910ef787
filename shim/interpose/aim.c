#include "interpose/aim.h"

#include "drive/table.h"

static __attribute__((noinline)) void take_elsewhere(struct aim *aim,
                                                     struct entrance from) {
  aim->library = entrance_library(from, &aim->borrowed);
}

void aim_take(struct aim *aim, struct entrance from, CURLM *real) {
  struct multi *multi;

  aim->multi = NULL;
  multi = table_find_multi(real);
  if (!multi || entrance_is_forward(from, multi->library)) {
    take_elsewhere(aim, from);
    return;
  }
  aim->library = multi->library;
  if (!multi->is_driven || multi_is_active(multi))
    aim->multi = multi;
}

struct multi *aim_row(const struct aim *aim, struct entrance from,
                      CURLM *real) {
  struct multi *multi =
      !aim->library || entrance_is_libcurl(from, aim->library)
          ? NULL
          : table_find_multi(real);

  return multi && multi->library == aim->library ? multi : NULL;
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
