/* callback.h - calling the program's own callbacks as libcurl would, defaults
 * included. The only file that does. A refusal is the caller's to record.
 */
#ifndef CURLRETRY_CALLBACK_H
#define CURLRETRY_CALLBACK_H

#include "program/shadow.h"

#include <stdio.h> /* FILE: libcurl's defaults */

/* One step of a response, on its way from libcurl's callback to the
 * program's. */
enum event_kind {
  EVENT_HEADER, /* a line for the header callback */
  EVENT_COPY,   /* CURLOPT_HEADER: a line for the write callback */
  EVENT_BODY
};

struct event {
  enum event_kind kind;
  char *bytes; /* not owned */
  size_t length;
};

/* Whether header lines reach the program at all (CURLOPT_HEADERDATA(3)). */
static inline bool callback_wants_headers(const struct shadow *shadow) {
  return shadow->held.header || shadow->held.header_data;
}

/* Whether anything of a header block does. */
static inline bool callback_wants_events(const struct shadow *shadow) {
  return callback_wants_headers(shadow) || shadow->includes_header;
}

/* Hand an event over. Returns what the callback did: `event->length`,
 * CURL_WRITEFUNC_PAUSE, or anything else for a refusal. */
size_t callback_event(const struct shadow *shadow, const struct event *event);

/* The source of an upload, as set when the call began: libcurl, too, keeps
 * what it began with. */
struct reader {
  curl_read_callback function;
  void *data;
  FILE *file; /* `data` where libcurl's own reader or fread() is used */
};

struct reader callback_reader(const struct shadow *shadow);

/* CURLOPT_READFUNCTION(3): arguments and result. */
size_t callback_read(const struct reader *reader, char *buffer, size_t size,
                     size_t count);

/* Whether the program can rewind its source: SEEKFUNCTION, IOCTLFUNCTION. */
static inline bool callback_has_seek(const struct shadow *shadow) {
  return shadow->held.seek || shadow->held.ioctl;
}

/* The program's own rewind, as libcurl asks for it (lib/sendf.c). `curl` is
 * the handle for its ioctl callback. A CURL_SEEKFUNC_ value. */
int callback_seek(const struct shadow *shadow, CURL *curl, curl_off_t offset,
                  int origin);

/* Whether the program set a progress callback and wants it called. */
static inline bool callback_wants_progress(const struct shadow *shadow) {
  return !shadow->held.no_progress &&
         (shadow->held.xferinfo || shadow->held.progress);
}

/* Call it, where there is one, with dltotal, dlnow, ultotal, ulnow. 0 or
 * CURL_PROGRESSFUNC_CONTINUE to go on; anything else is a refusal. */
int callback_progress(const struct shadow *shadow, const curl_off_t at[4]);

/* CURLOPT_PREREQFUNCTION(3), where there is one. */
int callback_prerequest(const struct shadow *shadow, char *remote, char *local,
                        int remote_port, int local_port);

/* CURLOPT_OPENSOCKETFUNCTION(3). */
curl_socket_t callback_open_socket(const struct shadow *shadow,
                                   curlsocktype purpose,
                                   struct curl_sockaddr *address);

#endif
