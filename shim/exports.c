/* The interposed functions: take the row or the caller's library, decide,
 * forward. Thin on purpose. Each is entered from foreign code, so none may
 * assume anything: an unknown handle is passed through to the libcurl its
 * caller would have reached without us. */
#include "attempt.h"
#include "call.h"

#include <errno.h>
#include <stdarg.h>

#define EXPORT __attribute__((visibility("default")))
#define CALLER __builtin_return_address(0)

/* libcurl calling itself through its own PLT, or code we can't place: no row
 * is made. */
static void adopt(CURL *curl, const struct library *library,
                  const void *caller) {
  int saved = errno;

  if (curl && !library_contains(library, caller))
    (void)handle_add(curl, library);
  errno = saved;
}

EXPORT CURL *curl_easy_init(void) {
  const struct library *library = library_of_caller(CALLER);
  CURL *curl;

  if (!library)
    return NULL;
  curl = library->easy_init();
  adopt(curl, library, CALLER);
  return curl;
}

EXPORT void curl_easy_cleanup(CURL *curl) {
  struct handle *handle = handle_find(curl);
  const struct library *library =
      handle ? handle->library : library_of_caller(CALLER);

  if (!library)
    return;
  if (handle && !call_is_nested(handle, __builtin_frame_address(0)))
    handle_remove(curl);
  library->easy_cleanup(curl);
}

EXPORT void curl_easy_reset(CURL *curl) {
  struct handle *handle = handle_find(curl);
  const struct library *library =
      handle ? handle->library : library_of_caller(CALLER);

  if (!library)
    return;
  library->easy_reset(curl);
  if (!handle)
    return;
  shadow_reset(&handle->shadow);
  handle->has_past_info = false;
  if (handle->is_in_call)
    handle->call->is_abandoned = true;
}

EXPORT CURL *curl_easy_duphandle(CURL *curl) {
  struct handle *handle = handle_find(curl);
  const struct library *library =
      handle ? handle->library : library_of_caller(CALLER);
  CURL *copy = library ? library->easy_duphandle(curl) : NULL;
  struct handle *row;
  int saved = errno;

  if (!handle || !copy || library_contains(library, CALLER))
    return copy;
  row = handle_add(copy, library);
  if (handle->is_in_call) /* libcurl copied our callbacks */
    attempt_give_back(handle->call, copy);
  if (row && !shadow_copy(&row->shadow, &handle->shadow))
    handle_remove(copy);
  errno = saved;
  return copy;
}

/* One argument, read and forwarded by the option's class (lib/setopt.c). */
static CURLcode forward(const struct library *library, CURL *curl,
                        CURLoption option, const union option_value *value) {
  switch ((int)option / 10000) {
  case 0:
    return library->easy_setopt(curl, option, value->number);
  case 2:
    return library->easy_setopt(curl, option, value->function);
  case 3:
    return library->easy_setopt(curl, option, value->offset);
  default:
    return library->easy_setopt(curl, option, value->pointer);
  }
}

EXPORT CURLcode curl_easy_setopt(CURL *curl, CURLoption option, ...) {
  struct handle *handle = handle_find(curl);
  const struct library *library =
      handle ? handle->library : library_of_caller(CALLER);
  union option_value value;
  CURLcode code;
  va_list list;

  va_start(list, option);
  switch ((int)option / 10000) {
  case 0:
    value.number = va_arg(list, long);
    break;
  case 2:
    value.function = va_arg(list, void (*)(void));
    break;
  case 3:
    value.offset = va_arg(list, curl_off_t);
    break;
  default:
    value.pointer = va_arg(list, void *);
    break;
  }
  va_end(list);
  if (!library)
    return CURLE_FAILED_INIT;
  if (handle && handle->is_in_call && attempt_holds(handle->call, option)) {
    shadow_set(&handle->shadow, option, &value);
    return CURLE_OK;
  }
  code = forward(library, curl, option, &value);
  if (handle && code == CURLE_OK) {
    int saved = errno;
    shadow_set(&handle->shadow, option, &value);
    errno = saved;
  }
  return code;
}

EXPORT CURLcode curl_easy_getinfo(CURL *curl, CURLINFO id, ...) {
  struct handle *handle = handle_find(curl);
  const struct library *library =
      handle ? handle->library : library_of_caller(CALLER);
  void *answer;
  va_list list;

  va_start(list, id);
  answer = va_arg(list, void *);
  va_end(list);
  if (!library)
    return CURLE_FAILED_INIT;
  if (handle && answer && handle->call) {
    const struct call *call = handle->call;
    if (handle->is_in_call && call->view &&
        info_view_answer(call->view, id, answer))
      return CURLE_OK;
    if (handle->has_past_info && info_answer(&call->past, id, answer))
      return CURLE_OK;
  }
  return library->easy_getinfo(curl, id, answer);
}

EXPORT CURLcode curl_easy_pause(CURL *curl, int action) {
  struct handle *handle = handle_find(curl);
  const struct library *library =
      handle ? handle->library : library_of_caller(CALLER);

  if (!library)
    return CURLE_FAILED_INIT;
  if (handle && handle->is_in_call)
    return call_pause(handle->call, action);
  return library->easy_pause(curl, action);
}

EXPORT CURLcode curl_easy_perform(CURL *curl) {
  struct handle *handle = handle_find(curl);
  const struct library *library;

  if (handle)
    return call_perform(handle, __builtin_frame_address(0));
  library = library_of_caller(CALLER);
  return library ? library->easy_perform(curl) : CURLE_FAILED_INIT;
}
