/* Source of the options: their manual pages. */
#include "engine/options_fault.h"

#include "engine/options_opener.h"
#include "engine/options_set.h"

#define UPLOAD_BUFFER 65536L /* libcurl's default */

void options_fault_set(struct call *call, const char *name,
                       curl_opensocket_callback open) {
  CURL *curl = call->handle->curl;
  setter set = setter_of(call);

  call->overrides.has_socket = true;
  call->overrides.has_attempt = true;
  (void)set(curl, CURLOPT_ABSTRACT_UNIX_SOCKET, name);
  (void)set(curl, CURLOPT_OPENSOCKETFUNCTION, open);
  (void)set(curl, CURLOPT_OPENSOCKETDATA, call);
  (void)set(curl, CURLOPT_SOCKOPTFUNCTION, NULL);
  (void)set(curl, CURLOPT_CLOSESOCKETFUNCTION, NULL);
  (void)set(curl, CURLOPT_FRESH_CONNECT, 1L);
  (void)set(curl, CURLOPT_FORBID_REUSE, 1L);
  /* a Unix socket is of no version of IP, nor for QUIC */
  (void)set(curl, CURLOPT_IPRESOLVE, (long)CURL_IPRESOLVE_WHATEVER);
  (void)set(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  /* 8.22 sends as much at once, and a datagram has its limits: socket(7),
     SO_SNDBUF */
  if (call->handle->shadow.socket.buffer > UPLOAD_BUFFER)
    (void)set(curl, CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BUFFER);
}

/* libcurl may be allowed to speak https alone. */
static void allow_http(const struct call *call) {
  const struct text_option *own =
      &call->handle->shadow.texts.at[TEXT_PROTOCOLS];

  if (own->option == CURLOPT_PROTOCOLS)
    (void)setter_of(call)(call->handle->curl, CURLOPT_PROTOCOLS,
                          (long)CURLPROTO_HTTP);
  else if (own->option)
    (void)setter_of(call)(call->handle->curl, CURLOPT_PROTOCOLS_STR, "http");
}

void options_fault_disguise(struct call *call, const char *url) {
  CURL *curl = call->handle->curl;
  setter set = setter_of(call);

  call->overrides.has_url = true;
  if (call->handle->shadow.url_handle)
    (void)set(curl, CURLOPT_CURLU, NULL);
  (void)set(curl, CURLOPT_URL, url);
  allow_http(call);
}

void options_fault_late(struct call *call, int64_t late_ms) {
  const struct attempt_options *own = &call->handle->shadow.attempt;
  int64_t left = own->timeout_ms - late_ms;
  setter set = setter_of(call);

  call->overrides.has_attempt = true;
  /* it is no fault's: its connection is a usual one */
  (void)set(call->handle->curl, CURLOPT_FRESH_CONNECT, own->fresh_connect);
  (void)set(call->handle->curl, CURLOPT_FORBID_REUSE, own->forbid_reuse);
  options_read_no_hsts(call);
  if (own->timeout_ms > 0)
    (void)set(call->handle->curl, CURLOPT_TIMEOUT_MS,
              left > 0 ? (long)left : 1L);
}

static void give_back_url(const struct call *call, CURL *curl) {
  const struct shadow *shadow = &call->handle->shadow;
  const struct text_option *protocols = &shadow->texts.at[TEXT_PROTOCOLS];
  setter set = setter_of(call);

  (void)set(curl, CURLOPT_URL,
            shadow->url_scheme == URL_NONE ? NULL : shadow->url);
  if (shadow->url_handle)
    (void)set(curl, CURLOPT_CURLU, shadow->url_handle);
  if (protocols->option == CURLOPT_PROTOCOLS)
    (void)set(curl, CURLOPT_PROTOCOLS, shadow->socket.protocol_bits);
  else if (protocols->option)
    (void)set(curl, CURLOPT_PROTOCOLS_STR, protocols->text);
}

void options_fault_give_back(const struct call *call, CURL *curl) {
  const struct socket_options *own = &call->handle->shadow.socket;
  const struct text_option *path = &call->handle->shadow.texts.at[TEXT_SOCKET];
  setter set = setter_of(call);

  if (!call->overrides.has_socket)
    return;
  (void)set(curl,
            path->option == CURLOPT_ABSTRACT_UNIX_SOCKET
                ? CURLOPT_ABSTRACT_UNIX_SOCKET
                : CURLOPT_UNIX_SOCKET_PATH,
            path->text);
  options_opener_give_back(call, curl);
  (void)set(curl, CURLOPT_SOCKOPTFUNCTION, own->tune);
  (void)set(curl, CURLOPT_CLOSESOCKETFUNCTION, own->close);
  (void)set(curl, CURLOPT_HTTP_VERSION, own->http_version);
  (void)set(curl, CURLOPT_IPRESOLVE, own->ip_version);
  if (own->buffer)
    (void)set(curl, CURLOPT_UPLOAD_BUFFERSIZE, own->buffer);
  if (call->overrides.has_url)
    give_back_url(call, curl);
}

void options_fault_lift(struct call *call) {
  options_fault_give_back(call, call->handle->curl);
  call->overrides.has_socket = false;
  if (call->overrides.has_opener)
    options_opener_take(call);
  call->overrides.has_url = false;
}
