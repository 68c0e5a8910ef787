/* Source: CURLOPT_OPENSOCKETFUNCTION(3). */
#include "engine/options_opener.h"

#include "engine/options_set.h"

void options_opener_take(struct call *call) {
  CURL *curl = call->handle->curl;
  setter set = setter_of(call);

  if (!call->handle->shadow.socket.open)
    return;
  call->overrides.has_opener = true;
  (void)set(curl, CURLOPT_OPENSOCKETFUNCTION, call->ours.socket);
  (void)set(curl, CURLOPT_OPENSOCKETDATA, call);
}

bool options_opener_holds(const struct call *call, CURLoption option) {
  return call->overrides.has_opener && (option == CURLOPT_OPENSOCKETFUNCTION ||
                                        option == CURLOPT_OPENSOCKETDATA);
}

void options_opener_give_back(const struct call *call, CURL *curl) {
  const struct socket_options *own = &call->handle->shadow.socket;

  (void)setter_of(call)(curl, CURLOPT_OPENSOCKETFUNCTION, own->open);
  (void)setter_of(call)(curl, CURLOPT_OPENSOCKETDATA, own->open_data);
}
