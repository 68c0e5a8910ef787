/* The functions of the multi interface; those that wait: entry_wait.c. */
#include "drive/blocking.h"
#include "drive/drive.h"
#include "drive/notify.h"
#include "drive/push.h"
#include "drive/table.h"
#include "drive/wake.h"
#include "interpose/aim.h"
#include "interpose/entry.h"

#include <errno.h>

CURLM *entry_multi_init(struct entrance from) {
  struct aim aim;
  CURLM *real;
  int saved;

  aim_take(&aim, from, NULL);
  real = aim.library && aim.library->multi_init ? aim.library->multi_init()
                                                : NULL;
  saved = errno;
  if (real && aim.library != &aim.borrowed &&
      !entrance_is_libcurl(from, aim.library) && !caller_has_rival())
    table_add_multi(real, aim.library);
  errno = saved;
  return real;
}

/* While libcurl may call the program back for sockets and timers. */
static struct mark enter(struct multi *multi, struct entrance from) {
  const struct mark before = multi->mark;

  if (!multi_is_nested(multi, from.frame)) {
    multi->mark = mark_here(from.frame);
    multi->guard = GUARD_LIBCURL;
  }
  return before;
}

static void leave(struct multi *multi, struct entrance from,
                  struct mark before) {
  if (multi->mark.frame != from.frame)
    return; /* it was in a callback */
  multi->mark = before;
  if (!multi_is_nested(multi, from.frame))
    multi->mark.frame = NULL; /* what a longjmp left */
}

/* The row dies after the real handle: that calls callbacks to the last. */
CURLMcode entry_multi_cleanup(struct entrance from, CURLM *real) {
  struct aim aim;
  struct multi *multi;
  CURLMcode code;

  aim_take(&aim, from, real);
  if (!aim.library || !aim.library->multi_cleanup)
    return CURLM_INTERNAL_ERROR;
  if (aim_is_refused(&aim, from, GUARD_NOTIFY))
    return CURLM_RECURSIVE_API_CALL;
  multi = aim_row(&aim, from, real);
  if (!multi || multi_is_nested(multi, from.frame))
    return aim.library->multi_cleanup(real);
  multi_forget_all(multi);
  multi = table_forget_multi(real); /* its address may be reused at once */
  (void)enter(multi, from);
  code = aim.library->multi_cleanup(real);
  multi_free(multi);
  return code;
}

CURLMcode entry_multi_add_handle(struct entrance from, CURLM *real,
                                 CURL *curl) {
  struct handle *handle;
  struct mark before;
  struct aim aim;
  CURLMcode code;

  aim_take(&aim, from, real);
  if (!aim.library || !aim.library->multi_add_handle)
    return CURLM_INTERNAL_ERROR;
  if (aim_is_refused(&aim, from, GUARD_OURS))
    return CURLM_RECURSIVE_API_CALL;
  handle = entrance_is_libcurl(from, aim.library) ? NULL : table_find(curl);
  /* one that a longjmp left in a call must not bring our callbacks along */
  if (handle && !handle->member && blocking_release(handle, from.frame))
    answers_forget(&handle->answers);
  if (!aim.multi)
    return aim.library->multi_add_handle(real, curl);
  before = enter(aim.multi, from);
  code = aim.library->multi_add_handle(real, curl);
  leave(aim.multi, from, before);
  if (code)
    return code;
  if (handle && !handle->member)
    (void)multi_join(aim.multi, handle);
  if (before.frame && aim.multi->guard == GUARD_NOTIFY)
    aim.multi->late++;
  return code;
}

/* The transfer isn't the program's any more: it is as it left it. */
static void part(struct multi *multi, struct handle *handle, CURL *curl) {
  struct member *member = handle ? handle->member : NULL;

  if (member && member->multi == multi) {
    if (multi->mark.frame && multi->guard == GUARD_NOTIFY &&
        member->state <= MEMBER_RUNNING)
      multi->late--;
    multi_leave(member);
  } else if (multi->strangers) {
    multi_forget_stranger(multi, curl);
  }
}

CURLMcode entry_multi_remove_handle(struct entrance from, CURLM *real,
                                    CURL *curl) {
  struct mark before;
  struct aim aim;
  CURLMcode code;

  aim_take(&aim, from, real);
  if (!aim.library || !aim.library->multi_remove_handle)
    return CURLM_INTERNAL_ERROR;
  if (aim_is_refused(&aim, from, GUARD_OURS))
    return CURLM_RECURSIVE_API_CALL;
  if (!aim.multi)
    return aim.library->multi_remove_handle(real, curl);
  before = enter(aim.multi, from);
  code = aim.library->multi_remove_handle(real, curl);
  leave(aim.multi, from, before);
  if (!code)
    part(aim.multi, table_find(curl), curl);
  return code;
}

/* --- drive calls -----------------------------------------------------------
 */

static CURLMcode drive(struct entrance from, CURLM *real,
                       const struct drive *drive, int *running) {
  struct aim aim;

  aim_take(&aim, from, real);
  if (!aim.library || !aim.library->multi_perform)
    return CURLM_INTERNAL_ERROR;
  if (aim_is_refused(&aim, from, GUARD_NOTIFY))
    return CURLM_RECURSIVE_API_CALL;
  if (!aim.multi || multi_is_nested(aim.multi, from.frame))
    return drive_real(aim.library, real, drive, running);
  return drive_run(aim.multi, drive, running, from.frame);
}

CURLMcode entry_multi_perform(struct entrance from, CURLM *real,
                              int *running) {
  return drive(from, real, &(struct drive){.kind = DRIVE_PERFORM}, running);
}

CURLMcode entry_multi_socket_action(struct entrance from, CURLM *real,
                                    curl_socket_t socket, int events,
                                    int *running) {
  return drive(from, real,
               &(struct drive){DRIVE_SOCKET_ACTION, socket, events}, running);
}

CURLMcode entry_multi_socket_all(struct entrance from, CURLM *real,
                                 int *running) {
  return drive(from, real, &(struct drive){.kind = DRIVE_SOCKET_ALL}, running);
}

CURLMcode entry_multi_socket(struct entrance from, CURLM *real,
                             curl_socket_t socket, int *running) {
  return drive(from, real, &(struct drive){DRIVE_SOCKET, socket, 0}, running);
}

CURLMsg *entry_multi_info_read(struct entrance from, CURLM *real, int *left) {
  struct aim aim;

  aim_take(&aim, from, real);
  if (!aim.library || !aim.library->multi_info_read)
    return NULL;
  if (!aim.multi || !multi_is_active(aim.multi))
    return aim.library->multi_info_read(real, left);
  if (multi_is_nested(aim.multi, from.frame) &&
      aim.multi->guard != GUARD_NOTIFY &&
      aim.library->version < LIBRARY_GUARDED) {
    *left = 0;
    return NULL;
  }
  return drive_read(aim.multi, left);
}

/* --- options ---------------------------------------------------------------
 */

/* The argument of a callback of ours, which is given the row. */
static CURLMcode keep_data(struct multi *multi, CURLMoption option,
                           void **place, void *data) {
  CURLMcode code = multi->library->multi_setopt(multi->real, option, multi);

  if (!code)
    *place = data;
  return code;
}

CURLMcode entry_multi_setopt(struct entrance from, CURLM *real,
                             CURLMoption option, void *argument) {
  struct multi *multi;
  struct aim aim;

  aim_take(&aim, from, real);
  multi = aim_row(&aim, from, real);
  if (!aim.library || !aim.library->multi_setopt)
    return CURLM_INTERNAL_ERROR;
  if (aim_is_refused(&aim, from, GUARD_OURS))
    return CURLM_RECURSIVE_API_CALL;
  switch (multi ? (int)option : 0) {
  case CURLMOPT_TIMERFUNCTION:
    return wake_set_timer(multi,
                          (curl_multi_timer_callback)(uintptr_t)argument);
  case CURLMOPT_TIMERDATA:
    return keep_data(multi, option, &multi->timer.data, argument);
  case CURLMOPT_PUSHFUNCTION:
    return push_set(multi, (curl_push_callback)(uintptr_t)argument);
  case CURLMOPT_PUSHDATA:
    return keep_data(multi, option, &multi->push_data, argument);
  case NOTIFY_FUNCTION:
    return notify_set(multi, (notify_callback)(uintptr_t)argument);
  case NOTIFY_DATA:
    return keep_data(multi, option, &multi->notify.data, argument);
  default:
    return aim.library->multi_setopt(real, option, argument);
  }
}

CURLMcode entry_multi_notify_enable(struct entrance from, CURLM *real,
                                    unsigned notification) {
  struct multi *multi;
  struct aim aim;

  aim_take(&aim, from, real);
  if (!aim.library || !aim.library->multi_notify_enable)
    return CURLM_INTERNAL_ERROR;
  multi = aim_row(&aim, from, real);
  return multi ? notify_enable(multi, notification)
               : aim.library->multi_notify_enable(real, notification);
}

CURLMcode entry_multi_notify_disable(struct entrance from, CURLM *real,
                                     unsigned notification) {
  struct multi *multi;
  struct aim aim;

  aim_take(&aim, from, real);
  if (!aim.library || !aim.library->multi_notify_disable)
    return CURLM_INTERNAL_ERROR;
  multi = aim_row(&aim, from, real);
  return multi ? notify_disable(multi, notification)
               : aim.library->multi_notify_disable(real, notification);
}
