/* event.h - what happened, as logs and traces tell it. Plain data: the engine
 * fills it in, log.c and trace.c write it.
 */
#ifndef CURLRETRY_EVENT_H
#define CURLRETRY_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#define EVENT_HOST_SIZE 264    /* a name of DNS, a port */
#define EVENT_PEER_SIZE 64     /* an address, a port */
#define EVENT_MESSAGE_SIZE 256 /* libcurl's error text: CURL_ERROR_SIZE */

/* Who an attempt was with. */
struct event_place {
  char host[EVENT_HOST_SIZE];  /* of the hop that failed or answered, and its
                                  port; "": unknown */
  char peer[EVENT_PEER_SIZE];  /* the address connected to; "": none */
  char proxy[EVENT_HOST_SIZE]; /* "": none */
  bool at_proxy;               /* it was the proxy that failed */
};

/* An attempt that ended. */
struct attempt_event {
  uint64_t call;             /* unique in its process */
  unsigned attempt;          /* 1 is the first */
  const char *method;        /* NULL: unknown, as for the other texts */
  const char *url;           /* as the program gave it */
  const char *effective_url; /* of the hop */
  struct event_place place;
  char message[EVENT_MESSAGE_SIZE]; /* libcurl's own; "": none */
  const char *class;                /* NULL: no failure */
  const char *http_version;         /* "1.1" */
  int code;                         /* CURLcode; -1: it was taken away */
  int status;                       /* 0: none */
  bool is_elsewhere;                /* a redirect led to effective_url */
  bool is_reused;                   /* the connection was there already */
  bool is_injected;
  int64_t dns_us; /* -1: unknown, or there was none; as for all of them */
  int64_t connect_us;
  int64_t tls_us;
  int64_t first_byte_us; /* since the request could be sent */
  int64_t total_us;
  int64_t sent;         /* bytes of the request's body */
  int64_t received;     /* of the response's */
  int64_t held;         /* of headers and body, at the end */
  int64_t replayed;     /* of the request's body, from the snapshot */
  int64_t resumed_from; /* -1: it was no resume */

  /* The policy's answer. */
  bool is_retry;
  const char *reason;     /* why it isn't retried; NULL: nothing failed */
  int64_t delay_ms;       /* -1: no retry */
  int64_t retry_after_ms; /* -1: none */
};

/* A call that ended. */
struct call_event {
  uint64_t call;
  const char *method;
  const char *url;
  const struct event_place *place; /* of the attempt that decided about it: the
                                      last that failed, else the last; NULL:
                                      not known */
  const char *class;               /* that attempt's; NULL: none failed */
  const char *outcome;             /* "ok", "rescued", "failed", "program" */
  int code;                        /* -1: it was taken away */
  int status;                      /* 0: none */
  int judged;                      /* of class "status"; else 0 */
  unsigned attempts;
  int64_t waited_ms;
  int64_t total_us;
  int64_t up; /* bytes of bodies, of all attempts */
  int64_t down;
  bool is_multi;
};

#endif
