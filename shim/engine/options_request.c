#include "engine/options_request.h"

#include "engine/options_set.h"

#define FORM_LOST_VERSION 0x080300 /* 8.3.0 */
#define FORM_KEPT_VERSION 0x080700 /* 8.7.0 */

/* 7.88 forgets UPLOAD at a 303 to a PUT, and then sends a PUT of unknown size
 * without a byte; the Referer that AUTOREFERER made would go with the first
 * request, too (lib/transfer.c, Curl_follow). */
static void remember_first(const struct call *call) {
  const struct shadow *shadow = &call->handle->shadow;
  CURL *curl = call->handle->curl;

  if (shadow->request == REQUEST_PUT)
    (void)setter_of(call)(curl, CURLOPT_UPLOAD, 1L);
  if (shadow->makes_referer)
    (void)setter_of(call)(curl, CURLOPT_REFERER,
                          shadow->texts.at[TEXT_REFERER].text);
}

/* libcurl 8.3 to 8.6 lose a form whose POST became a GET by a redirect, and
 * crash when it is repeated (lib/http.c, Curl_http_body()). Set anew it is
 * converted anew. */
static void remember_form(const struct call *call) {
  const struct handle *handle = call->handle;

  if (handle->shadow.request == REQUEST_FORM && handle->shadow.form &&
      handle->library->version >= FORM_LOST_VERSION &&
      handle->library->version < FORM_KEPT_VERSION)
    (void)setter_of(call)(handle->curl, CURLOPT_HTTPPOST, handle->shadow.form);
}

void options_request_again(const struct call *call) {
  remember_first(call);
  remember_form(call);
}
