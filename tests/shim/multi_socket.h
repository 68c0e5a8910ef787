/* multi_socket.h - what the loops around curl_multi_socket_action() share. */
#ifndef CURLRETRY_SHIM_MULTI_SOCKET_H
#define CURLRETRY_SHIM_MULTI_SOCKET_H

#include "multi_loop.h"

/* NULL, or called in each callback of the loop's before it. */
extern void (*loop_hook)(bool is_timer);

/* libcurl is to tell the loop; the callbacks' data is the drive. */
void socket_listen(struct drive *drive, curl_socket_callback on_socket,
                   curl_multi_timer_callback on_timer);

/* curl_multi_socket_action() */
void socket_act(struct drive *drive, curl_socket_t socket, int events);

/* The loops: epoll's also for curl_multi_socket_all(). */
void epoll_open(struct drive *drive);
void epoll_run(struct drive *drive);
void epoll_run_all(struct drive *drive);
void epoll_close(struct drive *drive);
void event_open(struct drive *drive); /* libevent */
void event_run(struct drive *drive);
void event_close(struct drive *drive);
void glib_open(struct drive *drive);
void glib_run(struct drive *drive);
void glib_close(struct drive *drive);

#endif
