/* Take the row or the library, decide, forward. Entered from foreign code, so
 * nothing is assumed: an unknown handle is passed through. errno is left as
 * the real function left it. */
#include "interpose/entry.h"

#include "engine/attempt.h"
#include "engine/call.h"

#include <errno.h>

/* The libcurl to forward to: the handle's, the stub's, the caller's; or what
 * the caller's scope has, put together in `borrowed`. */
static const struct library *library_for(const struct handle *handle,
                                         struct entrance from,
                                         struct library *borrowed) {
  const struct library *library;

  if (handle)
    return handle->library;
  library = from.library ? from.library : library_of_caller(from.caller);
  if (!library && library_borrow(from.caller, borrowed))
    library = borrowed;
  return library;
}

/* libcurl calling itself through its own PLT: no row is made. */
static bool is_libcurl(const struct library *library, struct entrance from) {
  return !from.library && library_contains(library, from.caller);
}

CURL *entry_init(struct entrance from) {
  struct library borrowed;
  const struct library *library = library_for(NULL, from, &borrowed);
  CURL *curl = library && library->easy_init ? library->easy_init() : NULL;
  int saved = errno;

  if (curl && library != &borrowed && !is_libcurl(library, from))
    (void)handle_add(curl, library);
  errno = saved;
  return curl;
}

/* 8.22 refuses a reset in a callback and can't say so: CURLOPT_PRIVATE is the
 * witness. Between attempts and while we hand over no callback of libcurl's
 * runs, so it would not refuse: we do. */
static bool reset_in_call(const struct handle *handle) {
  static char witness;
  const struct library *library = handle->library;
  char *own = NULL;
  char *now = NULL;

  if (handle->call->phase != PHASE_TRANSFER &&
      library->version >= LIBRARY_GUARDED)
    return false;
  (void)library->easy_getinfo(handle->curl, CURLINFO_PRIVATE, &own);
  (void)library->easy_setopt(handle->curl, CURLOPT_PRIVATE, &witness);
  library->easy_reset(handle->curl);
  (void)library->easy_getinfo(handle->curl, CURLINFO_PRIVATE, &now);
  if (now != &witness)
    return true;
  (void)library->easy_setopt(handle->curl, CURLOPT_PRIVATE, own);
  return false;
}

void entry_cleanup(struct entrance from, CURL *curl) {
  struct handle *handle = handle_find(curl);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);

  if (!library || !library->easy_cleanup)
    return;
  if (handle && call_is_nested(handle, __builtin_frame_address(0))) {
    /* libcurl's own answer where it is on the stack (8.22 refuses); else it
       would free the handle under us */
    if (handle->call->phase == PHASE_TRANSFER)
      library->easy_cleanup(curl);
    return;
  }
  /* before it is freed: another thread may get the address at once */
  if (handle)
    handle_remove(curl);
  library->easy_cleanup(curl);
}

void entry_reset(struct entrance from, CURL *curl) {
  struct handle *handle = handle_find(curl);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);

  if (!library || !library->easy_reset)
    return;
  if (handle && call_is_nested(handle, __builtin_frame_address(0))) {
    if (!reset_in_call(handle))
      return;
  } else {
    library->easy_reset(curl);
  }
  if (!handle)
    return;
  shadow_reset(&handle->shadow);
  handle->has_past_info = false;
  handle->has_resumed_info = false;
  if (handle->is_in_call)
    handle->call->is_abandoned = true;
}

CURL *entry_duphandle(struct entrance from, CURL *curl) {
  struct handle *handle = handle_find(curl);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);
  CURL *copy = library && library->easy_duphandle
                   ? library->easy_duphandle(curl)
                   : NULL;
  struct handle *row;
  int saved = errno;

  if (!handle || !copy || is_libcurl(library, from))
    return copy;
  row = handle_add(copy, library);
  if (handle->is_in_call) /* libcurl copied our callbacks */
    attempt_give_back(handle->call, copy);
  if (row && !shadow_copy(&row->shadow, &handle->shadow))
    handle_remove(copy);
  errno = saved;
  return copy;
}

/* The argument as it was read: a curl_off_t is no word on 32 bits. */
static CURLcode forward(const struct library *library, CURL *curl,
                        CURLoption option, union option_value value) {
  if (sizeof(value.pointer) < sizeof(value.offset) &&
      (int)option / 10000 == OPTION_OFFSET)
    return library->easy_setopt(curl, option, value.offset);
  return library->easy_setopt(curl, option, value.pointer);
}

/* A handle we never saw being made. */
__attribute__((noinline)) static CURLcode
setopt_elsewhere(struct entrance from, CURL *curl, CURLoption option,
                 union option_value value) {
  struct library borrowed;
  const struct library *library = library_for(NULL, from, &borrowed);

  if (!library || !library->easy_setopt)
    return CURLE_FAILED_INIT;
  return forward(library, curl, option, value);
}

CURLcode entry_setopt(struct entrance from, CURL *curl, CURLoption option,
                      union option_value value) {
  struct handle *handle = handle_find(curl);
  CURLcode code;

  if (!handle)
    return setopt_elsewhere(from, curl, option, value);
  if (handle->is_in_call && attempt_holds(handle->call, option)) {
    shadow_set(&handle->shadow, option, &value);
    attempt_changed(handle->call, option);
    return CURLE_OK;
  }
  code = forward(handle->library, curl, option, value);
  if (code == CURLE_OK)
    shadow_set(&handle->shadow, option, &value);
  return code;
}

CURLcode entry_getinfo(struct entrance from, CURL *curl, CURLINFO id,
                       void *answer) {
  struct handle *handle = handle_find(curl);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);

  if (!library || !library->easy_getinfo)
    return CURLE_FAILED_INIT;
  if (handle && answer && handle->call && call_answers(handle, id, answer))
    return CURLE_OK;
  return library->easy_getinfo(curl, id, answer);
}

CURLHcode entry_header(struct entrance from, CURL *curl, const char *name,
                       size_t index, unsigned origin, int request,
                       struct curl_header **found) {
  struct handle *handle = handle_find(curl);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);
  struct headers *captured =
      handle && handle->call ? call_headers(handle) : NULL;

  if (!library || !library->easy_header)
    return CURLHE_NOT_BUILT_IN;
  if (captured)
    return (CURLHcode)headers_find(captured, name, index, origin, request,
                                   found);
  return library->easy_header(curl, name, index, origin, request, found);
}

struct curl_header *entry_nextheader(struct entrance from, CURL *curl,
                                     unsigned origin, int request,
                                     struct curl_header *previous) {
  struct handle *handle = handle_find(curl);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);
  struct headers *captured =
      handle && handle->call ? call_headers(handle) : NULL;

  if (!library || !library->easy_nextheader)
    return NULL;
  if (captured)
    return headers_next(captured, origin, request, previous);
  return library->easy_nextheader(curl, origin, request, previous);
}

CURLcode entry_pause(struct entrance from, CURL *curl, int action) {
  struct handle *handle = handle_find(curl);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);

  if (!library || !library->easy_pause)
    return CURLE_FAILED_INIT;
  if (handle && handle->is_in_call)
    return call_pause(handle->call, action);
  return library->easy_pause(curl, action);
}

CURLcode entry_perform(struct entrance from, CURL *curl, const void *frame) {
  struct handle *handle = handle_find(curl);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);

  if (!library || !library->easy_perform)
    return CURLE_FAILED_INIT;
  return handle ? call_perform(handle, frame) : library->easy_perform(curl);
}

/* The multi interface is passed through; a handle that a longjmp left in a
 * call must not bring our callbacks along. */
CURLMcode entry_multi_add_handle(struct entrance from, CURLM *multi,
                                 CURL *curl, const void *frame) {
  struct handle *handle = handle_find(curl);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);

  if (!library || !library->multi_add_handle)
    return CURLM_INTERNAL_ERROR;
  if (handle)
    call_release(handle, frame);
  if (handle && !handle->is_in_call) {
    handle->has_past_info = false;
    handle->has_resumed_info = false;
  }
  return library->multi_add_handle(multi, curl);
}
