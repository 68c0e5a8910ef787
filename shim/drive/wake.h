/* wake.h - what brings the program's loop back in time, in each of the ways
 * that it may wait. Arguments and results are libcurl's.
 */
#ifndef CURLRETRY_WAKE_H
#define CURLRETRY_WAKE_H

#include "drive/multi.h"

/* curl_multi_timeout() */
CURLMcode wake_timeout(struct multi *multi, long *timeout);

/* curl_multi_wait(), curl_multi_poll() */
CURLMcode wake_wait(struct multi *multi, struct curl_waitfd *extra,
                    unsigned count, int timeout, int *ready);
CURLMcode wake_poll(struct multi *multi, struct curl_waitfd *extra,
                    unsigned count, int timeout, int *ready);

/* curl_multi_fdset(), curl_multi_waitfds() */
CURLMcode wake_fdset(struct multi *multi, fd_set *reading, fd_set *writing,
                     fd_set *exceptional, int *highest);
CURLMcode wake_waitfds(struct multi *multi, struct curl_waitfd *fds,
                       unsigned size, unsigned *count);

/* CURLMOPT_TIMERFUNCTION; NULL: none. */
CURLMcode wake_set_timer(struct multi *multi,
                         curl_multi_timer_callback callback);

/* The program's timer has fired, maybe a little early: it is told anew. */
void wake_fired(struct multi *multi);

/* After a change of clocks: where the program has a timer callback, it is told
 * when ours comes before libcurl's. CURLM_ABORTED_BY_CALLBACK: it refused. */
CURLMcode wake_tell_timer(struct multi *multi);
static inline CURLMcode wake_tell(struct multi *multi) {
  return multi->timer.callback ? wake_tell_timer(multi) : CURLM_OK;
}

#endif
