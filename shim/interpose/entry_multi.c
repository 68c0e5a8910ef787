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
  if (real && aim.library != &aim.borrowed && library_has_multi(aim.library) &&
      !entrance_is_libcurl(from, aim.library) && !caller_has_rival())
    table_add_multi(real, aim.library);
  errno = saved;
  return real;
}

/* Messages of handles that aren't members. */
static void forget_strangers(const struct multi *multi) {
  for (int state = MEMBER_ENDED; state <= MEMBER_READ; state++)
    for (const struct member *member = multi->lists[state].first; member;
         member = member->next)
      if (!member->handle)
        (void)table_take_stranger(member->message.easy_handle);
}

/* The row dies after the real handle, which calls callbacks to the last; and
 * stays, with all in it, where libcurl refuses. */
CURLMcode entry_multi_cleanup(struct entrance from, CURLM *real) {
  struct aim aim;
  struct multi *multi;
  struct stand before;
  CURLMcode code;

  aim_take(&aim, from, real);
  if (!aim.library || !aim.library->multi_cleanup)
    return CURLM_INTERNAL_ERROR;
  if (aim_is_refused(&aim, from, true))
    return CURLM_RECURSIVE_API_CALL;
  multi = aim.row;
  if (!multi || multi_is_nested(multi, from.frame))
    return aim.library->multi_cleanup(real);
  (void)table_forget_multi(real); /* its address may be reused at once */
  before = multi_enter(multi, GUARD_LIBCURL, from.frame);
  multi_let_ended_go(multi);
  code = aim.library->multi_cleanup(real);
  multi_return(multi, before);
  if (code) {
    table_put_multi(real, multi);
    return code;
  }
  forget_strangers(multi);
  multi_free(multi);
  return code;
}

/* The same refusals in libcurl's order: up to 8.21 it looks at the handle
 * first. */
static CURLMcode refusal(const struct aim *aim, bool is_sooner,
                         CURLMcode sooner) {
  return is_sooner && aim->library->version < LIBRARY_GUARDED
             ? sooner
             : CURLM_RECURSIVE_API_CALL;
}

/* Whether there is memory for the message of one more. If not, and nothing
 * would be lost by it, all are passed through from now on: a message that
 * can't be told keeps its program waiting. */
static bool has_room(struct multi *multi, const struct handle *handle,
                     const CURL *curl) {
  if (multi_has_room(multi) && (handle || table_reserve_stranger(curl)))
    return true;
  if (multi->members > multi_list(multi, MEMBER_FRESH)->count)
    return false;
  multi->is_driven = true;
  multi->policy = NULL;
  multi_forget_all(multi);
  return true;
}

CURLMcode entry_multi_add_handle(struct entrance from, CURLM *real,
                                 CURL *curl) {
  struct handle *handle;
  struct stand before;
  struct aim aim;
  CURLMcode code;

  aim_take(&aim, from, real);
  if (!aim.library || !aim.library->multi_add_handle)
    return CURLM_INTERNAL_ERROR;
  handle = entrance_is_libcurl(from, aim.library) ? NULL : table_find(curl);
  if (aim_is_refused(&aim, from, false))
    return refusal(&aim, handle && handle->member, CURLM_ADDED_ALREADY);
  /* one that a longjmp left in a call must not bring our callbacks along */
  if (handle && !handle->member && blocking_release(handle, from.frame))
    answers_forget(&handle->answers);
  if (!aim.multi)
    return aim.library->multi_add_handle(real, curl);
  if (!has_room(aim.multi, handle, curl))
    return CURLM_OUT_OF_MEMORY;
  before = multi_enter(aim.multi, GUARD_LIBCURL, from.frame);
  code = aim.library->multi_add_handle(real, curl);
  multi_return(aim.multi, before);
  if (code)
    return code;
  if (!handle || (!handle->member && !multi_join(aim.multi, handle)))
    aim.multi->has_strangers = true;
  if (before.mark.frame && before.guard == GUARD_NOTIFY)
    aim.multi->late++;
  return CURLM_OK;
}

/* The transfer isn't the program's any more: it is as it left it. */
static void part(struct multi *multi, const struct handle *handle,
                 const CURL *curl) {
  struct member *member = handle ? handle->member : NULL;

  if (member && member->multi == multi) {
    if (multi->mark.frame && multi->guard == GUARD_NOTIFY &&
        member->state <= MEMBER_RUNNING)
      multi->late--;
    multi_leave(member);
  } else if (multi->strangers) {
    (void)table_take_stranger(curl);
    multi_forget_stranger(multi, curl);
  }
}

CURLMcode entry_multi_remove_handle(struct entrance from, CURLM *real,
                                    CURL *curl) {
  const struct handle *handle;
  struct stand before;
  struct aim aim;
  CURLMcode code;

  aim_take(&aim, from, real);
  if (!aim.library || !aim.library->multi_remove_handle)
    return CURLM_INTERNAL_ERROR;
  if (!aim.multi)
    return aim.library->multi_remove_handle(real, curl);
  handle = table_find(curl);
  if (aim_is_refused(&aim, from, false))
    return refusal(&aim, handle && !handle->member, CURLM_OK);
  before = multi_enter(aim.multi, GUARD_LIBCURL, from.frame);
  code = aim.library->multi_remove_handle(real, curl);
  multi_return(aim.multi, before);
  /* the other is the timer callback's, after the removal */
  if (code == CURLM_OK || code == CURLM_ABORTED_BY_CALLBACK)
    part(aim.multi, handle, curl);
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
  if (aim_is_refused(&aim, from, true))
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
  multi = aim.row;
  if (!aim.library || !aim.library->multi_setopt)
    return CURLM_INTERNAL_ERROR;
  if (aim_is_refused(&aim, from, false))
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
  case CURLMOPT_NOTIFYFUNCTION:
    return notify_set(multi, (notify_callback)(uintptr_t)argument);
  case CURLMOPT_NOTIFYDATA:
    return keep_data(multi, option, &multi->notify.data, argument);
  default:
    return aim.library->multi_setopt(real, option, argument);
  }
}

CURLMcode entry_multi_notify_enable(struct entrance from, CURLM *real,
                                    unsigned notification) {
  struct aim aim;

  aim_take(&aim, from, real);
  if (!aim.library || !aim.library->multi_notify_enable)
    return CURLM_INTERNAL_ERROR;
  return aim.row ? notify_enable(aim.row, notification)
                 : aim.library->multi_notify_enable(real, notification);
}

CURLMcode entry_multi_notify_disable(struct entrance from, CURLM *real,
                                     unsigned notification) {
  struct aim aim;

  aim_take(&aim, from, real);
  if (!aim.library || !aim.library->multi_notify_disable)
    return CURLM_INTERNAL_ERROR;
  return aim.row ? notify_disable(aim.row, notification)
                 : aim.library->multi_notify_disable(real, notification);
}
