/* drive.h - the calls that move a multi handle's transfers: the engine's steps
 * around libcurl's own work. Nothing waits in them.
 */
#ifndef CURLRETRY_DRIVE_H
#define CURLRETRY_DRIVE_H

#include "drive/multi.h"

/* curl_multi_perform() and those of the socket interface. */
struct drive {
  enum drive_kind {
    DRIVE_PERFORM,
    DRIVE_SOCKET_ACTION,
    DRIVE_SOCKET_ALL,
    DRIVE_SOCKET
  } kind;
  curl_socket_t socket; /* of the two with one */
  int events;           /* curl_multi_socket_action()'s */
};

/* The real function alone. */
CURLMcode drive_real(const struct library *library, CURLM *multi,
                     const struct drive *drive, int *running);

/* Whether a multi handle of this process was driven that MULTI=0 left out. */
bool drive_was_left_out(void);

/* One drive call of the program: not from a callback. `running` and the result
 * are libcurl's; NULL is allowed. `frame`: of the interposed function. */
CURLMcode drive_run(struct multi *multi, const struct drive *drive,
                    int *running, const void *frame);

/* curl_easy_pause() on a member whose call runs, from anywhere. What a pause
 * left of a response is handed over at once. */
CURLcode drive_pause(struct member *member, int action, const void *frame);

/* curl_multi_info_read(); `left` as libcurl sets it. */
CURLMsg *drive_read(struct multi *multi, int *left);

#endif
