#include "drive/notify.h"

#include "drive/table.h"

#define INFO_READ 0u
#define EASY_DONE 1u

static bool is_enabled(const struct multi *multi, unsigned notification) {
  return multi->notify.callback &&
         (multi->notify.enabled & 1u << notification);
}

/* libcurl's own: of a member's end the program hears later. */
static void on_notify(CURLM *real, unsigned notification, CURL *easy,
                      void *data) {
  struct multi *multi = data;
  const struct handle *handle;

  if (multi_is_active(multi) && notification == INFO_READ) {
    multi->notify.admin = easy;
    return;
  }
  handle = multi_is_active(multi) && notification == EASY_DONE
               ? table_find(easy)
               : NULL;
  if (handle && handle->member && handle->member->multi == multi)
    return;
  if (notification > EASY_DONE || is_enabled(multi, notification))
    multi->notify.callback(real, notification, easy, multi->notify.data);
}

CURLMcode notify_set(struct multi *multi, notify_callback callback) {
  const struct library *library = multi->library;
  CURLMcode code = library->multi_setopt(multi->real, CURLMOPT_NOTIFYFUNCTION,
                                         callback ? on_notify : NULL);

  if (code)
    return code;
  multi->notify.callback = callback;
  (void)library->multi_setopt(multi->real, CURLMOPT_NOTIFYDATA, multi);
  if (library->multi_notify_enable)
    (void)library->multi_notify_enable(multi->real, INFO_READ);
  return CURLM_OK;
}

CURLMcode notify_enable(struct multi *multi, unsigned notification) {
  CURLMcode code =
      multi->library->multi_notify_enable(multi->real, notification);

  if (!code && notification <= EASY_DONE)
    multi->notify.enabled |= 1u << notification;
  return code;
}

CURLMcode notify_disable(struct multi *multi, unsigned notification) {
  if (notification == INFO_READ) { /* we want to hear of it */
    multi->notify.enabled &= ~1u;
    return CURLM_OK;
  }
  if (notification == EASY_DONE)
    multi->notify.enabled &= ~2u;
  return multi->library->multi_notify_disable(multi->real, notification);
}

static void tell(struct multi *multi, unsigned notification, CURL *easy) {
  const enum guard guard = multi->guard;

  if (!is_enabled(multi, notification))
    return;
  multi->guard = GUARD_NOTIFY;
  multi->notify.callback(multi->real, notification, easy, multi->notify.data);
  multi->guard = guard;
}

void notify_posted(struct member *member) {
  struct multi *multi = member->multi;
  bool was_empty = multi_list(multi, MEMBER_QUEUED)->count == 1;

  if (member->handle) /* of others libcurl has told itself */
    tell(multi, EASY_DONE, member->message.easy_handle);
  if (was_empty)
    tell(multi, INFO_READ, multi->notify.admin);
}
