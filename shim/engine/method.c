#include "engine/method.h"

#include "engine/getinfo.h"

#include <string.h>

const char *method_of(const struct call *call) {
  return call->method[0] ? call->method
                         : getinfo_text(call, CURLINFO_EFFECTIVE_METHOD);
}

static void set_method(struct call *call, const char *method) {
  if (method && strlen(method) < sizeof(call->method))
    memcpy(call->method, method, strlen(method) + 1);
}

/* As libcurl will say, where it's the program that leaves it to libcurl. */
static void take_method(struct call *call) {
  static const char methods[][5] = {[REQUEST_GET] = "GET",
                                    [REQUEST_HEAD] = "HEAD",
                                    [REQUEST_POST] = "POST",
                                    [REQUEST_FORM] = "POST",
                                    [REQUEST_PUT] = "PUT"};

  memcpy(call->method, methods[call->handle->shadow.request],
         sizeof(methods[0]));
}

/* Most calls are a plain GET, for which libcurl needn't be asked. */
void method_note(struct call *call) {
  const struct shadow *shadow = &call->handle->shadow;

  if (call->method[0])
    return;
  if (shadow->request == REQUEST_GET && !shadow->has_custom_request)
    take_method(call);
  else
    set_method(call, getinfo_text(call, CURLINFO_EFFECTIVE_METHOD));
}

/* A method of the program's own is known since 7.72
 * (CURLINFO_EFFECTIVE_METHOD). */
void method_guess(struct call *call) {
  if (call->handle->shadow.has_custom_request)
    method_note(call);
  else
    take_method(call);
}
