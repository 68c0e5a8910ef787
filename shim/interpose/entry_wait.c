/* Functions of the multi interface that wait for transfers, or count them. */
#include "drive/wake.h"
#include "interpose/aim.h"
#include "interpose/entry.h"

/* CURLMINFO_XFERS_... */
#define XFERS_RUNNING 2
#define XFERS_DONE 4
#define XFERS_ADDED 5

CURLMcode entry_multi_timeout(struct entrance from, CURLM *real,
                              long *timeout) {
  struct aim aim;

  aim_take(&aim, from, real);
  if (!aim.library || !aim.library->multi_timeout)
    return CURLM_INTERNAL_ERROR;
  if (aim_is_refused(&aim, from, false))
    return CURLM_RECURSIVE_API_CALL;
  return aim_is_libcurls(&aim, from)
             ? aim.library->multi_timeout(real, timeout)
             : wake_timeout(aim.multi, timeout);
}

CURLMcode entry_multi_wait(struct entrance from, CURLM *real,
                           struct curl_waitfd *extra, unsigned count,
                           int timeout, int *ready) {
  struct aim aim;

  aim_take(&aim, from, real);
  if (!aim.library || !aim.library->multi_wait)
    return CURLM_INTERNAL_ERROR;
  if (aim_is_refused(&aim, from, false))
    return CURLM_RECURSIVE_API_CALL;
  return aim_is_libcurls(&aim, from)
             ? aim.library->multi_wait(real, extra, count, timeout, ready)
             : wake_wait(aim.multi, extra, count, timeout, ready);
}

CURLMcode entry_multi_poll(struct entrance from, CURLM *real,
                           struct curl_waitfd *extra, unsigned count,
                           int timeout, int *ready) {
  struct aim aim;

  aim_take(&aim, from, real);
  if (!aim.library || !aim.library->multi_poll)
    return CURLM_INTERNAL_ERROR;
  if (aim_is_refused(&aim, from, false))
    return CURLM_RECURSIVE_API_CALL;
  return aim_is_libcurls(&aim, from)
             ? aim.library->multi_poll(real, extra, count, timeout, ready)
             : wake_poll(aim.multi, extra, count, timeout, ready);
}

CURLMcode entry_multi_fdset(struct entrance from, CURLM *real, fd_set *reading,
                            fd_set *writing, fd_set *exceptional,
                            int *highest) {
  struct aim aim;

  aim_take(&aim, from, real);
  if (!aim.library || !aim.library->multi_fdset)
    return CURLM_INTERNAL_ERROR;
  if (aim_is_refused(&aim, from, false))
    return CURLM_RECURSIVE_API_CALL;
  return aim_is_libcurls(&aim, from)
             ? aim.library->multi_fdset(real, reading, writing, exceptional,
                                        highest)
             : wake_fdset(aim.multi, reading, writing, exceptional, highest);
}

CURLMcode entry_multi_waitfds(struct entrance from, CURLM *real,
                              struct curl_waitfd *fds, unsigned size,
                              unsigned *count) {
  struct aim aim;

  aim_take(&aim, from, real);
  if (!aim.library || !aim.library->multi_waitfds)
    return CURLM_INTERNAL_ERROR;
  if (aim_is_refused(&aim, from, false))
    return CURLM_RECURSIVE_API_CALL;
  return aim_is_libcurls(&aim, from)
             ? aim.library->multi_waitfds(real, fds, size, count)
             : wake_waitfds(aim.multi, fds, size, count);
}

/* Transfers as the program has them: those that wait run, and are no new ones.
 */
CURLMcode entry_multi_get_offt(struct entrance from, CURLM *real,
                               CURLMinfo_offt info, curl_off_t *value) {
  struct aim aim;
  CURLMcode code;
  int undecided;

  aim_take(&aim, from, real);
  if (!aim.library || !aim.library->multi_get_offt)
    return CURLM_INTERNAL_ERROR;
  code = aim.library->multi_get_offt(real, info, value);
  if (code || !aim.multi)
    return code;
  undecided = multi_undecided(aim.multi);
  switch ((int)info) {
  case XFERS_RUNNING:
    *value += undecided;
    break;
  case XFERS_DONE:
    *value -= undecided;
    break;
  case XFERS_ADDED:
    *value -= aim.multi->restarted;
    break;
  default:
    break;
  }
  return code;
}
