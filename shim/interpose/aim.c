#include "interpose/aim.h"

void aim_take_elsewhere(struct aim *aim, struct entrance from) {
  aim->library = entrance_library(from, &aim->borrowed);
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
